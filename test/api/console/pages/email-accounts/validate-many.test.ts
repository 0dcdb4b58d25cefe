import { describe, expect, it } from 'vitest'
import {
  type ManyState,
  progressWords,
  type Result,
  validateMany,
} from '../../../../../api/console/pages/email-accounts/validate-many.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

/** Starts a run whose logins the test answers. */
function startRun() {
  const started: string[] = []
  const answers = new Map<string, (result: Result | Error) => void>()
  const states: ManyState[] = []
  const stop = new AbortController()
  const ended = validateMany(
    ids,
    (id) => {
      started.push(id)
      return new Promise((resolve, reject) => {
        answers.set(id, (result) => (result instanceof Error ? reject(result) : resolve(result)))
      })
    },
    (state) => states.push(state),
    stop.signal,
  )
  const answer = async (id: string, result: Result | Error) => {
    answers.get(id)?.(result)
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  }
  const latest = () => states.at(-1) as ManyState
  return { started, answer, latest, stop, ended }
}

describe('validating many accounts', () => {
  it('logs in to three at a time, and shows each result as it comes', async () => {
    const { started, answer, latest, ended } = startRun()
    expect(started).toEqual(['a', 'b', 'c'])
    await answer('b', 'passed')
    expect(started).toEqual(['a', 'b', 'c', 'd'])
    expect(latest()).toMatchObject({ running: ['a', 'c', 'd'], results: ['passed'] })
    expect(progressWords(latest())).toBe('1 of 7 validated: 1 passed')
    for (const id of ids) await answer(id, id === 'c' ? 'refused' : 'failed')
    await ended
    expect(latest()).toMatchObject({ running: [], isRunning: false, refusal: null })
    expect(progressWords(latest())).toBe(
      '7 of 7 validated: 1 passed, 5 failed, 1 could not be tried',
    )
  })

  it('starts no more once it is stopped, and waits for those that run', async () => {
    const { started, answer, latest, stop, ended } = startRun()
    stop.abort()
    await answer('a', 'passed')
    expect(latest().isRunning).toBe(true)
    await answer('b', 'passed')
    await answer('c', 'passed')
    await ended
    expect(started).toHaveLength(3)
    expect(latest()).toMatchObject({ isRunning: false, refusal: null })
    expect(progressWords(latest())).toBe('3 of 7 validated: 3 passed')
  })

  it('ends with the refusal that the others would meet too', async () => {
    const { started, answer, latest, ended } = startRun()
    await answer('a', new Error('Too many validations.'))
    await answer('b', 'passed')
    await answer('c', 'passed')
    await ended
    expect(started).toHaveLength(3)
    expect(latest()).toMatchObject({ isRunning: false, refusal: 'Too many validations.' })
  })
})
