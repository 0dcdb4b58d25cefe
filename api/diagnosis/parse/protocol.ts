/** Finds out from a text alone with which protocol an attempt failed. */
import type { ReportProtocol } from '../../../schema/diagnosis.ts'

/** Returns null if the text does not tell. The text is clean. */
export function protocolIn(text: string): ReportProtocol | null {
  if (/aadsts|invalid_grant|invalid_client/.test(text)) return 'token'
  if (/\bimap/.test(text)) return 'imap'
  return /\bsmtp/.test(text) ? 'smtp' : null
}
