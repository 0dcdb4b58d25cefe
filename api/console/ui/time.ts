/** Times in words. */

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })
const steps: [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** "Nov 25, 2026, 9:57 AM", in the browser's time zone. */
export const exactly = (time: string): string => exact.format(new Date(time))

/** Returns a relative time: "in 2 hours". `now`: ms since the epoch. */
export function relatively(time: string, now: number): string {
  const ms = Date.parse(time) - now
  const [unit, size] = steps.find(([, step]) => Math.abs(ms) >= step) ?? []
  if (unit === undefined || size === undefined) return ms > 0 ? 'in a moment' : 'just now'
  return relative.format(Math.round(ms / size), unit)
}

/** Returns a duration: "120 ms", "1.5 s". */
export const seconds = (ms: number): string =>
  ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
