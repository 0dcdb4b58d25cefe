/** A TCP connection to a server on this machine, for requests that no HTTP client would send. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type RawConnection = {
  socket: Socket
  /** Sends text or bytes, and waits until the operating system has taken them or the connection is closed. */
  send: (data: string | Uint8Array) => Promise<void>
  /** Resolves with everything received once it matches. Rejects when the connection is closed before. */
  until: (pattern: RegExp) => Promise<string>
  /** Resolves with everything received when the server has closed the connection. */
  closed: () => Promise<string>
}

export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let received = ''
  socket.setEncoding('latin1').on('data', (text) => {
    received += text
  })
  // A reset is no failure. What was received before it is returned.
  socket.on('error', () => {})
  socket.on('end', () => socket.end())
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await once(socket, 'connect')
  return {
    socket,
    send: (data) =>
      new Promise((resolve) => {
        // The callback also gets the error of a connection that is closed.
        if (socket.writable) socket.write(data, () => resolve())
        else resolve()
      }),
    async until(pattern) {
      while (!pattern.test(received)) {
        await Promise.race([once(socket, 'data'), closed])
        if (socket.destroyed && !pattern.test(received)) throw new Error(`closed after ${received}`)
      }
      return received
    },
    async closed() {
      await closed
      return received
    },
  }
}

/** Sends one request and returns everything that the server responds until it closes the connection. */
export async function sendRaw(port: number, data: string): Promise<string> {
  const connection = await openRaw(port)
  await connection.send(data)
  return connection.closed()
}
