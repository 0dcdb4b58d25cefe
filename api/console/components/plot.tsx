/** A small plot of counts per day: bars, in which one part is hatched, with the same days as a table. */
import { dayName } from '../ui/history.ts'
import { capitalised } from '../ui/words.ts'
import { DaysTable } from './days-table.tsx'

type PlotDay = { date: string; parts: readonly number[] }

const HEIGHT = 60
const STEP = 10

/** `parts`: names of the counts. The first one is plain, the others are hatched. */
export function Plot(props: { title: string; parts: readonly string[]; days: readonly PlotDay[] }) {
  const { title, parts, days } = props
  const totals = days.map((day) => day.parts.reduce((sum, part) => sum + part, 0))
  const most = Math.max(...totals)
  const height = (count: number) => (count * HEIGHT) / (most || 1)
  const text = ({ date, parts: counts }: PlotDay) =>
    `${dayName(date)}: ${counts.map((count, index) => `${count} ${parts[index]}`).join(', ')}`
  return (
    <figure class="history plot">
      <figcaption class="row spread">
        {title}
        <span class="small quiet">at most {most}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: at most ${most} a day, ${totals.at(-1)} today`}
      >
        <defs>
          <pattern id="hatch" width="3" height="3" patternUnits="userSpaceOnUse">
            <path d="M0 3 3 0" />
          </pattern>
        </defs>
        {days.map((day, index) => {
          const all = height(totals[index] ?? 0)
          const rest = height((totals[index] ?? 0) - (day.parts[0] ?? 0))
          const x = index * STEP + 1
          return (
            <g key={day.date}>
              <title>{text(day)}</title>
              <rect x={x} y={HEIGHT - all} width={STEP - 2} height={all} />
              {rest > 0 && (
                <>
                  <rect class="rest" x={x} y={HEIGHT - all} width={STEP - 2} height={rest} />
                  <rect fill="url(#hatch)" x={x} y={HEIGHT - all} width={STEP - 2} height={rest} />
                </>
              )}
            </g>
          )
        })}
      </svg>
      <div class="row spread small quiet">
        <span>{dayName(days[0]?.date ?? '')}</span>
        <span>Today (UTC)</span>
      </div>
      <p class="small quiet">Hatched: {parts.slice(1).join(' or ')}</p>
      <DaysTable
        caption={title}
        days={days}
        columns={parts.map((name, index) => [
          capitalised(name),
          (day: PlotDay) => day.parts[index] ?? 0,
        ])}
      />
    </figure>
  )
}
