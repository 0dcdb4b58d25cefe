/** Values for fixes, taken from the report itself. The caller's values take precedence. */
import type { MalformedResponse } from '../../../schema/failure.ts'
import {
  Cloud,
  defaultMailServer,
  MailProtocol,
  microsoftMailServers,
  normalHost,
} from '../../../schema/mail-servers.ts'
import type { FixValues } from '../render-template.ts'
import type { Report } from '../report.ts'
import type { ParsedReport } from './parse-report.ts'

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const REDIRECT = /(?:redirect|reply) (?:uri|url|address)[^'"`]{0,20}['"`]([^'"`\s]{8,500})['"`]/i
const APPLICATION = new RegExp(
  `(?:application|app|client)(?: with)?(?: id(?:entifier)?)?[^a-z0-9]{1,4}(${GUID})`,
  'i',
)
/** Exchange: `SendAsDenied; jane@contoso.com not allowed to send as info@contoso.com`. */
const SEND_AS = /sendasdenied; (\S{3,250}) not allowed to send as ([^\s;,]{3,250})/i
/** Microsoft Graph: the path of a call, and `The requested user 'info@contoso.com' is invalid.` */
const GRAPH_USER = /(?:\/v1\.0\/users\/|requested user ')([^\s/'"@]{1,64}@[^\s/'"@]{3,250})/i
/** `host:465`, and the words of programs: `host: mail.example.org, port: 465`. */
const SERVER =
  /\b((?:[a-z0-9-]{1,63}\.){1,8}[a-z0-9]{1,24})(?::|['"]?,? port[ :=]{1,3})(25|143|465|587|993|995)\b/i
const UNRESOLVED =
  /(?:enotfound|eai_again|\blookup|could not be resolved:) ?'?((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})\b/i
const CORRELATION = new RegExp(`correlation[ _-]?id\\W{1,6}(${GUID})`, 'i')
const TIME = /timestamp\W{1,6}(\d{4}-\d\d-\d\d[ t]\d\d:\d\d:\d\d(?:\.\d{1,9})?z?)/i
/** Entra: `must contain the following parameter: 'scope'`, `The required field 'scope' is missing`. */
const MISSING_PARAMETER =
  /(?:must contain the following parameter: ?|required field )'([\w.]{2,60})'/i
/** Entra: `Application with identifier '>1111' was not found in the directory 'Contoso'`. */
const NOT_FOUND_IN = /identifier '([^']{2,80})' was not found in the directory '([^']{2,80})'/i
/** Programs: `with username "anna@contoso.com"`. */
const USER_NAME = /\busername[ :="']{1,3}([^\s@"'<>]{1,64}@[^\s@"'<>]{3,250})/i
/** Exchange's response to a password, which reads like an outage. */
const MISLEADING_REPLY = /\bserver unavailable\. 15\b/i
/** Entra: `msaredir=1 is only supported on the common tenant`. */
const ONLY_AT =
  /(?:(?<![\w=.-])([\w=.-]{2,40}) is )?\bonly supported on the \/?(common|consumers|organizations) (?:tenant|endpoint)/i
/** Name of a program that can stand in a sentence. */
const PROGRAM_NAME = /^[a-z][\w.+-]{1,30}(?: [\w.+-]{1,20})?$/i
/** Placeholder in Microsoft's documents and in anonymised reports. */
const ZERO_GUID = /^[0-]+$/

/** Returns the client ID that a text names, if any. */
export function clientIdIn(error: string): string | undefined {
  const clientId = APPLICATION.exec(error.slice(0, 8192))?.[1]
  return clientId && !ZERO_GUID.test(clientId) ? clientId : undefined
}

export function valuesIn({ error, evidence = {}, facts }: Report, parsed: ParsedReport): FixValues {
  const text = error.slice(0, 8192)
  // A server that the caller states is the one that was meant, whatever the text connects to.
  const server = evidence.host === undefined ? SERVER.exec(text) : null
  const sendAs = SEND_AS.exec(text)
  const redirectUri = REDIRECT.exec(text)?.[1]
  const host = evidence.host?.trim() ?? server?.[1] ?? UNRESOLVED.exec(text)?.[1]
  const [, limitedParameter, onlyAt] = ONLY_AT.exec(text) ?? []
  const [, sentClientId, directory] = NOT_FOUND_IN.exec(text) ?? []
  return {
    mailbox: evidence.username?.includes('@')
      ? evidence.username
      : (GRAPH_USER.exec(text) ?? USER_NAME.exec(text))?.[1],
    signedInAs: evidence.signed_in_as ?? sendAs?.[1],
    from: sendAs?.[2],
    tenant: evidence.tenant,
    directory,
    sentClientId,
    misleadingReply: MISLEADING_REPLY.exec(text)?.[0],
    onlyAt: onlyAt?.toLowerCase(),
    limitedParameter,
    program: PROGRAM_NAME.exec(evidence.library?.trim() ?? '')?.[0],
    outgoingHost: host && /imap/i.test(host) ? host.replace(/imap/i, 'smtp') : undefined,
    host,
    mailHosts: mailHostsOf(host),
    port: evidence.port ?? (server ? Number(server[2]) : undefined),
    clientId: clientIdIn(error),
    ...(facts?.login_host && { login: `https://${facts.login_host}` }),
    networkCode: facts?.node_code === 'unknown' ? undefined : (facts?.node_code ?? undefined),
    received: facts?.response ? describeReceived(facts.response) : undefined,
    redirectUri: redirectUri && URL.canParse(redirectUri) ? redirectUri : undefined,
    aadsts: parsed.codes.at(-1)?.toString(),
    missingParameter: MISSING_PARAMETER.exec(text)?.[1],
    microsoftPart: partOf(parsed),
    correlationId: CORRELATION.exec(text)?.[1],
    errorTime: TIME.exec(text)?.[1],
  }
}

const RECEIVED: Partial<Record<MalformedResponse, string>> = {
  redirect: 'a redirect',
  content_type: 'not JSON',
  too_large: 'too large',
  truncated: 'cut off',
  empty: 'empty',
  not_json: 'invalid JSON',
  not_an_object: 'invalid JSON',
  no_error_code: 'JSON without an error code',
}

const describeReceived = ({ status, defect }: { status: number; defect: MalformedResponse }) =>
  `status ${status}, ${RECEIVED[defect] ?? `JSON without a valid ${defect}`}`

/** Returns the servers of the national cloud to which a host belongs, so that no advice contains the global ones. */
function mailHostsOf(host: string | undefined): FixValues['mailHosts'] {
  const name = normalHost(host ?? '')
  const cloud = Cloud.options.find((each) =>
    MailProtocol.options.some((protocol) =>
      microsoftMailServers[each][protocol].some((server) => server.host === name),
    ),
  )
  if (cloud === undefined || cloud === 'global') return undefined
  return {
    imap: defaultMailServer(cloud, 'imap', 'work').host,
    smtp: defaultMailServer(cloud, 'smtp', 'work').host,
  }
}

/** Returns the part of Microsoft's sign-in that responded: as the caller states it, else as it is read. */
function partOf({ protocol, stage, source }: ParsedReport): string | undefined {
  if (protocol === 'authorize') {
    return stage === undefined || stage === 'authorize' || stage === 'callback'
      ? 'sign-in page'
      : 'token endpoint'
  }
  if (protocol === 'token' || source === 'token_endpoint') return 'token endpoint'
  return source === 'sign_in_page' ? 'sign-in page' : undefined
}
