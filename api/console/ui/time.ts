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

/** "in 2 hours", with the exact time at hand. */
export function ago(time: string, now = Date.now()): HTMLElement {
  const ms = Date.parse(time) - now
  const [unit, size] = steps.find(([, step]) => Math.abs(ms) >= step) ?? ['minute', 60_000]
  const words =
    Math.abs(ms) < 60_000
      ? ms > 0
        ? 'in a moment'
        : 'just now'
      : relative.format(Math.round(ms / size), unit)
  return h('time', { datetime: time, title: exactly(time) }, words)
}

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
