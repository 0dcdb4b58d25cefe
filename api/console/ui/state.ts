/** The states of the API in plain words, each with its colour. */
import type { Health } from '../../../schema/mail-account.ts'

/** The tone of a notice or badge, which decides its colour. */
export type Tone = 'good' | 'bad' | 'ask' | 'plain'

/** Healths with colour and words, the most urgent first. */
export const healths: Record<Health, [Tone, string]> = {
  reconnect_required: ['bad', 'Needs reconnecting'],
  blocked: ['bad', 'Blocked'],
  failing: ['bad', 'Login fails'],
  cooling_down: ['ask', 'Waiting for Microsoft'],
  unverified: ['plain', 'Not validated'],
  inactive: ['plain', 'Integration inactive'],
  ok: ['good', 'Works'],
}
