/** An HTTP proxy that opens tunnels (CONNECT) and keeps what it was asked for. */
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'

export type ConnectProxy = {
  /** `http://127.0.0.1:3128`. */
  url: string
  port: number
  /** Targets of the tunnels, with the other headers by which a proxy may decide. */
  requests: { target: string; host: string | undefined; credentials: string | undefined }[]
  stop: () => Promise<void>
}

/**
 * Starts the proxy, which resolves every name to this machine. With a status other than 200, it refuses every
 * tunnel.
 */
export async function startConnectProxy(status = 200): Promise<ConnectProxy> {
  const requests: ConnectProxy['requests'] = []
  const sockets = new Set<Socket>()
  const server = createServer()
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  server.on('connect', (request, client: Socket) => {
    const { host, 'proxy-authorization': credentials } = request.headers
    requests.push({ target: request.url ?? '', host, credentials })
    track(client)
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const port = Number(request.url?.split(':').at(-1))
    const target = connect({ host: '127.0.0.1', port }, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(target).pipe(client)
    })
    track(target)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      }),
  }
}
