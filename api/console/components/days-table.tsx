/** A narrow table of days behind a disclosure, newest first. It fits a phone. */
import { dayName } from '../ui/history.ts'

export const DaysTable = <Day extends { date: string }>(props: {
  caption: string
  days: readonly Day[]
  columns: readonly (readonly [name: string, cell: (day: Day) => string | number])[]
}) => (
  <details>
    <summary class="small">Show as a table</summary>
    <table class="days small" aria-label={props.caption}>
      <thead>
        <tr>
          {['Day', ...props.columns.map(([name]) => name)].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.days.toReversed().map((day) => (
          <tr key={day.date}>
            <th scope="row">{dayName(day.date)}</th>
            {props.columns.map(([name, cell]) => (
              <td key={name}>{cell(day)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </details>
)
