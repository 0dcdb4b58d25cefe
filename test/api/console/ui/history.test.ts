import { describe, expect, it } from 'vitest'
import {
  type Day,
  describeDay,
  describeDays,
  describeStates,
  failedShare,
  runsOf,
  stateOf,
} from '../../../../api/console/ui/history.ts'

const day = (changes: Partial<Day> = {}): Day => ({
  date: '2026-11-26',
  passed: 0,
  failed: 0,
  waited: false,
  ...changes,
})

describe('a day', () => {
  it.each<[Partial<Day>, string]>([
    [{}, 'Nov 26: Not validated, No validations'],
    [{ passed: 1 }, 'Nov 26: Worked, 1 of 1 validation passed'],
    [{ passed: 23, failed: 1 }, 'Nov 26: Failed, 23 of 24 validations passed'],
    [
      { passed: 1, failed: 1, waited: true },
      'Nov 26: Waited for a person, 1 of 2 validations passed',
    ],
    [{ waited: 2 }, 'Nov 26: Waited for a person, No validations, 2 waited'],
    [{ passed: 97, waited: 2 }, 'Nov 26: Worked, 97 of 97 validations passed, 2 waited'],
  ])('with %o is described', (changes, text) => {
    expect(describeDay(day(changes))).toBe(text)
  })

  it('shows one failed check of many as a fifth of the bar, so that it is seen', () => {
    expect(failedShare(day({ passed: 9999, failed: 1 }))).toBe(20)
    expect(failedShare(day({ passed: 1, failed: 1 }))).toBe(50)
    expect(failedShare(day({ failed: 2 }))).toBe(100)
    expect(failedShare(day({ passed: 2 }))).toBe(0)
  })
})

describe('30 days', () => {
  const days = Array.from({ length: 30 }, (_, index) =>
    day({
      date: new Date(Date.UTC(2026, 9, 28 + index)).toISOString().slice(0, 10),
      ...(index % 10 === 0 ? {} : { passed: 4 }),
      ...(index === 15 && { passed: 1, failed: 3 }),
      ...(index === 20 && { waited: true }),
    }),
  )

  it('are counted together', () => {
    expect(describeDays(days)).toBe('105 of 108 validations passed; waited for a person on 1 day')
    expect(describeDays(days.slice(0, 1))).toBe('No validations')
  })

  it('each have a state', () => {
    const states = days.map(stateOf)
    expect(states.filter((state) => state === 'worked')).toHaveLength(26)
    expect([states[0], states[15], states[20]]).toEqual(['not_checked', 'failed', 'waited'])
    expect(describeStates(states)).toBe(
      '30 days: 26 worked, 1 failed, 1 waited for a person, 2 not validated',
    )
    expect(runsOf(states).slice(0, 3)).toEqual([
      { state: 'not_checked', from: 0, days: 1 },
      { state: 'worked', from: 1, days: 9 },
      { state: 'not_checked', from: 10, days: 1 },
    ])
  })
})
