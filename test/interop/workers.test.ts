/** Runs the example mail workers as they are written, in each language. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { INBOX, type Mailbox, type Rig, startExchangeRig } from './mail-programs/rig.ts'
import { GO_ENVIRONMENT } from './mail-programs/user-home.ts'

const WORKERS = new URL('../examples/workers/', import.meta.url).pathname

let rig: Rig
let key: string
let folder: string

beforeAll(async () => {
  rig = await startExchangeRig()
  folder = await mkdtemp(join(tmpdir(), 'mailgrant-workers-'))
  await writeFile(join(folder, 'ca.pem'), rig.ca)
  const created = await rig.api.expect(201, 'POST', '/v1/api-keys', {
    name: 'Mail worker',
    scopes: ['tokens'],
  })
  key = String(created.key)
})

afterAll(async () => {
  await rig?.stop()
  await rm(folder, { recursive: true, force: true })
})

type Ended = { code: number; output: string }

/** Runs a worker to its end. `url` is where it asks for tokens, by default Mailgrant itself. */
async function run(
  command: readonly string[],
  { id }: Mailbox,
  url = `http://localhost:${rig.ports.api}`,
): Promise<Ended> {
  const [program = '', ...args] = command
  const ca = join(folder, 'ca.pem')
  const env = {
    PATH: process.env.PATH,
    PYTHONIOENCODING: 'utf-8',
    MAILGRANT_URL: url,
    MAILGRANT_KEY: key,
    MAILGRANT_ACCOUNT: id,
    SSL_CERT_FILE: ca,
    NODE_EXTRA_CA_CERTS: ca,
    ...GO_ENVIRONMENT,
  }
  const options = { cwd: WORKERS, env, timeout: 60_000 }
  const { stdout, stderr, code } = await promisify(execFile)(program, args, options).then(
    (ended) => ({ ...ended, code: 0 }),
    (error: Ended & { stdout: string; stderr: string }) => error,
  )
  return { code, output: stdout + stderr }
}

/** Starts a server that is down for the first call and passes the others on. Returns its URL. */
async function downAtFirst(): Promise<{ url: string; calls: number[] }> {
  const calls: number[] = []
  const server = createServer(async (request, response) => {
    calls.push(Date.now())
    if (calls.length === 1) {
      response.writeHead(503, { 'retry-after': '1', 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ title: 'Unavailable', detail: 'Microsoft is unreachable.' }))
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = await fetch(`http://localhost:${rig.ports.api}${request.url}`, {
      method: 'POST',
      headers: {
        authorization: String(request.headers.authorization),
        'content-type': 'application/json',
      },
      body: Buffer.concat(chunks),
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls }
}

/** Go takes minutes to install and compile, so it runs with all mail programs. */
const go = { language: 'Go', command: ['go', 'run', 'worker.go'] }

describe.each([
  { language: 'Python', command: ['python3', 'worker.py'] },
  { language: 'PHP', command: ['php', 'worker.php'] },
  { language: 'Node', command: [process.execPath, 'worker.mjs'] },
  ...(process.env.MAIL_PROGRAMS === 'all' ? [go] : []),
])('the mail worker in $language', ({ command }) => {
  it('prints the subjects in the inbox', async () => {
    const { code, output } = await run(command, await rig.connect())
    expect(output).toMatch(INBOX[0] as RegExp)
    expect(output).toMatch(/Invoice 4711/)
    expect([code, output.trim().split('\n').length]).toEqual([0, 3])
  })

  it('reports a refused token and logs in with another', async () => {
    const mailbox = await rig.connect()
    await rig.rejectToken(mailbox)
    const { code, output } = await run(command, mailbox)
    expect([code, output.trim().split('\n').length]).toEqual([0, 3])
  })

  it('waits as long as Retry-After says', async () => {
    const { url, calls } = await downAtFirst()
    const { code } = await run(command, await rig.connect(), url)
    expect([code, calls.length]).toEqual([0, 2])
    expect(Number(calls[1]) - Number(calls[0])).toBeGreaterThanOrEqual(990)
  })

  it("shows the server's words when the mailbox cannot be opened", async () => {
    const { code, output } = await run(command, await rig.connectRefused('read'))
    expect(code).not.toBe(0)
    expect(output).toMatch(/authenticated but not connected/)
  })

  it('shows the reason when somebody has to sign in again, and no token', async () => {
    const mailbox = await rig.connect()
    await rig.endSignIn(mailbox)
    const { code, output } = await run(command, mailbox)
    expect(code).not.toBe(0)
    expect(output).toMatch(/sign in again/i)
    expect(output).not.toContain(key)
  })
})
