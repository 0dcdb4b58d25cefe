import { describe, expect, it } from 'vitest'
import {
  type Busy,
  type ManyState,
  progressLabel,
  type Result,
  validateMany,
} from '../../../../../api/console/pages/mailboxes/validate-many.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

/** Starts a run whose logins the test settles. */
function startRun() {
  const started: string[] = []
  const responses = new Map<string, (result: Result | Busy | Error) => void>()
  const states: ManyState[] = []
  const waits: { seconds: number; end: () => void }[] = []
  const stop = new AbortController()
  const ended = validateMany(ids, {
    validate: (id) => {
      started.push(id)
      return new Promise((resolve, reject) => {
        responses.set(id, (result) => (result instanceof Error ? reject(result) : resolve(result)))
      })
    },
    show: (state) => states.push(state),
    wait: (seconds, signal) =>
      new Promise((resolve) => {
        waits.push({ seconds, end: resolve })
        signal.addEventListener('abort', () => resolve())
      }),
    signal: stop.signal,
  })
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  const respond = async (id: string, result: Result | Busy | Error) => {
    responses.get(id)?.(result)
    await settle()
  }
  const endPause = async () => {
    waits.at(-1)?.end()
    await settle()
  }
  const latest = () => states.at(-1) as ManyState
  return { started, respond, waits, endPause, latest, stop, ended }
}

describe('validating many accounts', () => {
  it('logs in to three at a time, and shows each result as it comes', async () => {
    const { started, respond, latest, ended } = startRun()
    expect(started).toEqual(['a', 'b', 'c'])
    await respond('b', 'passed')
    expect(started).toEqual(['a', 'b', 'c', 'd'])
    expect(latest()).toMatchObject({ running: ['a', 'c', 'd'], results: ['passed'] })
    expect(progressLabel(latest())).toBe('1 of 7 validated: 1 passed')
    for (const id of ids) await respond(id, id === 'c' ? 'refused' : 'failed')
    await ended
    expect(latest()).toMatchObject({ running: [], isRunning: false, refusal: null })
    expect(progressLabel(latest())).toBe(
      '7 of 7 validated: 1 passed, 5 failed, 1 could not be tried',
    )
  })

  it('ends with the refusal that the others would meet too', async () => {
    const { started, respond, latest, ended } = startRun()
    await respond('a', new Error('Too many validations.'))
    await respond('b', 'passed')
    await respond('c', 'passed')
    await ended
    expect(started).toHaveLength(3)
    expect(latest()).toMatchObject({ isRunning: false, refusal: 'Too many validations.' })
    expect(latest().unchecked).toEqual(['a', 'd', 'e', 'f', 'g'])
  })

  const busy = { retryAfter: 60, reason: 'Too many requests.' }

  it('pauses once when the API takes no more, then goes on with those it had refused', async () => {
    const { started, respond, waits, endPause, latest, ended } = startRun()
    await respond('a', busy)
    await respond('b', busy)
    await respond('c', 'passed')
    expect(started).toEqual(['a', 'b', 'c'])
    expect(waits.map(({ seconds }) => seconds)).toEqual([60])
    expect(progressLabel(latest())).toBe(
      '1 of 7 validated: 1 passed. Paused for 60 s. Mailgrant says: Too many requests.',
    )
    await endPause()
    expect(latest()).toMatchObject({ pause: null, isRunning: true })
    expect(started.slice(3).sort()).toEqual(['a', 'b', 'd'])
    for (const id of ids) await respond(id, 'passed')
    await ended
    expect(latest()).toMatchObject({ isRunning: false, refusal: null, unchecked: [] })
    expect(latest().results).toHaveLength(7)
  })

  it('can be stopped during a pause', async () => {
    const { respond, stop, latest, ended } = startRun()
    for (const id of ['a', 'b', 'c']) await respond(id, busy)
    stop.abort()
    await ended
    expect(latest()).toMatchObject({ isRunning: false, pause: null, unchecked: ids })
  })

  it('ends when pauses do not help', async () => {
    const { respond, waits, endPause, latest, ended } = startRun()
    for (let round = 0; round < 6; round += 1) {
      for (const id of latest().running) await respond(id, busy)
      await endPause()
    }
    await ended
    expect(waits).toHaveLength(5)
    expect(latest()).toMatchObject({ refusal: 'Too many requests.', unchecked: ids })
  })
})
