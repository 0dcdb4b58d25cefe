/** Times in words, kept current while they are shown. */
import { useEffect, useState } from 'preact/hooks'
import { exactly, relatively } from '../ui/time.ts'

const TICK_MS = 20_000

/** "in 2 hours", with the exact time as a tooltip. */
export function Ago({ time }: { time: string }) {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <time dateTime={time} title={exactly(time)}>
      {relatively(time, Date.now())}
    </time>
  )
}

/** Returns a component for times in these words. */
const timeAs =
  (words: (time: string) => string) =>
  ({ time }: { time: string }) => <time dateTime={time}>{words(time)}</time>

/** Returns a function that formats a time in English, in the browser's time zone. */
function formatter(options: Intl.DateTimeFormatOptions): (time: string) => string {
  const format = new Intl.DateTimeFormat('en', options)
  return (time) => format.format(new Date(time))
}
const clock = { hour: '2-digit', minute: '2-digit', hour12: false } as const

/** The exact time. */
export const Moment = timeAs(exactly)

/** "Nov 25, 2026". */
export const exactDay = formatter({ dateStyle: 'medium' })
export const Day = timeAs(exactDay)

/** "14:05". */
export const Clock = timeAs(formatter(clock))

/** "Nov 26, 14:05". */
export const DayTime = timeAs(formatter({ day: 'numeric', month: 'short', ...clock }))
