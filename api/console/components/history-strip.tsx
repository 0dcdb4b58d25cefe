/** Days as bars: in full with a table, as on status pages, or as one small picture. */
import type { DayState } from '../../../schema/history.ts'
import {
  checksOf,
  type Day,
  dayName,
  describeDay,
  describeDays,
  describeStates,
  failedShare,
  runsOf,
  stateNames,
  stateOf,
} from '../ui/history.ts'

export function HistoryStrip({ days }: { days: readonly Day[] }) {
  const text = describeDays(days)
  const shown = (Object.keys(stateNames) as DayState[]).filter((state) =>
    days.some((day) => stateOf(day) === state),
  )
  return (
    <div class="history">
      <p>{text}</p>
      <div class="strip" role="img" aria-label={`Last ${days.length} days: ${text}`}>
        {days.map((day) => (
          <i
            key={day.date}
            class={`bar ${stateOf(day)}`}
            style={{ '--failed': `${failedShare(day)}%` }}
            title={describeDay(day)}
          />
        ))}
      </div>
      <div class="row spread small quiet">
        <span>{dayName(days[0]?.date ?? '')}</span>
        <span>Today (UTC)</span>
      </div>
      <ul class="legend small">
        {shown.map((state) => (
          <li key={state}>
            <i class={`bar ${state}`} style={{ '--failed': '100%' }} /> {stateNames[state]}
          </li>
        ))}
      </ul>
      <details>
        <summary class="small">Show as a table</summary>
        <DaysTable days={days} />
      </details>
    </div>
  )
}

/** A narrow table, newest first. It fits a phone. */
const DaysTable = ({ days }: { days: readonly Day[] }) => (
  <table class="days small" aria-label="Days">
    <thead>
      <tr>
        <th scope="col">Day</th>
        <th scope="col">State</th>
        <th scope="col">Validations</th>
      </tr>
    </thead>
    <tbody>
      {days.toReversed().map((day) => (
        <tr key={day.date}>
          <th scope="row">{dayName(day.date)}</th>
          <td>{stateNames[stateOf(day)]}</td>
          <td>
            {checksOf(day)}
            {typeof day.waited === 'number' && day.waited > 0 && `, ${day.waited} waited`}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

/** Pixels of a bar with its gap, as in the style sheet. */
const STEP = 3

/**
 * The last days of an account, whose bars differ in height, not only in colour. Renders nothing for an account that was
 * never checked. Days that worked are the background, since most days did, unless some are blank.
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
