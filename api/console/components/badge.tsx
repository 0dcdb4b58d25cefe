/** A badge with a state in one or two words, in its colour. */
import type { ComponentChildren } from 'preact'
import type { Health } from '../../../schema/mail-account.ts'
import { healths, type Tone } from '../ui/state.ts'

export const Badge = ({ tone, children }: { tone: Tone; children: ComponentChildren }) => (
  <span class={`badge ${tone}`}>{children}</span>
)

export function HealthBadge({ health }: { health: Health }) {
  const [tone, text] = healths[health]
  return <Badge tone={tone}>{text}</Badge>
}
