import { describe, expect, it } from 'vitest'
import {
  coolDownUntil,
  isFresh,
  mustReplace,
  refusalOf,
  secondsUntil,
} from '../../../../api/domain/tokens/decide.ts'
import type { GrantRecord } from '../../../../api/model/grant.ts'
import { grant as anyGrant } from '../../refresh-failure.ts'

const start = Date.parse('2026-11-24T09:00:00Z')
const at = (seconds: number) => new Date(start + seconds * 1000)

/** A grant whose token was issued at `start` with this lifetime. */
const grant = (lifetime: number): GrantRecord => ({
  ...anyGrant,
  accessTokenExpiresAt: at(lifetime),
  refreshedAt: at(0),
})

describe('a stored token', () => {
  it.each([
    [3600, 3299, true],
    [3600, 3301, false],
    [600, 299, true],
    [600, 301, false],
    [60, 29, true],
    [60, 31, false],
    [3600, -60, true],
    [3600, -86_400, false],
  ])('of %i s is usable after %i s: %s', (lifetime, age, fresh) => {
    expect(isFresh(grant(lifetime), at(age))).toBe(fresh)
  })

  it('that a server refused is not the stored one when none is stored', () => {
    const none = { accessTokenExpiresAt: null, refreshedAt: null }
    expect(mustReplace(none, at(3600), at(60))).toBe(false)
  })

  it('that a server refused is replaced when its age is unknown', () => {
    const stored = { accessTokenExpiresAt: at(3600), refreshedAt: null }
    expect(mustReplace(stored, at(3600), at(0))).toBe(true)
  })

  it('is recognised by its expiry in whole seconds, too, as many clients store it', () => {
    const stored = { accessTokenExpiresAt: at(3600.789), refreshedAt: at(0) }
    expect(mustReplace(stored, at(3600), at(60))).toBe(true)
    expect(mustReplace(stored, at(3601), at(60))).toBe(true)
    expect(mustReplace(stored, at(3599), at(60))).toBe(false)
  })
})

describe('the retry time after a failure', () => {
  it.each([
    [0, null, 30],
    [1, null, 60],
    [3, null, 240],
    [50, null, 3600],
    [0, 300, 300],
    [4, 60, 480],
  ])('after %i failures and Retry-After %s is %i s', (failures, retryAfter, seconds) => {
    expect(coolDownUntil(failures, retryAfter, at(0))).toEqual(at(seconds))
  })

  it('is reported in whole seconds, at least one', () => {
    expect(secondsUntil(at(1.2), at(0))).toBe(2)
    expect(secondsUntil(at(0), at(5))).toBe(1)
    expect(secondsUntil(null, at(5))).toBe(1)
  })

  it.each([
    ['unreachable', 3600, 300],
    ['unavailable', 40, 40],
    ['throttled', 3600, 3600],
  ] as const)(
    'is reported as 5 minutes at most where the end of an outage brings it forward: %s, %i s',
    (kind, wait, reported) => {
      const problem = { detail: '', facts: { stage: 'refresh', kind } as const }
      const { error } = refusalOf({ state: 'cooling_down', retryAt: at(wait), problem }, at(0))
      expect(error.retryAfter).toBe(reported)
    },
  )
})
