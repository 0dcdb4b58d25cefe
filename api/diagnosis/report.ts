/**
 * The input of a diagnosis: the text of a failure, facts that were already read from it, and evidence.
 * Only `error` is required; everything missing counts as unknown.
 */
import type { Evidence, ReportProtocol, Stage } from '../../schema/diagnosis.ts'
import type { FailureFacts, GraphFacts } from '../../schema/failure.ts'
import type { MailProtocol, Protocol } from '../../schema/mail-servers.ts'
import type { ProbeFailure, StepName } from '../../schema/probe.ts'

/** A table with a row for each mail protocol and, if needed, for the other kinds of report. */
export type ByProtocol<Value> = Record<MailProtocol, Value> & Partial<Record<ReportProtocol, Value>>

/** Kind of a failure that is known without reading any text. */
export type FailureKind =
  | ProbeFailure['kind']
  /** Login host: no connection, a malformed response, an OAuth error response. */
  | 'unreachable'
  | 'malformed'
  | 'refused'
  /** A sign-in page was opened and nothing came back from it. */
  | 'no_return'
  | 'account_mismatch'
  | 'no_refresh_token'
  | 'no_mail_scope'
  /** The id_token is missing or does not fit the request. */
  | 'identity_not_proven'
  /** The id_token has expired or is not yet valid when it arrives. */
  | 'clock_wrong'
  | 'token_damaged'
  | 'checker_unavailable'

/** Facts that Mailgrant observed. They need no error text. Null means the same as absent. */
export type ObservedFacts = {
  aadsts?: number | null
  oauth_error?: string | null
  suberror?: string | null
  smtp_enhanced?: string | null
  imap_response_code?: string | null
  node_code?: string | null
  login_host?: string | null
  response?: FailureFacts['response'] | null
  challenge?: string | null
  certificate_issuer?: string | null
  kind?: FailureKind | null
  /** Result of a login with the same token under the name of the user who signed in. */
  delegate_login?: 'ok' | 'failed' | null
  /** True for a refusal that was seen once so far. It counts if the same token is refused again. */
  unconfirmed?: boolean
  /** True if the same app's own token opened another mailbox of the same organisation. */
  app_works?: boolean | null
}

export type Report = {
  /** Found in the text if left out. */
  protocol?: ReportProtocol | undefined
  stage?: Stage | undefined
  error: string
  evidence?: Evidence | undefined
  facts?: ObservedFacts | undefined
}

const stageOf: Record<StepName, Stage> = {
  dns: 'dns',
  connect: 'connect',
  tls: 'tls',
  greeting: 'greeting',
  authenticate: 'auth',
  mailbox: 'select',
  permission: 'send',
  send: 'send',
}

/** Returns the protocol of a report about an email account with this protocol. */
export const reportProtocolOf = (protocol: Protocol): ReportProtocol =>
  protocol === 'graph_send' ? 'graph' : protocol

/** Builds the report of a login that the checker made. */
export function probeFailureReport(
  protocol: ReportProtocol,
  failure: ProbeFailure,
  {
    evidence = {},
    appWorks = null,
    delegateLogin = null,
  }: {
    evidence?: Evidence
    appWorks?: boolean | null
    delegateLogin?: ObservedFacts['delegate_login']
  } = {},
): Report {
  return {
    protocol,
    stage: stageOf[failure.step],
    error: failure.reply ?? '',
    evidence,
    facts: {
      kind: failure.kind,
      node_code: failure.code,
      smtp_enhanced: failure.smtp_enhanced,
      imap_response_code: failure.imap_response_code,
      challenge: failure.challenge,
      certificate_issuer: failure.certificate_issuer,
      delegate_login: delegateLogin,
      app_works: appWorks,
    },
  }
}

/** Builds the report of a Graph request that failed or got no response. */
export function graphFailureReport(
  facts: GraphFacts,
  { evidence = {}, appWorks = null }: { evidence?: Evidence; appWorks?: boolean | null } = {},
): Report {
  const { status, code, message, reason } = facts
  return {
    protocol: 'graph',
    stage: stageOfGraph(status),
    error: status === null ? '' : `HTTP ${status} ${code ?? ''}: ${message ?? ''}`,
    evidence,
    facts: {
      kind: kindOfGraph(facts),
      node_code: reason === 'timeout' ? null : reason,
      app_works: appWorks,
    },
  }
}

function stageOfGraph(status: number | null): Stage {
  if (status === null) return 'connect'
  return status === 401 ? 'auth' : 'send'
}

function kindOfGraph({ status, code, reason }: GraphFacts): FailureKind {
  if (status === null) return reason === 'timeout' ? 'timeout' : 'unreachable'
  if (status === 429) return 'throttled'
  if (status >= 500) return 'unavailable'
  // Graph leaves out the body of a 401 only.
  return code === null && status !== 401 ? 'malformed' : 'refused'
}
