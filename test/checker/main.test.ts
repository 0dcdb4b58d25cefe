import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { openReport, REQUEST, RING_TEXT, sealRequest } from './hostile/letters.ts'
import { startServer } from './hostile/server.ts'

const MAIN = new URL('../../checker/main.ts', import.meta.url).pathname
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Each test starts a process or two, which takes seconds on a busy machine. */
const LONG = { timeout: 60_000 }

type Line = { event: string; port?: number }

function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], {
    env: { CHECKER_KEY: RING_TEXT, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const lines: string[] = []
  const waiting: (() => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const wake of waiting.splice(0)) wake()
  })
  let complaints = ''
  child.stderr.on('data', (data) => {
    complaints += data
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, complaints }))

  /** The next line of the log with this name. */
  async function event(name: string): Promise<Line> {
    for (;;) {
      const found = lines.map((line): Line => JSON.parse(line)).find((line) => line.event === name)
      if (found) return found
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return { child, ended, event, lines }
}

async function listening(environment: Record<string, string> = {}) {
  const started = start(environment)
  const { port = 0 } = await started.event('listening')
  const url = `http://127.0.0.1:${port}`
  const post = async (request: unknown) =>
    fetch(`${url}/probe`, { method: 'POST', body: await sealRequest(request) })
  return { ...started, port, url, post }
}

/** A mail server that takes connections and says nothing, so that a probe of it stays running. */
async function silentServer() {
  const connected = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const server = await startServer(
    async (peer) => {
      connected.resolve()
      await peer.closed
      closed.resolve()
    },
    { implicit: false },
  )
  const request = { ...REQUEST, host: 'localhost', port: server.port, security: 'starttls' }
  const environment = {
    ALLOW_PRIVATE_HOSTS: '1',
    EXTRA_OAUTH_MAIL_HOSTS: `imap:localhost:${server.port}:starttls`,
  }
  return { server, request, environment, connected: connected.promise, closed: closed.promise }
}

describe('the process', LONG, () => {
  it('listens, answers, and is ready', async () => {
    const { url, post } = await listening()
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const response = await post({ ...REQUEST, host: 'evil.test' })
    const report = await openReport(await response.text())
    expect(report.failure?.kind).toBe('host_not_allowed')
  })

  it.each([
    [{ CHECKER_KEY: '' }, 'CHECKER_KEY'],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
    [{ PORT: '99999' }, 'PORT'],
  ])('does not start with %o, and says why', async (environment, name) => {
    const { code, complaints } = await start(environment).ended
    expect(code).toBe(1)
    expect(complaints).toContain(name)
    expect(complaints).not.toContain(RING_TEXT.split(':')[1])
  })

  it('does not start where the port is taken', async () => {
    const { port } = await listening()
    const { code, complaints } = await start({ PORT: String(port) }).ended
    expect(code).toBe(1)
    expect(complaints).toMatch(new RegExp(`^HOST and PORT: .* port ${port} \\(EADDRINUSE\\)`))
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('at rest, ends with 0 on %s', async (signal) => {
    const { child, ended, url } = await listening()
    await (await fetch(`${url}/healthz`)).text() // leaves a connection that is kept alive
    child.kill(signal)
    expect((await ended).code).toBe(0)
  })

  it('lets a running probe finish before it ends, and takes no more', async () => {
    const mail = await silentServer()
    const { child, ended, event, post, port } = await listening(mail.environment)
    const answer = post(mail.request)
    await mail.connected
    child.kill('SIGTERM')
    await event('draining')
    const refused = connect(port, '127.0.0.1')
    await once(refused, 'error')
    await mail.server.stop() // the probe's connection breaks, and the probe ends
    expect((await openReport(await (await answer).text())).outcome).toBe('inconclusive')
    expect((await ended).code).toBe(0)
  })

  it('ends at once on a second signal', async () => {
    const mail = await silentServer()
    const { child, ended, event, post } = await listening(mail.environment)
    const answer = post(mail.request).catch(() => 'cut')
    await mail.connected
    child.kill('SIGTERM')
    await event('draining')
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(await answer).toBe('cut')
    await mail.server.stop()
  })

  it('drops the probe of a caller that hangs up', async () => {
    const mail = await silentServer()
    const { url, event } = await listening(mail.environment)
    const caller = new AbortController()
    const body = await sealRequest(mail.request)
    const answer = fetch(`${url}/probe`, { method: 'POST', body, signal: caller.signal })
    await mail.connected
    caller.abort()
    await expect(answer).rejects.toThrow()
    await mail.closed
    await event('probed')
    await mail.server.stop()
  })
})

describe('a log that nobody reads any more', LONG, () => {
  it('does not keep the checker from ending', async () => {
    const { child, ended } = await listening()
    child.stdout?.destroy()
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  it('does not keep the checker from its work', async () => {
    const { child, ended, post } = await listening()
    child.stdout?.destroy()
    for (const _ of [1, 2, 3]) {
      expect((await post({ ...REQUEST, host: 'no-such-host.invalid' })).status).toBe(200)
    }
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })
})
