/** A sentence about how an error text was understood. Pure. */
import type { Diagnosis, ReportProtocol, Source, Stage } from '../../../../schema/diagnosis.ts'

const sources: Record<Source, string> = {
  program: 'the program itself',
  system: 'the operating system',
  tls: 'the TLS library',
  other_server: "a server other than Microsoft's",
  mail_server: 'the mail server',
  sign_in_page: "Microsoft's sign-in page",
  token_endpoint: "Microsoft's token endpoint",
  callback: 'the web server of the redirect URI',
  summary: 'a program that does not name the reason',
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

const kinds: Record<ReportProtocol, string> = {
  imap: 'IMAP',
  smtp: 'SMTP',
  authorize: 'sign-in',
  token: 'token',
  network: 'network',
}

/** Returns null if nothing was recognised. */
export function describeInterpretation({
  protocol,
  stage,
  source,
}: Diagnosis['interpretation']): string | null {
  if (!protocol && !stage && !source) return null
  const kind = protocol ? `${kinds[protocol]} error` : 'error'
  const parts = [kind, stage && stages[stage], source && `reported by ${sources[source]}`]
  return `Read as: ${parts.filter((part) => part !== null).join(', ')}.`
}
