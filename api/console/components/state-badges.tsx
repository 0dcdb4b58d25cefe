/** The states of the API in plain words, each with its colour. */
import type { Health } from '../../../schema/mail-account.ts'
import type { Outcome } from '../../../schema/probe.ts'
import { healths, outcomes } from '../ui/state.ts'
import { Badge } from './badge.tsx'

export function HealthBadge({ health }: { health: Health }) {
  const [tone, text] = healths[health]
  return <Badge tone={tone}>{text}</Badge>
}

export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  const [tone, text] = outcomes[outcome]
  return <Badge tone={tone}>{text}</Badge>
}
