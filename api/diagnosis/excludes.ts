/** Sentences about causes that are ruled out because of who wrote the error. Pure. */
import type { Diagnosis, Source } from '../../schema/diagnosis.ts'

const EXCLUDES: Partial<Record<Source, string>> = {
  program: 'The program stopped before a server could refuse it.',
  system: 'No server responded, so account, password and token play no part.',
  tls: 'The server was reached, but no password or token was sent yet.',
  other_server: "Another server responded, so Microsoft's settings play no part.",
  mail_server: 'The server was reached with the right port and encryption.',
  graph: 'Microsoft Graph was reached, so network and encryption work.',
  sign_in_page: 'Microsoft was reached; no mail server has been contacted yet.',
  token_endpoint: 'Microsoft was reached; no mail server has been contacted yet.',
  callback: 'Microsoft sent the browser back, so the sign-in itself worked.',
}

const AFTER_SIGN_IN = 'Microsoft sent the browser back, and the program stopped after that.'

/** Returns what is known where the cause is not certain, or null. */
export function excludedBy({
  verdict,
  interpretation: { source, stage },
}: Pick<Diagnosis, 'verdict' | 'interpretation'>): string | null {
  if (verdict === 'certain' || source === null) return null
  if (source === 'program' && stage === 'callback') return AFTER_SIGN_IN
  return EXCLUDES[source] ?? null
}
