/**
 * The events of a simulated year, and of a month that has one of each kind: faults at Entra, revoked grants, mailboxes
 * that refuse logins, rotations of the encryption key, a client secret that is renewed too late, federated credentials,
 * and days on which Entra cannot read the signing keys. Hours count from the start. Everything random comes from a
 * fixed seed, so that a failure can be repeated.
 */

import type { FaultInput } from '../sandbox/entra/control-schema.ts'
import { secrets } from '../sandbox/personas.ts'
import { seeded } from '../seeded.ts'

export const GRANTS = 1000
/** Grants with a saved account, which the schedule validates daily. The others stay idle. */
export const ACCOUNTS = 40
/** Grants whose token is fetched every day, each at its own hour. They have accounts, too. */
export const DAILY = 20

/** Hours from `from` until before `until`. */
type Period = { from: number; until: number }

export const isDuring = (hour: number, { from, until }: Period) => from <= hour && hour < until

/** A fault that every call of the token endpoint meets. */
export type Outage = Period & { fault: FaultInput }

/** Returns true for a fault in which what is received isn't Microsoft's response. */
export const replacesResponse = (fault: FaultInput | undefined) =>
  fault?.kind === 'html' || fault?.kind === 'truncated'

/** Fault of the mail server of an account, by the account's index. `silent`: it does not respond. */
export type MailFault = Period & { index: number; response: 'refused' | 'silent' }

/** A credential of the app, from the hour at which it is promoted. It is stored an hour earlier. */
export type AppCredential = { from: number } & (
  | { type: 'client_secret'; value: string; expires: number }
  | { type: 'federated' }
)

export type Scenario = {
  hours: number
  outages: readonly Outage[]
  /** Faults of one to three calls, by hour. */
  glitches: ReadonlyMap<number, FaultInput>
  /** The hour at which each revoked grant is revoked, by the grant's index. */
  revocations: ReadonlyMap<number, number>
  mailFaults: readonly MailFault[]
  credentials: readonly AppCredential[]
  /** The secret has expired at Entra and is not yet replaced. */
  secretExpired: Period
  /** Days left until then, as the warnings name them. */
  warnings: readonly number[]
  /** Entra cannot read the discovery document of the deployment. It notices when its cached key set has expired. */
  issuerDown: Period
  /** Number of keys that have signed in the end. */
  signingKeys: number
  /** Hours for which Entra had held a key set, at least, when some key signed first. A shorter lead would fail. */
  keySetAge: number
  /** The key ring of each deployment, newest key first. */
  rings: readonly { from: number; kids: readonly string[] }[]
  /** Minimum number of events, so that a scenario in which nothing happens fails. */
  atLeast: { refused: number; refreshes: number; coolDowns: number }
}

const days = (number: number) => number * 24

const allCalls = { times: 1_000_000 } as const

function glitches(hours: number, count: number): Map<number, FaultInput> {
  const draw = seeded(2026)
  const kinds = ['outage', 'html', 'rate_limit', 'server_error', 'truncated'] as const
  return new Map(
    Array.from({ length: count }, () => [
      draw(hours),
      { kind: kinds[draw(kinds.length)] ?? 'html', times: 1 + draw(3) },
    ]),
  )
}

/** Returns three grants in daily use, two with an account and ten idle ones, all revoked before `until`. */
function revocations(until: number): Map<number, number> {
  const draw = seeded(365)
  const revoked = new Map<number, number>()
  for (const [count, first, span] of [
    [3, 0, DAILY],
    [2, DAILY, ACCOUNTS - DAILY],
    [10, ACCOUNTS, GRANTS - ACCOUNTS],
  ] as const) {
    for (let done = 0; done < count; ) {
      const grant = first + draw(span)
      if (revoked.has(grant)) continue
      revoked.set(grant, draw(until))
      done += 1
    }
  }
  return revoked
}

/** All idle grants are first due for a refresh on day 20. */
const atFirstIdleRefresh: Outage = {
  from: days(20) + 2,
  until: days(20) + 9,
  fault: { kind: 'outage', ...allCalls },
}

export const year: Scenario = {
  hours: days(365),
  outages: [
    { from: days(9), until: days(9) + 2, fault: { kind: 'outage', ...allCalls } },
    atFirstIdleRefresh,
    {
      from: days(63),
      until: days(63) + 5,
      fault: { kind: 'rate_limit', retry_after: 1800, ...allCalls },
    },
    { from: days(101), until: days(103), fault: { kind: 'server_error', ...allCalls } },
    { from: days(140), until: days(140) + 30, fault: { kind: 'html', ...allCalls } },
    // Entra rotates the refresh token each time, but its response is cut off.
    { from: days(161), until: days(161) + 12, fault: { kind: 'truncated', ...allCalls } },
    {
      from: days(241),
      until: days(245),
      fault: { kind: 'outage', retry_after: 3600, ...allCalls },
    },
    { from: days(305), until: days(305) + 8, fault: { kind: 'rate_limit', ...allCalls } },
  ],
  glitches: glitches(days(365), 300),
  // Maintenance has to meet each of them once more.
  revocations: revocations(days(335)),
  mailFaults: [
    { index: 5, from: days(44), until: days(47), response: 'refused' },
    { index: 31, from: days(120), until: days(122), response: 'silent' },
    { index: 33, from: days(200), until: days(203), response: 'refused' },
  ],
  // The federated credential of days 10 to 285 spans three rotations of the signing key, on days 99, 189 and 279.
  credentials: [
    { from: 0, type: 'client_secret', value: secrets.current, expires: days(60) },
    { from: days(10) + 12, type: 'federated' },
    { from: days(285), type: 'client_secret', value: secrets.next, expires: days(325) },
    { from: days(327) + 12, type: 'federated' },
  ],
  secretExpired: { from: days(325), until: days(327) + 12 },
  warnings: [30, 7, 1],
  issuerDown: { from: days(150), until: days(153) },
  signingKeys: 5,
  keySetAge: 12,
  // A new key is added behind the current one, then moved to the front, on day 100 in the day in which two
  // signing keys are published. The old key is removed when no
  // backup that needs it can be restored any more.
  rings: [
    { from: 0, kids: ['k1'] },
    { from: days(99), kids: ['k1', 'k2'] },
    { from: days(100), kids: ['k2', 'k1'] },
    { from: days(131), kids: ['k2'] },
    { from: days(229), kids: ['k2', 'k3'] },
    { from: days(230), kids: ['k3', 'k2'] },
    { from: days(261), kids: ['k3'] },
  ],
  atLeast: { refused: 50, refreshes: 20_000, coolDowns: 200 },
}

export const month: Scenario = {
  hours: days(30),
  outages: [
    {
      from: days(2),
      until: days(2) + 5,
      fault: { kind: 'rate_limit', retry_after: 1800, ...allCalls },
    },
    { from: days(4), until: days(5), fault: { kind: 'server_error', ...allCalls } },
    { from: days(8), until: days(8) + 12, fault: { kind: 'html', ...allCalls } },
    { from: days(12), until: days(12) + 12, fault: { kind: 'truncated', ...allCalls } },
    atFirstIdleRefresh,
  ],
  glitches: glitches(days(30), 25),
  // The idle ones are noticed at their first refresh.
  revocations: revocations(days(19)),
  mailFaults: [
    { index: 5, from: days(10), until: days(12), response: 'refused' },
    { index: 31, from: days(16), until: days(18), response: 'silent' },
  ],
  credentials: [
    { from: 0, type: 'client_secret', value: secrets.current, expires: days(14) },
    { from: days(16) + 12, type: 'federated' },
  ],
  secretExpired: { from: days(14), until: days(16) + 12 },
  warnings: [14, 7, 1],
  issuerDown: { from: days(22), until: days(25) },
  signingKeys: 1,
  keySetAge: 0,
  rings: [
    { from: 0, kids: ['k1'] },
    { from: days(17), kids: ['k1', 'k2'] },
    { from: days(18), kids: ['k2', 'k1'] },
    { from: days(28), kids: ['k2'] },
  ],
  atLeast: { refused: 20, refreshes: 1500, coolDowns: 20 },
}
