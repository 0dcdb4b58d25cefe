/** The last days of an account as one small picture: its bars differ in height, not only in colour. */
import type { DayState } from '../../../schema/history.ts'
import { describeStates, runsOf } from '../ui/history.ts'

/** Pixels of a bar with its gap, as in the style sheet. */
const STEP = 3

/**
 * Renders nothing for an account that was never checked. Days that worked are the background, since most days did,
 * unless some are blank.
 */
export function RecentDays({ states }: { states: readonly DayState[] }) {
  if (states.every((state) => state === 'not_checked')) return null
  const isWhole = !states.includes('not_checked')
  return (
    <svg class={isWhole ? 'recent whole' : 'recent'} role="img" aria-label={describeStates(states)}>
      {runsOf(states)
        .filter(({ state }) => !(isWhole && state === 'worked'))
        .map(({ state, from, days }) => (
          <path key={from} class={state} d={`M${from * STEP} 5h${days * STEP - 1}`} />
        ))}
    </svg>
  )
}
