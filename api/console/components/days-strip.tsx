/** The last days of an account as one small picture: its bars differ in height, not only in colour. */
import type { DayState } from '../../../schema/history.ts'
import { describeStates, runsOf } from '../ui/history.ts'

/** The width of a bar with its gap. */
const STEP = 4

/** Renders nothing for an account that was never checked. */
export const DaysStrip = ({ states }: { states: readonly DayState[] }) =>
  states.every((state) => state === 'not_checked') ? null : (
    <svg
      class="days-strip"
      viewBox={`0 0 ${states.length * STEP - 1} 10`}
      role="img"
      aria-label={describeStates(states)}
    >
      {runsOf(states).map(({ state, from, days }) => (
        <path key={from} class={state} d={`M${from * STEP} 5h${days * STEP - 1}`} />
      ))}
    </svg>
  )
