/** Facts from which histories are shown. */
import type { Actor } from '../../schema/event.ts'
import type { Outcome } from '../../schema/probe.ts'
import type { EventRecord } from './event.ts'

export type CheckCounts = { passed: number; failed: number; inconclusive: number }

/** Days since the Unix epoch, UTC. */
export type Day = number

export type AccountDay = CheckCounts & { day: Day; waited: boolean }

export type DeploymentDay = CheckCounts & {
  day: Day
  /** Number of email accounts that waited for a person. */
  waited: number
  tokens: { succeeded: number; refused: number; failed: number }
}

/** A validation of the saved values. */
export type Check = { at: Date; outcome: Outcome }

export type TimelineEvent = EventRecord & {
  /** Name of the API key that caused it; null for other actors. */
  keyName: string | null
  /** The key or person that requested the sign-in behind this event, if any. */
  requester: { type: Actor['type']; id: string; name: string | null } | null
}
