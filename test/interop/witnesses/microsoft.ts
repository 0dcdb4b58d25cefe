/**
 * The sandbox under the names and ports of Microsoft, with TLS, for programs whose addresses cannot be changed. The
 * program runs in a mount namespace in which those names are this machine's, so it needs no other option than the CA.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createServer as createTlsServer } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import type { AppRegistration } from '../../sandbox/personas.ts'
import { startWorld } from '../../sandbox/world.ts'
import { createTemporaryFolder, registerProcess, unregisterProcess } from '../cleanup.ts'

const LOGIN_HOST = 'login.microsoftonline.com'
const MAIL_HOSTS = ['outlook.office365.com', 'smtp.office365.com']
/** A loopback address on which the ports of real servers are free. */
const ADDRESS = '127.34.0.1'

export type Request = { method: string; path: string; status: number }

async function listen(server: Server, port: number): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(port, ADDRESS)
  await once(server, 'listening')
  return async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
}

/** Passes a connection on to a port of 127.0.0.1. */
const forwardTo = (port: number) => (socket: Socket) => {
  const target = connect(port, '127.0.0.1')
  for (const each of [socket, target]) each.on('error', () => {})
  socket.pipe(target).pipe(socket)
}

/** Refuses every command. The sandbox has no POP, which Mailgrant does not use. */
function refusePop(socket: Socket): void {
  socket.on('error', () => {})
  socket.write('+OK\r\n')
  socket.on('data', () => socket.write('-ERR Logon failure\r\n'))
}

export async function startMicrosoft({ app }: { app?: Partial<AppRegistration> } = {}) {
  await using parts = new AsyncDisposableStack()
  const world = await startWorld({ app, refreshAnywhere: true })
  parts.defer(world.stop)
  const { path: folder, remove } = await createTemporaryFolder()
  parts.defer(remove)

  const requests: Request[] = []
  const login = createServer(
    await world.authority.issue([LOGIN_HOST]),
    getRequestListener(async (request) => {
      const response = await world.entra.fetch(request)
      const { pathname: path } = new URL(request.url)
      requests.push({ method: request.method, path, status: response.status })
      return response
    }),
  )
  parts.defer(await listen(login, 443))
  parts.defer(await listen(createTcpServer(forwardTo(world.ports.imapTls)), 993))
  parts.defer(await listen(createTcpServer(forwardTo(world.ports.smtpStarttls)), 587))
  parts.defer(
    await listen(createTlsServer(await world.authority.issue(MAIL_HOSTS), refusePop), 995),
  )
  const hosts = join(folder, 'hosts')
  await writeFile(hosts, `127.0.0.1 localhost\n${[ADDRESS, LOGIN_HOST, ...MAIL_HOSTS].join(' ')}\n`)
  const started = parts.move()

  return {
    world,
    folder,
    /** Requests to the login host, in the order of the responses. */
    requests: requests as readonly Request[],
    /**
     * Runs a program to its end and returns what it printed. `respond` receives each line, and returns the line to
     * write to its standard input, or null. Throws with the output if it fails.
     */
    async run(
      command: readonly string[],
      respond: (line: string) => Promise<string | null> = async () => null,
    ): Promise<string> {
      const script = 'mount --bind "$0" /etc/hosts && exec "$@"'
      const child = spawn('/usr/bin/unshare', ['--mount', 'sh', '-c', script, hosts, ...command], {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          NODE_EXTRA_CA_CERTS: world.caFile,
          SSL_CERT_FILE: world.caFile,
          PYTHONUNBUFFERED: '1',
        },
        detached: true,
        stdio: 'pipe',
      })
      const { pid = 0 } = child
      registerProcess(-pid)
      const lines: string[] = []
      child.stderr.setEncoding('utf8').on('data', (text: string) => lines.push(text))
      const closed = once(child, 'close')
      for await (const line of createInterface(child.stdout)) {
        lines.push(line)
        const response = await respond(line)
        if (response !== null) child.stdin.write(`${response}\n`)
      }
      const [code] = await closed
      unregisterProcess(-pid)
      const output = lines.join('\n')
      if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`)
      return output
    },
    stop: () => started.disposeAsync(),
  }
}

export type Microsoft = Awaited<ReturnType<typeof startMicrosoft>>
