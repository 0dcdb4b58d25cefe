/** A state in one or two words, with its colour. */
import type { ComponentChildren } from 'preact'
import type { Tone } from '../ui/tone.ts'

export const Badge = ({ tone, children }: { tone: Tone; children: ComponentChildren }) => (
  <span class={`badge ${tone}`}>{children}</span>
)
