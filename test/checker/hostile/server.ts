/**
 * A scripted mail server on loopback. It records every byte received in plaintext, and knows when the client
 * has closed the connection.
 */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import { certificates } from './certificates.ts'

export type Script = (peer: Peer) => Promise<void> | void

export type Peer = {
  send(data: string | Buffer): void
  /** Returns the next line without its CRLF, or null once the client has disconnected. */
  line(): Promise<string | null>
  /** Performs the server side of a TLS handshake. Resolves also if the client aborts it. */
  startTls(): Promise<void>
  end(data?: string | Buffer): void
  reset(): void
  /** Resolves when the client has closed the connection. */
  closed: Promise<void>
  readonly open: boolean
}

export type HostileServer = {
  port: number
  /** All bytes received outside TLS, over all connections. */
  readonly clear: string
  /** Lines received, in plaintext or over TLS. */
  readonly lines: string[]
  readonly connections: number
  /** Server names (SNI) that clients sent in the handshake. */
  readonly names: string[]
  /** Resolves when all connections are closed. */
  allClosed(): Promise<void>
  stop(): Promise<void>
}

export type ServerOptions = {
  /** TLS from the first byte. */
  implicit: boolean
  /** Default: a valid certificate for the host. */
  tls?: SecureContextOptions
}

export async function startServer(script: Script, options: ServerOptions): Promise<HostileServer> {
  const tls = options.tls ?? (await certificates()).good
  const context = createSecureContext(tls)
  const sockets = new Set<Socket>()
  const closings: Promise<unknown>[] = []
  const lines: string[] = []
  const names: string[] = []
  let clear = ''
  let connections = 0

  const server = createServer((socket) => {
    connections += 1
    socket.setNoDelay(true)
    sockets.add(socket)
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        sockets.delete(socket)
        resolve()
      })
    })
    closings.push(closed)
    const peer = createPeer(socket, closed)
    const begin = async () => {
      if (options.implicit) await peer.startTls()
      await script(peer)
    }
    begin().catch(() => socket.destroy())
  })

  function createPeer(raw: Socket, closed: Promise<void>): Peer {
    let stream: Socket = raw
    let buffer = ''
    let wake = () => {}
    const listen = (socket: Socket) => {
      socket.on('error', () => {})
      socket.on('data', (data: Buffer) => {
        if (socket === raw) clear += data.toString('latin1')
        buffer += data.toString('latin1')
        wake()
      })
    }
    if (options.implicit) raw.on('error', () => {})
    else listen(raw)
    raw.once('close', () => wake())

    return {
      closed,
      get open() {
        return !raw.destroyed
      },
      send(data) {
        if (!stream.destroyed) stream.write(data)
      },
      async line() {
        for (;;) {
          const at = buffer.indexOf('\r\n')
          if (at >= 0) {
            const line = buffer.slice(0, at)
            buffer = buffer.slice(at + 2)
            lines.push(line)
            return line
          }
          if (raw.destroyed) return null
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      },
      async startTls() {
        raw.removeAllListeners('data')
        const secured = new TLSSocket(raw, { isServer: true, secureContext: context })
        stream = secured
        listen(secured)
        const shaken = new Promise<void>((resolve) => secured.once('secure', () => resolve()))
        secured.once('secure', () => names.push(secured.servername || ''))
        await Promise.race([shaken, closed])
      },
      end: (data = '') => void stream.end(data),
      reset: () => void raw.resetAndDestroy(),
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    get clear() {
      return clear
    },
    lines,
    names,
    get connections() {
      return connections
    },
    allClosed: async () => void (await Promise.all(closings)),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
