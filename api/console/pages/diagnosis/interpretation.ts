/** Sentences about how an error was understood. Pure. */
import type { Interpretation, Proof, ReportProtocol, Source } from '../../../../schema/diagnosis.ts'
import type { StepName } from '../../../../schema/probe.ts'
import type { PathStep } from '../../components/login-path.tsx'

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

const toSend: readonly StepName[] = ['dns', 'connect', 'tls', 'greeting', 'authenticate', 'send']

/** The steps of each kind of login. */
const ways: Partial<Record<ReportProtocol, readonly StepName[]>> = {
  imap: ['dns', 'connect', 'tls', 'greeting', 'authenticate', 'mailbox'],
  smtp: toSend,
  network: toSend.slice(0, -1),
  graph: ['connect', 'authenticate', 'send'],
}

/** Sources that can only respond over a connection, which shows that there was one. */
const reached: readonly (Source | null)[] = [
  'system',
  'tls',
  'other_server',
  'mail_server',
  'graph',
]

/**
 * Steps that a pasted error proves where the login failed later. Later steps are not proven, since a server also
 * refuses what was sent too early.
 */
const proven: readonly StepName[] = ['dns', 'connect']

/** Returns the way of the login up to the step that failed, or null if the error is about none. */
export function pathOf({ protocol, stage, source }: Interpretation): readonly PathStep[] | null {
  const way = ways[protocol ?? 'network']
  const failed = stage === 'auth' ? 'authenticate' : stage === 'select' ? 'mailbox' : stage
  const isFailed = (name: StepName) => name === failed
  const at = way?.findIndex(isFailed) ?? -1
  if (way === undefined || at < 0 || !reached.includes(source)) return null
  const before = (name: StepName) => (proven.includes(name) ? 'passed' : 'unknown')
  return way.map((name, index) => ({
    name,
    outcome: index < at ? before(name) : index === at ? 'failed' : 'skipped',
  }))
}

/** Returns what makes the cause certain, with its author. */
export function describeProof(proof: Proof): string {
  const author = proof.source === 'mailgrant' ? 'Mailgrant' : sources[proof.source]
  return 'text' in proof ? `Proof: "${proof.text}" (${author})` : `Proof: ${proof.fact}`
}
