/** A sentence about how an error text was understood. Pure. */
import type { Diagnosis, ReportProtocol, Speaker, Stage } from '../../../../schema/diagnosis.ts'

const speakers: Record<Speaker, string> = {
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
export function describeReading({ protocol, stage, speaker }: Diagnosis['read_as']): string | null {
  if (!protocol && !stage && !speaker) return null
  const kind = protocol ? `${kinds[protocol]} error` : 'error'
  const parts = [kind, stage && stages[stage], speaker && `reported by ${speakers[speaker]}`]
  return `Read as: ${parts.filter((part) => part !== null).join(', ')}.`
}
