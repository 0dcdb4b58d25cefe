import { describe, expect, it } from 'vitest'
import {
  byUrgency,
  countGroups,
  groupOf,
} from '../../../../../api/console/pages/overview/urgency.ts'
import { Health } from '../../../../../schema/mail-account.ts'
import type { Outcome } from '../../../../../schema/probe.ts'

const account = (health: Health, username = 'a@b.test', outcome?: Outcome) => ({
  health,
  username,
  ...(outcome && { last_validation: { id: 'va_x', outcome, checked_at: '2026-11-24T09:30:00Z' } }),
})

describe('the urgency of an account', () => {
  it.each([
    ['ok', 'works'],
    ['cooling_down', 'waiting'],
    ['unverified', 'untried'],
    ['reconnect_required', 'somebody'],
    ['blocked', 'somebody'],
    ['inactive', 'somebody'],
  ] as const)('of health %s is %s', (health, group) => {
    expect(groupOf(account(health))).toBe(group)
  })

  it('tells an account that fails from one that nobody has tried', () => {
    expect(groupOf(account('unverified', 'a@b.test', 'failed'))).toBe('somebody')
    expect(groupOf(account('unverified', 'a@b.test', 'inconclusive'))).toBe('untried')
  })

  it('puts what needs somebody first, then by name', () => {
    const sorted = byUrgency([
      account('ok', 'a@b.test'),
      account('unverified', 'z@b.test'),
      account('blocked', 'y@b.test'),
      account('reconnect_required', 'c@b.test'),
      account('cooling_down', 'd@b.test'),
    ])
    expect(sorted.map(({ username }) => username.charAt(0)).join('')).toBe('cydza')
  })

  it('counts every account once', () => {
    const counts = countGroups(Health.options.map((health) => account(health)))
    expect(counts).toEqual({ somebody: 3, waiting: 1, untried: 1, works: 1 })
  })
})
