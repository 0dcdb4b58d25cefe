/** Times in words, kept current while they are shown. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { exactly, relatively } from '../ui/time.ts'

const TICK_MS = 20_000

/** All times on a page share one timer, which runs while there are any. */
const listeners = new Set<(now: number) => void>()
let timer: ReturnType<typeof setInterval> | undefined

function onTick(tick: (now: number) => void): () => void {
  listeners.add(tick)
  timer ??= setInterval(() => {
    for (const listener of listeners) listener(Date.now())
  }, TICK_MS)
  return () => {
    listeners.delete(tick)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Returns the current time, updated every 20 seconds and whenever `shown` changes. */
function useNow(shown: string): number {
  const [now, setNow] = useState(() => Date.now())
  const since = useMemo(() => Date.now(), [shown])
  useEffect(() => onTick(setNow), [])
  return Math.max(now, since)
}

/** "in 2 hours", with the exact time as a tooltip. */
export const Ago = ({ time }: { time: string }) => (
  <time dateTime={time} title={exactly(time)}>
    {relatively(time, useNow(time))}
  </time>
)

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
