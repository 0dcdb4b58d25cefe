import { describe, expect, it } from 'vitest'
import { createCleaner } from '../../checker/cleaner.ts'
import { createSteps } from '../../checker/steps.ts'

function stopwatch() {
  let time = 1000.4
  return { clock: () => time, pass: (milliseconds: number) => (time += milliseconds) }
}

describe('the steps of a probe', () => {
  it('have durations, and are skipped if not reached', () => {
    const { clock, pass } = stopwatch()
    const steps = createSteps(clock, createCleaner([]))
    steps.begin('dns')
    pass(12.6)
    steps.pass()
    steps.begin('connect')
    pass(30)
    steps.stop('inconclusive', 'no answer')
    expect(steps.list()).toEqual([
      { name: 'dns', outcome: 'passed', duration_ms: 13, detail: null },
      { name: 'connect', outcome: 'inconclusive', duration_ms: 30, detail: 'no answer' },
      { name: 'tls', outcome: 'skipped', duration_ms: 0, detail: null },
      { name: 'greeting', outcome: 'skipped', duration_ms: 0, detail: null },
      { name: 'authenticate', outcome: 'skipped', duration_ms: 0, detail: null },
      { name: 'mailbox', outcome: 'skipped', duration_ms: 0, detail: null },
    ])
    expect(steps.elapsed()).toBe(43)
  })

  it('report the current one, or else the last one, and do not change once the probe has ended', () => {
    const steps = createSteps(stopwatch().clock, createCleaner([]))
    steps.begin('tls')
    expect(steps.current()).toBe('tls')
    steps.stop('inconclusive', 'time ran out')
    expect(steps.current()).toBe('tls')
    const list = steps.list()
    steps.pass('too late')
    steps.stop('failed', 'too late')
    expect(steps.list()).toEqual(list)
  })

  it('have clean and bounded details', () => {
    const steps = createSteps(stopwatch().clock, createCleaner(['a-secret-of-some-length']))
    steps.begin('greeting')
    steps.pass(`\u001b[31ma-secret-of-some-length ${'x'.repeat(2_000)}`)
    const [step] = steps.list()
    expect(step?.detail).toMatch(/^\[removed\] x+…$/)
    expect(step?.detail).toHaveLength(1000)
  })
})
