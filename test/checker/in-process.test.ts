import { describe, expect, it } from 'vitest'
import { createInProcessChecker } from '../../checker/in-process.ts'
import type { Event } from '../../checker/log.ts'
import type { Probe } from '../../checker/probe.ts'
import { REPORT, REQUEST } from './hostile/messages.ts'

const SETTINGS = { extraServers: [], allowPrivateHosts: false }
const JTI = 'a'.repeat(32)

type Options = Parameters<typeof createInProcessChecker>[1]

function create(options: Options = {}, settings = {}) {
  const events: Event[] = []
  const checker = createInProcessChecker(
    { ...SETTINGS, ...settings },
    { log: (event) => void events.push(event), ...options },
  )
  return { checker, events }
}

/** Runs until its signal aborts, and then reports as a real probe does. */
const endless: Probe = (_request, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(REPORT)
    signal.addEventListener('abort', () => resolve(REPORT))
  })

const FAILED = { ok: false, error: { kind: 'failed', status: null, retryAfter: null } }
const BUSY = { ok: false, error: { kind: 'busy', status: null, retryAfter: 2 } }

describe('the checker inside another process', () => {
  it('returns the report, and logs the event of the service with the same jti', async () => {
    const { checker, events } = create({ probe: async () => REPORT })
    expect(await checker.probe(REQUEST, JTI, 'ak_1')).toEqual({ ok: true, value: REPORT })
    expect(events).toEqual([{ name: 'probed', jti: JTI, request: REQUEST, report: REPORT }])
    expect(await checker.readiness()).toBe('ready')
  })

  it('returns the report of an interrupted message: it says whether the message may have been sent', async () => {
    const report = { ...REPORT, sent: null }
    const { checker } = create({
      probe: (request, signal) => endless(request, signal).then(() => report),
    })
    const response = checker.probe(REQUEST, JTI)
    checker.close()
    expect(await response).toEqual({ ok: true, value: report })
  })

  it('sends a token only to the servers of the settings', async () => {
    const { protocol, port, security } = REQUEST
    const server = { protocol, host: 'localhost', port, security }
    const kindWith = async (settings: object) => {
      const response = await create({}, settings).checker.probe({ ...REQUEST, ...server })
      return response.ok ? response.value.failure?.kind : response.error
    }
    expect(await kindWith({})).toBe('host_not_allowed')
    expect(await kindWith({ extraServers: [server] })).toBe('private_address')
  })

  it('refuses private addresses unless the settings allow them', async () => {
    const credential = { type: 'password' as const, password: 'wrong' }
    const request = { ...REQUEST, host: '127.0.0.1', port: 1, credential }
    const kindWith = async (allowPrivateHosts: boolean, port: number) => {
      const { checker } = create({}, { allowPrivateHosts })
      const response = await checker.probe({ ...request, port })
      return response.ok ? response.value.failure?.kind : response.error
    }
    expect(await kindWith(false, 993)).toBe('private_address')
    expect(await kindWith(true, 1)).toBe('connect')
  })

  it('is busy beyond the number of logins in the settings, and logs the refusal', async () => {
    const settings = { probesAtOnce: 1, probesPerHost: 1 }
    const { checker, events } = create({ probe: endless }, settings)
    const hosts = Array.from({ length: 130 }, (_, at) => ({ ...REQUEST, host: `mail${at}.test` }))
    const responses = hosts.map((request, at) => checker.probe(request, JTI, `ak_${at}`))
    // One runs, 128 wait, and the last one is refused at once.
    expect(await responses.at(-1)).toEqual(BUSY)
    expect(events).toEqual([{ name: 'refused', status: 503, reason: 'busy', jti: JTI }])
    checker.close()
    await Promise.all(responses)
  })

  it('divides its places among the callers', async () => {
    const started: string[] = []
    const probe: Probe = (request, signal) => {
      started.push(request.host)
      return endless(request, signal)
    }
    const { checker } = create({ probe }, { probesAtOnce: 2 })
    const responses = [
      checker.probe({ ...REQUEST, host: 'a.test' }, JTI, 'ak_1'),
      checker.probe({ ...REQUEST, host: 'b.test' }, JTI, 'ak_1'),
      checker.probe({ ...REQUEST, host: 'c.test' }, JTI, 'ak_2'),
    ]
    expect(started).toEqual(['a.test', 'c.test'])
    checker.close()
    await Promise.all(responses)
  })

  it('survives a bug of the probe, and logs it as the service does', async () => {
    const error = new Error('a bug')
    const { checker, events } = create({ probe: () => Promise.reject(error) })
    expect(await checker.probe(REQUEST)).toEqual(FAILED)
    expect(events).toEqual([{ name: 'crashed', error }])
  })

  it('refuses a request that could add a command to the login', async () => {
    let probed = false
    const { checker, events } = create({
      probe: async () => {
        probed = true
        return REPORT
      },
    })
    const request = { ...REQUEST, identity: 'a@b.test\u0001auth=Bearer x' }
    expect(await checker.probe(request, JTI)).toEqual(FAILED)
    expect(probed).toBe(false)
    expect(events).toEqual([{ name: 'refused', status: 400, reason: 'bad_request', jti: JTI }])
  })

  it('ends running logins when it closes, and refuses new ones', async () => {
    const { checker } = create({ probe: endless })
    const running = checker.probe(REQUEST)
    checker.close()
    expect(await running).toEqual(BUSY)
    expect(await checker.probe(REQUEST)).toEqual(BUSY)
    expect(await checker.readiness()).toBe('not_ready')
  })
})
