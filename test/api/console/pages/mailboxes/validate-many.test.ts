import { describe, expect, it } from 'vitest'
import {
  type ManyState,
  progressLabel,
  type Result,
  validateMany,
} from '../../../../../api/console/pages/mailboxes/validate-many.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

/** Starts a run whose logins the test settles. */
function startRun() {
  const started: string[] = []
  const pauses: ((reason: string | null) => void)[] = []
  const logins = new Map<string, PromiseWithResolvers<Result>>()
  const states: ManyState[] = []
  const stop = new AbortController()
  const ended = validateMany(ids, {
    validate: (id, showPause) => {
      started.push(id)
      pauses.push(showPause)
      const login = Promise.withResolvers<Result>()
      logins.set(id, login)
      return login.promise
    },
    show: (state) => states.push(state),
    signal: stop.signal,
  })
  const respond = async (id: string, result: Result | Error) => {
    if (result instanceof Error) logins.get(id)?.reject(result)
    else logins.get(id)?.resolve(result)
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  const latest = () => states.at(-1) as ManyState
  return { started, pauses, respond, latest, stop, ended }
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
    await respond('a', new Error('Mailgrant is not responding.'))
    await respond('b', 'passed')
    await respond('c', 'passed')
    await ended
    expect(started).toHaveLength(3)
    expect(latest()).toMatchObject({ isRunning: false, refusal: 'Mailgrant is not responding.' })
    expect(progressLabel(latest())).toBe('2 of 7 validated: 2 passed')
  })

  it('shows why it is paused, and can be stopped then', async () => {
    const { started, pauses, respond, latest, stop, ended } = startRun()
    pauses[0]?.('Too many requests.')
    expect(progressLabel(latest())).toBe('0 of 7 validated. Paused: Too many requests.')
    stop.abort()
    await respond('a', new Error('aborted'))
    await respond('b', 'passed')
    await respond('c', 'passed')
    await ended
    expect(started).toHaveLength(3)
    expect(latest()).toMatchObject({ isRunning: false, pause: null, refusal: null })
  })
})
