/**
 * The API key of a checker that is used alone, without Mailgrant. A key of 32 characters cannot be guessed;
 * the limit on failures keeps a program with a wrong key from filling the log.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import { MINUTE_MS } from '../schema/durations.ts'

/** Failures of one address within a minute, after which it hears that it is limited. */
const MOST_FAILURES = 10
/** Addresses that are counted within a minute; the failures of any more count as too many. */
const MOST_ADDRESSES = 10_000

export type KeyVerdict = 'accepted' | 'refused' | 'limited'

/** Returns what judges an Authorization header. Only failures count towards the limit. */
export function createKeyCheck(apiKey: string, now: () => Date) {
  const expected = sha256(apiKey)
  const failures = new Map<string, number>()
  let minute = 0

  return (authorization: string, address: string): KeyVerdict => {
    const [, key] = /^Bearer (.+)$/i.exec(authorization) ?? []
    if (key !== undefined && timingSafeEqual(sha256(key), expected)) return 'accepted'
    const current = Math.floor(now().getTime() / MINUTE_MS)
    if (current !== minute) failures.clear()
    minute = current
    const count = (failures.get(address) ?? 0) + 1
    if (count > MOST_FAILURES || failures.size >= MOST_ADDRESSES) return 'limited'
    failures.set(address, count)
    return 'refused'
  }
}

const sha256 = (text: string) => hash('sha256', text, 'buffer')
