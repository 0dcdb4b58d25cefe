import { once } from 'node:events'
import { createServer, connect as open, Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connectFirst } from '../../checker/dial.ts'

const never = new AbortController().signal

describe('a connection', () => {
  it('goes to the first address that answers', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const dead = () => open({ host: '127.0.0.1', port: 9 })
    const dials = [dead, dead, () => open({ host: '127.0.0.1', port })]
    const result = await connectFirst(['1.1.1.1', '1.1.1.2', '1.1.1.3'], 993, never, () =>
      (dials.shift() ?? dead)(),
    )
    expect(result.ok).toBe(true)
    if (result.ok) result.value.destroy()
    server.close()
    await once(server, 'close')
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

    it('ends with its probe, and no other address is tried', async () => {
      const { sockets, dial } = createSilentDialer()
      const probe = new AbortController()
      const result = connectFirst(['1.1.1.1', '1.1.1.2'], 993, probe.signal, dial)
      probe.abort()
      expect(await result).toMatchObject({ ok: false, fault: { kind: 'connect' } })
      expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true])
    })
  })

  it('that is refused by every address fails with the last error code', async () => {
    const result = await connectFirst(['127.0.0.1'], 9, never)
    expect(result).toMatchObject({ ok: false, fault: { kind: 'connect', code: 'ECONNREFUSED' } })
  })
})
