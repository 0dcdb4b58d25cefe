/**
 * A line-based server over TCP, TLS or STARTTLS. A session is one async function that reads and sends
 * lines, so the script of a dialog reads from top to bottom. Loopback only.
 */
import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'

export type Security = 'tls' | 'starttls'

export type Connection = {
  readonly secure: boolean
  /** Sends a line; CRLF is added. */
  send(line: string): void
  /** Sends bytes as they are, for scripts of broken servers. */
  sendRaw(bytes: string | Uint8Array): void
  /** Reads the next line, without CRLF and with one character per octet; null at the end of the connection. */
  readLine(): Promise<string | null>
  /** Reads the next octets, one character each (literals); null at the end of the connection. */
  readBytes(count: number): Promise<string | null>
  /** Upgrades to TLS. Discards unread clear-text input. */
  startTls(): Promise<void>
  /** Closes the connection after everything has been sent. */
  end(): void
  /** Closes the connection at once. */
  destroy(): void
}

export type LineServerOptions = {
  security: Security
  certificate: Certificate
  /** 0, the default, means a free port. */
  port?: number
  session: (connection: Connection) => Promise<void>
}

export type LineServer = {
  port: number
  /** Lines of all connections, in order. */
  received: readonly string[]
  /** Closes all connections and frees the port. */
  stop: () => Promise<void>
}

type PendingRead = {
  /** Returns the length of the next unit, or null until it is complete. */
  measure: (buffer: Buffer) => number | null
  /** Bytes to drop after the unit. */
  skip: number
  resolve: (text: string | null) => void
}

function createConnection(
  first: Socket,
  options: LineServerOptions,
  received: string[],
): Connection {
  let socket: Socket = first
  let secure = false
  let ended = false
  let buffer = Buffer.alloc(0)
  let pending: PendingRead | null = null

  const settleRead = () => {
    if (!pending) return
    const length = pending.measure(buffer)
    if (length === null && !ended) return
    const { resolve, skip } = pending
    pending = null
    if (length === null) return resolve(null)
    const text = buffer.subarray(0, length).toString('latin1')
    buffer = buffer.subarray(length + skip)
    received.push(text)
    resolve(text)
  }
  const listen = (source: Socket) => {
    source.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk])
      settleRead()
    })
    const finish = () => {
      ended = true
      settleRead()
    }
    source.on('end', finish)
    source.on('close', finish)
    // A client that disconnects half-way must not crash the sandbox.
    source.on('error', finish)
  }
  const read = (measure: PendingRead['measure'], skip: number) =>
    new Promise<string | null>((resolve) => {
      pending = { measure, skip, resolve }
      settleRead()
    })
  const upgrade = (from: Socket) =>
    new Promise<void>((resolve, reject) => {
      from.removeAllListeners('data')
      buffer = Buffer.alloc(0)
      const secureContext = createSecureContext(options.certificate)
      const upgraded = new TLSSocket(from, { isServer: true, secureContext })
      upgraded.once('secure', () => {
        secure = true
        resolve()
      })
      upgraded.once('error', reject)
      socket = upgraded
      listen(upgraded)
    })

  if (options.security === 'starttls') listen(first)
  else first.on('error', () => {})
  return {
    get secure() {
      return secure
    },
    send: (line) => void socket.write(`${line}\r\n`),
    sendRaw: (bytes) => void socket.write(bytes),
    readLine: () =>
      read((bytes) => {
        const end = bytes.indexOf('\r\n')
        return end < 0 ? null : end
      }, 2),
    readBytes: (count) => read((bytes) => (bytes.length < count ? null : count), 0),
    startTls: () => upgrade(socket),
    end: () => void socket.end(),
    destroy: () => void first.destroy(),
  }
}

export async function listenLines(options: LineServerOptions): Promise<LineServer> {
  const sockets = new Set<Socket>()
  const received: string[] = []
  const server = createServer(async (socket) => {
    // Otherwise each line after the first waits 40 ms for an ACK.
    socket.setNoDelay(true)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const connection = createConnection(socket, options, received)
    try {
      if (options.security === 'tls') await connection.startTls()
      await options.session(connection)
      connection.end()
    } catch {
      // Usually a failed handshake: the client did not trust the certificate.
      socket.destroy()
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    received,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
