/** The parts of an error report in words: to choose from, and in the sentence about how it was understood. Pure. */
import type {
  DiagnosisResult,
  Proof,
  ReportProtocol,
  Source,
  Stage,
} from '../../../../schema/diagnosis.ts'

type Words = readonly [choice: string, inSentence: string]

const protocols: Record<ReportProtocol, Words> = {
  imap: ['The IMAP login', 'IMAP'],
  smtp: ['The SMTP login, or sending', 'SMTP'],
  graph: ['A call of Microsoft Graph', 'Microsoft Graph'],
  authorize: ['The sign-in page', 'sign-in'],
  token: ['The token request', 'token'],
  network: ['The network connection', 'network'],
}

const stages: Record<Stage, Words> = {
  dns: ['Looking up the server name', 'while the server name was looked up'],
  connect: ['Connecting', 'while connecting'],
  tls: ['Setting up encryption (TLS)', 'while encryption was set up'],
  greeting: ["The server's greeting", "at the server's greeting"],
  auth: ['Logging in', 'at the login'],
  select: ['Opening the mailbox', 'while opening the mailbox'],
  send: ['Sending', 'while sending'],
  authorize: ["Microsoft's sign-in page", 'on the sign-in page'],
  callback: ['Returning from the sign-in page', 'on the way back from the sign-in page'],
  token_exchange: ['Exchanging the code for tokens', 'while the sign-in was exchanged for tokens'],
  refresh: ['Refreshing the access token', 'while the access token was refreshed'],
  client_credentials: ["Requesting the app's own token", "while the app's own token was requested"],
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
  summary: 'a program that does not name the reason',
}

const optionsOf = <Value extends string>(words: Record<Value, Words>) => [
  { value: '' as Value | '', label: 'Detect from the text' },
  ...(Object.keys(words) as Value[]).map((value) => ({ value, label: words[value][0] })),
]

export const protocolOptions = optionsOf(protocols)
export const stageOptions = optionsOf(stages)

/** Returns null if nothing was recognised. */
export function describeInterpretation({
  interpretation: { protocol, stage, source },
  excludes,
}: Pick<DiagnosisResult, 'interpretation' | 'excludes'>): string | null {
  if (!protocol && !stage && !source) return null
  const kind = protocol ? `${protocols[protocol][1]} error` : 'error'
  const parts = [kind, stage && stages[stage][1], source && `reported by ${sources[source]}`]
  const read = `Read as: ${parts.filter((part) => part !== null).join(', ')}.`
  return excludes === null ? read : `${read} ${excludes}`
}

/** Returns what makes the cause certain, with its author. */
export function describeProof(proof: Proof): string {
  const author = proof.source === 'mailgrant' ? 'Mailgrant' : sources[proof.source]
  return 'text' in proof ? `Proof: "${proof.text}" (${author})` : `Proof: ${proof.fact}`
}
