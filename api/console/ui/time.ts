/** Times as people say them. */
import { h } from '../dom.ts'

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })
const steps: [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** "Nov 25, 2026, 9:57 AM", where the reader is. */
export const exactly = (time: string): string => exact.format(new Date(time))

/** Says when that is: "in 2 hours". `now` in milliseconds since the epoch. */
export function relatively(time: string, now: number): string {
  const ms = Date.parse(time) - now
  const [unit, size] = steps.find(([, step]) => Math.abs(ms) >= step) ?? []
  if (unit === undefined || size === undefined) return ms > 0 ? 'in a moment' : 'just now'
  return relative.format(Math.round(ms / size), unit)
}

/** "in 2 hours", with the exact time at hand. */
export const ago = (time: string, now = Date.now()): HTMLElement =>
  h('time', { datetime: time, title: exactly(time) }, relatively(time, now))

/** The exact time, where it is what counts. */
export const moment = (time: string): HTMLElement => h('time', { datetime: time }, exactly(time))

export const day = (time: string): HTMLElement =>
  h(
    'time',
    { datetime: time },
    new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(new Date(time)),
  )

/** "14:05", in the reader's own time. */
export const clock = (time: string): HTMLElement =>
  h(
    'time',
    { datetime: time },
    new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false }).format(
      new Date(time),
    ),
  )

export const seconds = (ms: number): string =>
  ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
