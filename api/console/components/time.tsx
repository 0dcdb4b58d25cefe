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

/** The exact time. */
export const Moment = ({ time }: { time: string }) => <time dateTime={time}>{exactly(time)}</time>

const days = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })

/** "Nov 25, 2026". */
export const exactDay = (time: string): string => days.format(new Date(time))

export const Day = ({ time }: { time: string }) => <time dateTime={time}>{exactDay(time)}</time>

const clockTimes = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
})

/** "14:05", in the reader's own time. */
export const Clock = ({ time }: { time: string }) => (
  <time dateTime={time}>{clockTimes.format(new Date(time))}</time>
)

const dayTimes = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
})

/** "Nov 26, 14:05", in the reader's own time. */
export const DayTime = ({ time }: { time: string }) => (
  <time dateTime={time}>{dayTimes.format(new Date(time))}</time>
)
