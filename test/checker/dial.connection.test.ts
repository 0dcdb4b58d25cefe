import { once } from 'node:events'
import { createServer, connect as open, Socket } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
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
  it('goes to the first address that answers', async () => {
    const port = await listenAt('127.0.0.1')
    const dead = () => open({ host: '127.0.0.1', port: 9 })
    const dials = [dead, dead, () => open({ host: '127.0.0.1', port })]
    const result = await connectFirst(['1.1.1.1', '1.1.1.2', '1.1.1.3'], 993, never, () =>
      (dials.shift() ?? dead)(),
    )
    if (!result.ok) throw new Error(result.fault.detail)
    expect(result.value.destroyed).toBe(false)
    result.value.destroy()
  })

  it('goes to the address it was given', async () => {
    const result = await connectFirst(['127.0.0.2'], await listenAt('127.0.0.2'), never)
    if (!result.ok) throw new Error(result.fault.detail)
    expect(result.value.remoteAddress).toBe('127.0.0.2')
    result.value.destroy()
  })

  describe('that is never answered', () => {
    afterEach(() => vi.useRealTimers())

    /** Opens sockets that neither connect nor fail. */
    function createSilentDialer() {
      const sockets: Socket[] = []
      const dial = () => {
        const socket = new Socket()
        sockets.push(socket)
        return socket
      }
      return { sockets, dial }
    }

    it('is abandoned after three seconds for the next address', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const { sockets, dial } = createSilentDialer()
      const result = connectFirst(['1.1.1.1', '1.1.1.2'], 993, never, dial)
      expect(sockets).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(3_000)
      expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, false])
      // The last attempt may use all the remaining time.
      await vi.advanceTimersByTimeAsync(60_000)
      expect(sockets[1]?.destroyed).toBe(false)
      sockets[1]?.emit('connect')
      expect(await result).toEqual({ ok: true, value: sockets[1] })
      sockets[1]?.destroy()
    })

    it('stays open once connected, with only the error handler attached', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const { sockets, dial } = createSilentDialer()
      const result = connectFirst(['1.1.1.1', '1.1.1.2'], 993, never, dial)
      const [socket] = sockets
      socket?.emit('connect')
      expect(await result).toEqual({ ok: true, value: socket })
      await vi.advanceTimersByTimeAsync(3_000)
      expect(socket?.destroyed).toBe(false)
      const counts = ['connect', 'error', 'close'].map((event) => socket?.listenerCount(event))
      expect(counts).toEqual([0, 1, 0])
      socket?.destroy()
    })

    it('ends with its probe, and no other address is tried', async () => {
      // Fake timers, so that only the probe can end the attempt.
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const { sockets, dial } = createSilentDialer()
      const probe = new AbortController()
      const result = connectFirst(['1.1.1.1', '1.1.1.2'], 993, probe.signal, dial)
      probe.abort()
      expect(await result).toMatchObject({ ok: false, fault: { kind: 'connect' } })
      expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true])
    })
  })

  it.each([
    ['EHOSTUNREACH', 'EHOSTUNREACH'],
    [undefined, 'ECONNREFUSED'],
  ])('that fails with the code %s reports %s', async (code, reported) => {
    const socket = new Socket()
    const result = connectFirst(['1.1.1.1'], 993, never, () => socket)
    socket.destroy(Object.assign(new Error('failed'), { code }))
    expect(await result).toMatchObject({ ok: false, fault: { kind: 'connect', code: reported } })
  })

  it('that is refused by every address fails with the last error code', async () => {
    expect(await connectFirst(['127.0.0.1', '127.0.0.1'], 9, never)).toEqual({
      ok: false,
      fault: {
        kind: 'connect',
        code: 'ECONNREFUSED',
        detail: 'Could not connect to port 9 (ECONNREFUSED).',
      },
    })
  })

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
