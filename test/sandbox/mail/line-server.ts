/**
 * A server that speaks in lines over TCP, TLS or STARTTLS. A session is one async function that reads
 * lines and sends lines, so a script of a dialog reads from top to bottom. Loopback only.
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
  /** The next line without CRLF; null at the end of the connection. */
  readLine(): Promise<string | null>
  /** The next bytes as text (literals); null at the end of the connection. */
  readBytes(count: number): Promise<string | null>
  /** Upgrades to TLS. What had come in clear and was not read yet is thrown away. */
  startTls(): Promise<void>
  /** Closes after what was sent has left. */
  end(): void
  /** Cuts the connection. */
  destroy(): void
  /** Resolves when the connection is gone: for scripts that hang. */
  readonly closed: Promise<void>
}

/** One line that came in, and whether TLS was on. Wire tests look for tokens among the clear ones. */
export type Heard = { secure: boolean; line: string }

export type LineServerOptions = {
  security: Security
  certificate: Certificate
  /** 0 (the default) takes a free one. */
  port?: number
  session: (connection: Connection) => Promise<void>
}

export type LineServer = {
  port: number
  /** Every line of every connection, in order. */
  heard: readonly Heard[]
  /** Connections accepted so far. */
  connections: () => number
  /** Cuts all connections and frees the port. */
  stop: () => Promise<void>
}

type Wish = {
  enough: (buffer: Buffer) => number | null
  skip: number
  give: (text: string | null) => void
}

function createConnection(first: Socket, options: LineServerOptions, heard: Heard[]): Connection {
  let socket: Socket = first
  let secure = false
  let ended = false
  let buffer = Buffer.alloc(0)
  let wish: Wish | null = null
  const closed = new Promise<void>((resolve) => first.once('close', () => resolve()))

  const serve = () => {
    if (!wish) return
    const length = wish.enough(buffer)
    if (length === null && !ended) return
    const { give, skip } = wish
    wish = null
    if (length === null) return give(null)
    const text = buffer.subarray(0, length).toString('utf8')
    buffer = buffer.subarray(length + skip)
    heard.push({ secure, line: text })
    give(text)
  }
  const listen = (source: Socket) => {
    source.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk])
      serve()
    })
    const finish = () => {
      ended = true
      serve()
    }
    source.on('end', finish)
    source.on('close', finish)
    // A client that hangs up in the middle is a story of its own, never a crash of the sandbox.
    source.on('error', finish)
  }
  const read = (enough: Wish['enough'], skip: number) =>
    new Promise<string | null>((give) => {
      wish = { enough, skip, give }
      serve()
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
    closed,
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
  const heard: Heard[] = []
  const sockets = new Set<Socket>()
  let accepted = 0
  const server = createServer(async (socket) => {
    accepted += 1
    // Answers of several lines would wait for an ACK of the first, 40 ms each time.
    socket.setNoDelay(true)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const connection = createConnection(socket, options, heard)
    try {
      if (options.security === 'tls') await connection.startTls()
      await options.session(connection)
      connection.end()
    } catch {
      // A failed handshake, mostly: the client did not trust the certificate.
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
    heard,
    connections: () => accepted,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
