/** A bar for each day, as on status pages, with the same days as a table. */
import type { DayState } from '../../../schema/history.ts'
import {
  checksOf,
  type Day,
  dayName,
  describeDay,
  describeDays,
  failedShare,
  stateNames,
  stateOf,
} from '../ui/history.ts'
import { DaysTable } from './days-table.tsx'

const states: DayState[] = ['worked', 'failed', 'waited', 'not_checked']

export function HistoryStrip({ days }: { days: readonly Day[] }) {
  const text = describeDays(days)
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
        {states.map((state) => (
          <li key={state}>
            <i class={`bar ${state}`} style={{ '--failed': '100%' }} /> {stateNames[state]}
          </li>
        ))}
      </ul>
      <DaysTable
        caption="Days"
        days={days}
        columns={[
          ['State', (day) => stateNames[stateOf(day)]],
          ['Validations', checksOf],
          ...(typeof days[0]?.waited === 'number'
            ? ([['Waited', (day: Day) => Number(day.waited)]] as const)
            : []),
        ]}
      />
    </div>
  )
}
