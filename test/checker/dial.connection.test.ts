import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectFirst, errorCode } from '../../checker/dial.ts'

const never = new AbortController().signal

/** Starts a server at this address, until the test ends. */
async function listenAt(host: string): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as { port: number }).port
}

describe('a connection', () => {
  it.each([
    [['127.0.0.2']],
    [['127.0.0.1', '127.0.0.3', '127.0.0.2']],
    [['::1', '127.0.0.1', '127.0.0.2']],
  ])('goes to the first address that responds, and to no other than %j', async (addresses) => {
    const result = await connectFirst(addresses, await listenAt('127.0.0.2'), never)
    if (!result.ok) throw new Error(result.fault.detail)
    const { remoteAddress, destroyed } = result.value
    expect([remoteAddress, destroyed]).toEqual(['127.0.0.2', false])
    result.value.destroy()
  })

  it('stays open once connected, with only the error handler attached', async () => {
    const socket = new Socket()
    const result = connectFirst(['1.1.1.1'], 993, never, () => socket)
    const before = ['connect', 'error', 'close'].map((event) => socket.listenerCount(event))
    socket.emit('connect')
    expect(await result).toEqual({ ok: true, value: socket })
    const counts = ['connect', 'error', 'close'].map((event) => socket.listenerCount(event))
    expect([before, counts, socket.destroyed]).toEqual([[1, 2, 0], [0, 1, 0], false])
    socket.destroy()
  })

  it('that is never answered ends with its probe', async () => {
    const socket = new Socket()
    const probe = new AbortController()
    const result = connectFirst(['1.1.1.1', '1.1.1.2'], 993, probe.signal, () => socket)
    probe.abort()
    expect(await result).toMatchObject({ ok: false, fault: { kind: 'connect' } })
    expect(socket.destroyed).toBe(true)
  })

  it('reports the error code of a failure', async () => {
    const socket = new Socket()
    const result = connectFirst(['1.1.1.1'], 993, never, () => socket)
    socket.destroy(Object.assign(new Error('failed'), { code: 'EHOSTUNREACH' }))
    expect(await result).toMatchObject({ fault: { kind: 'connect', code: 'EHOSTUNREACH' } })
  })

  it.each([[['127.0.0.1']], [['127.0.0.1', '127.0.0.2', '::1']]])(
    'that is refused by all of %j fails with the error code',
    async (addresses) => {
      expect(await connectFirst(addresses, 9, never)).toEqual({
        ok: false,
        fault: {
          kind: 'connect',
          code: 'ECONNREFUSED',
          detail: 'Could not connect to port 9 (ECONNREFUSED).',
        },
      })
    },
  )

  it('is not attempted after the probe has ended', async () => {
    const result = await connectFirst(['1.1.1.1'], 993, AbortSignal.abort(), () => {
      throw new Error('connected')
    })
    expect(result).toEqual({
      ok: false,
      fault: { kind: 'connect', code: null, detail: 'Could not connect to port 993.' },
    })
  })
})

describe('an error code', () => {
  it.each([
    [Object.assign(new Error('failed'), { code: 'EPIPE' }), 'EPIPE'],
    [Object.assign(new Error('failed'), { code: 5 }), null],
    [new Error('failed'), null],
    [{ code: 'EPIPE' }, null],
    [null, null],
    ['EPIPE', null],
  ])('of %o is %j', (error, code) => {
    expect(errorCode(error)).toBe(code)
  })
})
