import { describe, expect, it } from 'vitest'
import {
  byUrgency,
  countGroups,
  groupOf,
} from '../../../../../api/console/pages/overview/urgency.ts'
import { Health } from '../../../../../schema/mail-account.ts'

const account = (health: Health, username = 'a@b.test') => ({ health, username })

describe('the urgency of an account', () => {
  it.each([
    ['ok', 'works'],
    ['cooling_down', 'waiting'],
    ['unverified', 'untried'],
    ['failing', 'somebody'],
    ['reconnect_required', 'somebody'],
    ['blocked', 'somebody'],
    ['inactive', 'somebody'],
  ] as const)('of health %s is %s', (health, group) => {
    expect(groupOf(account(health))).toBe(group)
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
    expect(counts).toEqual({ somebody: 4, waiting: 1, untried: 1, works: 1 })
  })
})
