/** Evidence in the terms that the indicators use. Undefined means unknown. */
import type { Evidence, ReportProtocol } from '../../../schema/diagnosis.ts'
import type { ByProtocol } from '../report.ts'

export type Facts = {
  /** The caller's statements, in lower case. */
  raw: Evidence
  password: boolean | undefined
  appOnly: boolean | undefined
  personal: boolean | undefined
  shared: boolean | undefined
  /** True if the mailbox has a team's name and another account signed in. */
  teamName: boolean
  workedBefore: boolean | undefined
  intermittent: boolean | undefined
  otherProtocol: 'ok' | 'failed' | undefined
  tokenExpired: boolean | undefined
  /** The resource the token is for, by its audience. */
  audience: Resource | undefined
  /** True if the token has the permission of the report's protocol; undefined if that is unknown. */
  tokenCovers: boolean | undefined
  /** Resources of the requested scopes, without those of the sign-in itself. */
  asked: ReadonlySet<Resource> | undefined
  askedCovers: boolean | undefined
  askedOffline: boolean | undefined
  /** True if the account that signed in is the mailbox; undefined if that is unknown. */
  sameAccount: boolean | undefined
  tenant: 'common' | 'organizations' | 'consumers' | 'one' | undefined
}

export type Resource = 'exchange' | 'graph' | 'other' | 'default'

const EXCHANGE =
  /(?:outlook\.office(?:365)?\.(?:com|us)|ps\.outlook\.com|outlook-dod\.office365\.us|webmail\.apps\.mil|partner\.outlook\.cn|00000002-0000-0ff1-ce00-000000000000)/
const GRAPH =
  /graph\.microsoft|microsoftgraph\.|graph\.windows|00000003-0000-0000-c000-000000000000/
const MAIL_PROTOCOL = /imap|pop\.|smtp|full_access|ews\./
/** Names of Graph permissions, which a token for mail logins has no use for. */
const GRAPH_NAME = /^(?:user|mail|calendars|contacts|files|people|directory|group|sites)\./
const SIGN_IN = /^(?:offline_access|openid|profile|email)$/
const CONSUMER = /@(?:outlook|hotmail|live|msn|passport)\.[a-z.]{2,6}$/
/** Programs whose only way to log in is OAuth. */
const OAUTH_ONLY = /oauth|oama|pizauth|\bo?365-imap/

export function factsFrom(evidence: Evidence, protocol: ReportProtocol, text: string): Facts {
  const raw = Object.fromEntries(
    Object.entries(evidence).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.trim().toLowerCase() : value,
    ]),
  ) as Evidence
  const scopes = wordsOf(raw.token_scopes)
  const asked = wordsOf(raw.requested_scope)
  return {
    raw,
    password: usesPassword(raw) ?? passwordIn(text),
    appOnly: isAppOnly(raw),
    personal: isPersonal(raw) ?? personalIn(text),
    shared: raw.shared_mailbox,
    teamName: isTeamMailbox(raw),
    workedBefore: raw.worked_before,
    intermittent: raw.intermittent,
    otherProtocol: raw.other_protocol,
    tokenExpired: raw.token_expired,
    audience: raw.token_audience ? resourceOf(raw.token_audience) : audienceOfScopes(scopes),
    tokenCovers: tokenCovers(raw, scopes, protocol),
    asked: asked && new Set(asked.filter((scope) => !SIGN_IN.test(scope)).map(resourceOf)),
    askedCovers: asked && covers(asked, protocol),
    askedOffline: asked?.includes('offline_access'),
    sameAccount: sameAccount(raw),
    tenant: tenantOf(raw.tenant),
  }
}

const wordsOf = (text: string | undefined) => text?.split(/[\s,]+/).filter((word) => word !== '')

/** Returns the resource of a scope. A bare scope name requests Microsoft Graph. */
function resourceOf(scope: string): Resource {
  if (EXCHANGE.test(scope)) return 'exchange'
  if (GRAPH.test(scope)) return 'graph'
  if (scope === '.default') return 'default'
  return /[:/]/.test(scope) ? 'other' : 'graph'
}

/**
 * Returns undefined if the scopes do not show it, as bare names of mail permissions do not, since a token lists its
 * scopes without their resource.
 */
function audienceOfScopes(scopes: string[] | undefined): Resource | undefined {
  if (scopes?.some((scope) => /^https?:/.test(scope) && EXCHANGE.test(scope))) return 'exchange'
  if (scopes?.some((scope) => GRAPH.test(scope))) return 'graph'
  const mail = scopes?.some((scope) => MAIL_PROTOCOL.test(scope))
  return mail === false && scopes?.some((scope) => GRAPH_NAME.test(scope)) ? 'graph' : undefined
}

const PERMISSION: ByProtocol<RegExp> = {
  imap: /imap\.accessas(?:user\.all|app)$|full_access_as_app$/,
  smtp: /smtp\.send(?:asapp)?$/,
  graph: /(?:^|\/)mail\.send(?:\.shared)?$/,
}

function covers(scopes: string[], protocol: ReportProtocol): boolean | undefined {
  const permission = PERMISSION[protocol]
  if (!permission || scopes.length === 0) return undefined
  if (scopes.every((scope) => scope.endsWith('.default'))) return undefined
  return scopes.some((scope) => permission.test(scope))
}

/**
 * Returns true if the token has the permission; undefined if that is unknown. Empty scopes mean an app's token without
 * any role.
 */
function tokenCovers(raw: Evidence, scopes: string[] | undefined, protocol: ReportProtocol) {
  if (scopes?.length === 0) return isAppOnly(raw) === true ? false : undefined
  return scopes && covers(scopes, protocol)
}

function usesPassword({ mechanism, library, flow, requested_scope, token_scopes }: Evidence) {
  if (mechanism) {
    if (/xoauth|bearer|oauth/.test(mechanism)) return false
    if (/login|plain|cram|digest|ntlm|password|basic/.test(mechanism)) return true
  }
  if (flow || requested_scope || token_scopes) return false
  return library && OAUTH_ONLY.test(library) ? false : undefined
}

/** Looks at what the client sent according to a log, not at what the server offered. */
function passwordIn(text: string): boolean | undefined {
  if (/\bauth(?:enticate)? xoauth2|saslmechanismoauth2/.test(text)) return false
  const sent =
    /\bauthenticate (?:plain|login)\b|\bretrying (?:plain|login) authentication\b|\b[a-z]{0,3}\d{1,8} login \S|password not accepted|\bimap_open\(/
  const sentToSmtp =
    /(?<!250[- ])\bauth (?:plain|login)\b(?! (?:plain |login )?(?:plain|login|xoauth2)\b)/
  return sent.test(text) || sentToSmtp.test(text) ? true : undefined
}

function isAppOnly({ flow, token_scopes }: Evidence): boolean | undefined {
  if (flow && /app|client.?cred|daemon/.test(flow)) return true
  if (flow) return false
  if (token_scopes && /asapp\b/.test(token_scopes)) return true
  return token_scopes && /asuser/.test(token_scopes) ? false : undefined
}

function isPersonal({ account_type, host, username, tenant }: Evidence): boolean | undefined {
  if (account_type && /personal|consumer|msa|home/.test(account_type)) return true
  if (account_type && /work|school|org|business|entra/.test(account_type)) return false
  if (host?.includes('smtp-mail.outlook') || tenant === 'consumers') return true
  return username && CONSUMER.test(username) ? true : undefined
}

/** Detects a login at Outlook.com by Exchange's reply. */
const personalIn = (text: string): true | undefined =>
  /\bsendasdenied; \S{1,200}@(?:outlook|hotmail|live|msn)\.[a-z.]{2,6} not allowed/.test(text) ||
  undefined

function sameAccount({ username, signed_in_as }: Evidence): boolean | undefined {
  if (!username?.includes('@') || !signed_in_as?.includes('@')) return undefined
  return username === signed_in_as
}

const TEAM =
  /^(?:support|help|helpdesk|service|servicedesk|info|contact|sales|office|team|hello|billing|invoices?|accounts|accounting|orders?|jobs|careers|hr|press|marketing|noreply|no-reply|shared|tickets?|mail|post|it)[-._@]/

function isTeamMailbox({ username, signed_in_as }: Evidence): boolean {
  if (!username || !signed_in_as || username === signed_in_as) return false
  return TEAM.test(username) && !/^(?:global|tenant)?admin/.test(signed_in_as)
}

function tenantOf(tenant: string | undefined): Facts['tenant'] {
  if (!tenant) return undefined
  const name = /\b(common|organizations|consumers)\b/.exec(tenant)?.[1]
  return (name as Facts['tenant']) ?? 'one'
}
