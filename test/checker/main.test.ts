import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { openReport, REQUEST, RING_TEXT, sealRequest } from './hostile/messages.ts'
import { startServer } from './hostile/server.ts'

const MAIN = new URL('../../checker/main.ts', import.meta.url).pathname
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starting a process may take seconds on a busy machine. */
const SLOW = { timeout: 60_000 }

type Line = { event: string; port?: number }

function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], {
    env: { CHECKER_KEY: RING_TEXT, PORT: '0', DRAIN_SECONDS: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const lines: string[] = []
  const waiting: (() => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const wake of waiting.splice(0)) wake()
  })
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += data
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, errors }))

  /** Waits for the first log line of this event. */
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

/** Starts a mail server that accepts connections and sends nothing, so that a probe of it keeps running. */
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

describe('the process', SLOW, () => {
  it('listens, responds, is ready, and has threads for slow name servers', async () => {
    const { child, url, post } = await listening()
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const response = await post({ ...REQUEST, host: 'evil.test' })
    const report = await openReport(await response.text())
    expect(report.failure?.kind).toBe('host_not_allowed')
    if (process.platform === 'linux') {
      expect(readdirSync(`/proc/${child.pid}/task`).length).toBeGreaterThan(64)
    }
  })

  it.each([
    [{ CHECKER_KEY: '' }, 'CHECKER_KEY'],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
  ])('exits with an error for %o', async (environment, name) => {
    const { code, errors } = await start(environment).ended
    expect(code).toBe(1)
    expect(errors).toContain(name)
    expect(errors).not.toContain(RING_TEXT.split(':')[1])
  })

  it('exits with an error if the port is in use', async () => {
    const { port } = await listening()
    const { code, errors } = await start({ PORT: String(port) }).ended
    expect(code).toBe(1)
    expect(errors).toMatch(new RegExp(`^HOST and PORT: .* port ${port} \\(EADDRINUSE\\)`))
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('exits with 0 on %s when idle', async (signal) => {
    const { child, ended, url } = await listening()
    await (await fetch(`${url}/healthz`)).text() // leaves a keep-alive connection
    child.kill(signal)
    expect((await ended).code).toBe(0)
  })

  it('finishes running probes before it exits, and accepts no more', async () => {
    const mail = await silentServer()
    const { child, ended, event, post, port } = await listening(mail.environment)
    const response = post(mail.request)
    await mail.connected
    child.kill('SIGTERM')
    await event('closing')
    const refused = connect(port, '127.0.0.1')
    await once(refused, 'error')
    await mail.server.stop() // the probe's connection breaks, and the probe ends
    expect((await openReport(await (await response).text())).outcome).toBe('inconclusive')
    expect((await ended).code).toBe(0)
  })

  it('stays on SIGTERM for DRAIN_SECONDS, not ready but serving', async () => {
    const { child, event, post, url } = await listening({ DRAIN_SECONDS: '600' })
    child.kill('SIGTERM')
    await event('draining')
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    expect((await post({ ...REQUEST, host: 'evil.test' })).status).toBe(200)
    child.kill('SIGKILL')
  })

  it('does not wait for load balancers on SIGINT', async () => {
    const { child, ended } = await listening({ DRAIN_SECONDS: '600' })
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })

  it('serves a caller while 700 connections send nothing', async () => {
    const { port, post } = await listening()
    const silent = Array.from({ length: 700 }, () => connect(port, '127.0.0.1'))
    for (const socket of silent) socket.on('error', () => {})
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    expect((await post({ ...REQUEST, host: 'evil.test' })).status).toBe(200)
    for (const socket of silent) socket.destroy()
  })

  it('closes a connection with more than four responses that are not read', async () => {
    const { port, post } = await listening()
    const greedy = connect(port, '127.0.0.1').pause()
    greedy.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n\r\n'.repeat(700))
    await once(
      greedy.resume().on('error', () => {}),
      'close',
    )
    expect((await post({ ...REQUEST, host: 'evil.test' })).status).toBe(200)
  })

  it('exits at once on a second signal', async () => {
    const mail = await silentServer()
    const { child, ended, event, post } = await listening(mail.environment)
    const response = post(mail.request).catch(() => 'cut')
    await mail.connected
    child.kill('SIGTERM')
    await event('closing')
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(await response).toBe('cut')
    await mail.server.stop()
  })

  it('aborts the probe of a caller that disconnects', async () => {
    const mail = await silentServer()
    const { url, event } = await listening(mail.environment)
    const caller = new AbortController()
    const body = await sealRequest(mail.request)
    const response = fetch(`${url}/probe`, { method: 'POST', body, signal: caller.signal })
    await mail.connected
    caller.abort()
    await expect(response).rejects.toThrow()
    await mail.closed
    await event('probed')
    await mail.server.stop()
  })
})

describe('a closed log pipe', SLOW, () => {
  it('does not prevent probes', async () => {
    const { child, ended, post } = await listening()
    child.stdout?.destroy()
    for (const _ of [1, 2, 3]) {
      expect((await post({ ...REQUEST, host: 'no-such-host.invalid' })).status).toBe(200)
    }
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })
})
