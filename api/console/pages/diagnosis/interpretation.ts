/** Sentences about how an error was understood. Pure. */
import type {
  DiagnosisResult,
  Proof,
  ReportProtocol,
  Source,
  Stage,
} from '../../../../schema/diagnosis.ts'

const protocols: Record<ReportProtocol, string> = {
  imap: 'IMAP',
  smtp: 'SMTP',
  graph: 'Microsoft Graph',
  authorize: 'sign-in',
  token: 'token',
  network: 'network',
}

const stages: Record<Stage, string> = {
  dns: 'while the server name was looked up',
  connect: 'while connecting',
  tls: 'while encryption was set up',
  greeting: "at the server's greeting",
  auth: 'at the login',
  select: 'while opening the mailbox',
  send: 'while sending',
  authorize: 'on the sign-in page',
  callback: 'on the way back from the sign-in page',
  token_exchange: 'while the sign-in was exchanged for tokens',
  refresh: 'while the access token was refreshed',
  client_credentials: "while the app's own token was requested",
}

const sources: Record<Source, string> = {
  program: 'the program itself',
  system: 'the operating system',
  tls: 'the TLS library',
  other_server: "a server other than Microsoft's",
  mail_server: 'the mail server',
  graph: 'Microsoft Graph',
  sign_in_page: "Microsoft's sign-in page",
  token_endpoint: "Microsoft's token endpoint",
  callback: 'the web server of the redirect URI',
  summary: 'a program that does not give the reason',
}

/** Returns null if nothing was recognised. */
export function describeInterpretation({
  interpretation: { protocol, stage, source },
  excludes,
}: Pick<DiagnosisResult, 'interpretation' | 'excludes'>): string | null {
  if (!protocol && !stage && !source) return null
  const kind = protocol ? `${protocols[protocol]} error` : 'error'
  const parts = [kind, stage && stages[stage], source && `reported by ${sources[source]}`]
  const read = `Read as: ${parts.filter((part) => part !== null).join(', ')}.`
  return excludes === null ? read : `${read} ${excludes}`
}

/** Returns what makes the cause certain, with its author. */
export function describeProof(proof: Proof): string {
  const author = proof.source === 'mailgrant' ? 'Mailgrant' : sources[proof.source]
  return 'text' in proof ? `Proof: "${proof.text}" (${author})` : `Proof: ${proof.fact}`
}
