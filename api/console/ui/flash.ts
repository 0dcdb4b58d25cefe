/** A message about what was just done, which the next page shows once. */
import type { Tone } from './state.ts'

export type Flash = { tone: Tone; title: string; text?: string | undefined }

let pending: Flash | null = null

export function setFlash(title: string, text?: string, tone: Tone = 'good'): void {
  pending = { tone, title, text }
}

/** Returns the message once; null if there is none. */
export function takeFlash(): Flash | null {
  const flash = pending
  pending = null
  return flash
}
