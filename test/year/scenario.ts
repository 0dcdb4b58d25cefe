/**
 * What happens in the year, by the hour: the weather at Entra, who is revoked, when keys and secret
 * change. Drawn from one seed, so that a failure comes again.
 */
import type { FaultInput } from '../sandbox/entra/control-schema.ts'
import { seeded } from '../seeded.ts'

export const GRANTS = 1000
/** These hand out a token every day, each at its own hour. */
export const DAILY = 20
export const DAYS = 365
export const HOURS = DAYS * 24

const day = (number: number) => number * 24

/** What every call of the token endpoint meets in these hours. */
export type Weather = { from: number; until: number; fault: FaultInput }

const forAll = { times: 1_000_000 } as const

export const weather: readonly Weather[] = [
  { from: day(9), until: day(9) + 2, fault: { kind: 'outage', ...forAll } },
  // In the hours in which all idle grants fall due for the first time.
  { from: day(20) + 2, until: day(20) + 9, fault: { kind: 'outage', ...forAll } },
  {
    from: day(63),
    until: day(63) + 5,
    fault: { kind: 'rate_limit', retry_after: 1800, ...forAll },
  },
  { from: day(101), until: day(103), fault: { kind: 'server_error', ...forAll } },
  { from: day(140), until: day(140) + 30, fault: { kind: 'html', ...forAll } },
  // Entra has rotated the token each time, and its answer never arrived whole.
  { from: day(161), until: day(161) + 12, fault: { kind: 'truncated', ...forAll } },
  { from: day(241), until: day(245), fault: { kind: 'outage', retry_after: 3600, ...forAll } },
  { from: day(305), until: day(305) + 8, fault: { kind: 'rate_limit', ...forAll } },
]

/** One or a few wrong answers in the middle of a fine day. */
export function squalls(): Map<number, FaultInput> {
  const draw = seeded(2026)
  const kinds = ['outage', 'html', 'rate_limit', 'server_error', 'truncated'] as const
  return new Map(
    Array.from({ length: 300 }, () => [
      draw(HOURS),
      { kind: kinds[draw(kinds.length)] ?? 'html', times: 1 + draw(3) },
    ]),
  )
}

/** Who is revoked at which hour: some that are used daily, some that nobody uses. */
export function revocations(): Map<number, number> {
  const draw = seeded(365)
  const revoked = new Map<number, number>()
  for (const [count, first, span] of [
    [3, 0, DAILY],
    [12, DAILY, GRANTS - DAILY],
  ] as const) {
    for (let done = 0; done < count; ) {
      const grant = first + draw(span)
      if (revoked.has(grant)) continue
      // Early enough for the upkeep to come by once more.
      revoked.set(grant, draw(day(DAYS - 30)))
      done += 1
    }
  }
  return revoked
}

/** The secret ends here, and nobody enters the next one for two days. */
export const SECRET_ENDS = day(180)
export const SECRET_CHANGED = day(182)

/** New keys go behind, then to the front; the old one goes when a restore needs it no more. */
export const rings: readonly { from: number; kids: readonly string[] }[] = [
  { from: 0, kids: ['k1'] },
  { from: day(99), kids: ['k1', 'k2'] },
  { from: day(100), kids: ['k2', 'k1'] },
  { from: day(131), kids: ['k2'] },
  { from: day(229), kids: ['k2', 'k3'] },
  { from: day(230), kids: ['k3', 'k2'] },
  { from: day(261), kids: ['k3'] },
]
