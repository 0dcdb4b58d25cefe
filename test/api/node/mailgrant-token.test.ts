/** `mailgrant-token` in a real shell with a real curl, as it is served and against the real app. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { storeKey } from '../../../api/console/pages/email-account/programs.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { startInProcess } from './in-process-server.ts'
import { startWithAccount } from './server-with-account.ts'

const SCRIPT = join(import.meta.dirname, '../../examples/mailgrant-token')
const ID = `ma_${'a'.repeat(26)}`
const KEY = 'mg_key_canary-canary-canary'
/** Nothing listens there: the port is reserved (RFC 1340), and no service uses it. */
const SILENT = 'http://127.0.0.1:1'

function newHome({ key = KEY, mode = 0o600 } = {}): string {
  const home = createTemporaryFolder()
  mkdirSync(join(home, '.config/mailgrant'), { recursive: true })
  const file = join(home, '.config/mailgrant/key')
  writeFileSync(file, `Authorization: Bearer ${key}\n`)
  chmodSync(file, mode)
  return home
}

type Run = { code: number; stdout: string; stderr: string }

/** Runs the script as `sh` of this machine does. `path`: a folder whose programs come first. */
function run(
  args: string[],
  { home = newHome(), url = SILENT, env = {}, path = '', script = SCRIPT } = {},
): Promise<Run> {
  return new Promise((resolve) => {
    execFile(
      'sh',
      [script, ...args],
      { env: { HOME: home, MAILGRANT_URL: url, PATH: `${path}:${process.env.PATH}`, ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

/** Expects the exit code, the reason on standard error and nothing else anywhere. */
const expectFailure = (result: Run, code: number, reason: RegExp | string) => {
  expect(result).toMatchObject({ code, stdout: '' })
  expect(result.stderr).toMatch(/^mailgrant-token: [^\n]+\n$/)
  expect(result.stderr).toMatch(reason)
  expect(result.stderr).not.toContain('canary')
}

/** Starts a server that is not Mailgrant, such as a proxy before it. */
async function startOther(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const startResponding = (status: number, type: string, body: string) =>
  startOther((_request, response) => response.writeHead(status, { 'content-type': type }).end(body))

/** Creates a folder of programs that go before the real ones, by name. */
function programs(sources: Record<string, string>): string {
  const folder = newHome()
  for (const [name, source] of Object.entries(sources)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${source}\n`, { mode: 0o755 })
  }
  return folder
}

describe('the script that a deployment serves', () => {
  it('has the address of the deployment as its default', async () => {
    await using server = await startInProcess({ publicUrl: 'https://mailgrant.example.org' })
    const response = await fetch(`${server.url}/mailgrant-token`)
    expect(response.status).toBe(200)
    const script = join(newHome(), 'served')
    writeFileSync(script, await response.text())
    // A curl that prints what it is asked to fetch, on standard error.
    const path = programs({ curl: 'for url; do :; done; echo "$url" >&2; exit 6', sleep: '' })
    const { stderr } = await run([ID], { script, path, env: { MAILGRANT_URL: '' } })
    expect(stderr).toContain(`https://mailgrant.example.org/v1/mail-accounts/${ID}/access-token?`)
    expect(stderr).toContain('mailgrant-token: No answer from https://mailgrant.example.org.')
  })

  it('prints the access token alone, whatever ~/.curlrc adds, with the key of MAILGRANT_KEY_FILE too', async () => {
    const { server, entra, id, key } = await startWithAccount()
    const home = newHome({ key })
    writeFileSync(join(home, '.curlrc'), 'include\n')
    const { stdout, ...rest } = await run([id], { home, url: `${server.url}/` })
    expect(rest).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^\S+\n$/)
    expect(entra.checkToken(stdout.trim())).toBeTruthy()
    const env = { MAILGRANT_KEY_FILE: join(home, '.config/mailgrant/key') }
    expect(await run([id], { url: server.url, env })).toMatchObject({ code: 0 })
    // An editor of Windows has saved it.
    writeFileSync(env.MAILGRANT_KEY_FILE, `\uFEFFAuthorization: Bearer ${key}\r\n`)
    expect(await run([id], { url: server.url, env })).toMatchObject({ code: 0, stderr: '' })
  })

  it('prints the XOAUTH2 response for libraries that want it whole', async () => {
    const { server, entra, id, key } = await startWithAccount()
    const { stdout } = await run([id, 'xoauth2'], { home: newHome({ key }), url: server.url })
    const [user, auth = ''] = Buffer.from(stdout, 'base64').toString().split('\u0001')
    expect(user).toBe('user=support@contoso.test')
    expect(entra.checkToken(auth.replace('auth=Bearer ', ''))).toBeTruthy()
  })
})

describe('a refusal by Mailgrant', () => {
  type World = Awaited<ReturnType<typeof startWithAccount>>
  const withKey = ({ server, key }: Pick<World, 'server' | 'key'>) => ({
    home: newHome({ key }),
    url: server.url,
  })

  it("ends with 77 if the key is not valid, or isn't allowed to fetch tokens", async () => {
    const { server, id, call } = await startWithAccount()
    expectFailure(await run([id], { url: server.url }), 77, /\(unauthorized\)$/m)
    const { key } = await call('POST', '/v1/api-keys', { name: 'Reader', scopes: ['read'] })
    expectFailure(await run([id], withKey({ server, key })), 77, /\(insufficient_scope\)$/m)
  })

  it('ends with 69 if there is no such email account, or a person must act first', async () => {
    const { id, call, ...world } = await startWithAccount()
    expectFailure(await run([ID], withKey(world)), 69, /\(not_found\)$/m)
    await call('POST', '/v1/integrations/microsoft/deactivate')
    expectFailure(await run([id], withKey(world)), 69, /\(integration_inactive\)$/m)
  })

  it('ends with 75 during an outage of Microsoft, and after too many calls', async () => {
    const { id, ...away } = await startWithAccount({
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    })
    expectFailure(await run([id], withKey(away)), 75, /\(provider_unavailable\)$/m)
    const { server } = await startWithAccount({ withinRate: async () => false })
    expectFailure(await run([id], { url: server.url }), 75, /\(rate_limited\)$/m)
  })
})

describe('an address that is not Mailgrant', () => {
  it.each([
    ['http://mail.example.com', false],
    ['http://localhost.example.com', false],
    ['http://localhost:1@mail.example.com', false],
    ['http://127.0.0.1.example.com', false],
    ['http://[::1]:8787', true],
    ['http://localhost:8787', true],
  ])('gets the key without TLS only on this machine: %s', async (url, isAsked) => {
    const ask = 'for url; do :; done; echo "asked $url, proxy: ($http_proxy)" >&2; exit 6'
    const path = programs({ curl: ask, sleep: '' })
    const { code, stderr } = await run([ID], { url, path, env: { http_proxy: 'http://proxy' } })
    expect(stderr.includes('proxy: ()')).toBe(isAsked)
    expect(stderr.includes('asked ')).toBe(isAsked)
    expect(code).toBe(isAsked ? 75 : 78)
  })

  const noPause = programs.bind(null, { sleep: '' })

  it.each([
    ['a page', 200, 'text/html', '<h1>Welcome</h1>'],
    ['an empty answer', 200, 'text/plain', ''],
    ['an answer in JSON', 200, 'application/json', '{"access_token":"a"}'],
    ['a redirect', 301, 'text/html', ''],
    ['a page for what it lacks', 404, 'text/html', '<h1>Not found</h1>'],
    ['a page for people to sign in', 401, 'text/html', '<h1>Sign in</h1>'],
  ])('ends with 78 for %s', async (_name, status, type, body) => {
    const url = await startResponding(status, type, body)
    expectFailure(await run([ID], { url }), 78, /Is it Mailgrant's address\?$/m)
  })

  it('ends with 75 for a proxy whose Mailgrant does not respond', async () => {
    const url = await startResponding(502, 'text/html', '<h1>Bad gateway</h1>')
    expectFailure(await run([ID], { url, path: noPause() }), 75, /status 502/)
  })

  it('is asked again when Mailgrant was only restarting, and the page of the proxy is not printed', async () => {
    let requests = 0
    const url = await startOther((_request, response) => {
      requests++
      if (requests === 1) response.writeHead(502).end('<h1>Bad gateway</h1>')
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('a.token')
    })
    const result = await run([ID], { url, path: noPause() })
    expect(result).toEqual({ code: 0, stdout: 'a.token\n', stderr: '' })
  })

  it('ends with 75 if the connection breaks, and does not print the part of a token', async () => {
    const url = await startOther((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' })
      response.write('canary', () => response.destroy())
    })
    const { code, stdout, stderr } = await run([ID], { url, path: noPause() })
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' })
    expect(stderr).not.toContain('canary')
  })

  it('ends with 75 if nothing responds, and says what curl saw', async () => {
    const { code, stdout, stderr } = await run([ID], { path: noPause() })
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' })
    expect(stderr).toMatch(/^curl: \(7\) .*\nmailgrant-token: No answer from \S+:1\.\n$/)
  })

  it('takes 20 seconds at most', async () => {
    // curl keeps to --max-time. Here it notes the time that it was given, as sleep does, and uses none.
    const path = programs({
      curl: 'while [ "$1" != --max-time ]; do shift; done; echo "$2" >>"$SPENT"; exit 28',
      sleep: 'echo "$1" >>"$SPENT"',
    })
    const SPENT = join(path, 'spent')
    expect((await run([ID], { path, env: { SPENT } })).code).toBe(75)
    const seconds = readFileSync(SPENT, 'utf8').trim().split('\n').map(Number)
    expect(seconds).toHaveLength(3)
    expect(seconds.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(20)
  })
})

describe('the command of the console that stores a key', () => {
  const [old, lost] = [`key_${'a'.repeat(26)}`, `key_${'b'.repeat(26)}`]
  const secret = 'c'.repeat(43)
  const pasted = `mg_key_${'d'.repeat(26)}_${secret}`

  function store(home: string, replaced: string[] = [], input = `${pasted}\n`): string {
    const script = `exec 2>&1; ${storeKey(replaced)}`
    return spawnSync('sh', ['-c', script], { env: { HOME: home }, input, encoding: 'utf8' }).stdout
  }
  const fileOf = (home: string) => join(home, '.config/mailgrant/key')

  it('creates a file for mailgrant-token that only its user can read', () => {
    const home = createTemporaryFolder()
    expect(store(home, [], `${pasted} \r\n`)).toBe('')
    expect(readFileSync(fileOf(home), 'utf8').trim()).toBe(`Authorization: Bearer ${pasted}`)
    expect(statSync(fileOf(home)).mode & 0o777).toBe(0o600)
  })

  it('keeps the key of another mailbox, and replaces the one that the new key replaces', () => {
    const home = newHome({ key: `mg_${old}_${secret}`, mode: 0o644 })
    for (const replaced of [[], [lost]]) {
      expect(store(home, replaced)).toContain('already has an API key')
      expect(readFileSync(fileOf(home), 'utf8')).toContain(old)
    }
    expect(store(home, [lost, old])).toBe('')
    expect(readFileSync(fileOf(home), 'utf8')).toBe(`Authorization: Bearer ${pasted}\n`)
    expect(statSync(fileOf(home)).mode & 0o777).toBe(0o600)
  })

  it.each(['', '\n', 'mkdir -p ~/.config\n'])('stores nothing if %j is pasted', (input) => {
    const home = createTemporaryFolder()
    expect(store(home, [], input)).toContain('not an API key')
    expect(existsSync(fileOf(home))).toBe(false)
    const replaced = newHome({ key: `mg_${old}_${secret}` })
    expect(store(replaced, [old], input)).toContain('not an API key')
    expect(readFileSync(fileOf(replaced), 'utf8')).toContain(old)
  })
})

describe('what is configured wrongly', () => {
  it.each([0o640, 0o604, 0o660, 0o666, 0o610, 0o601])(
    'ends with 78 for a key file of mode %o',
    async (mode) => {
      const home = newHome({ mode })
      expectFailure(await run([ID], { home }), 78, `chmod 600 ${home}/.config/mailgrant/key`)
    },
  )

  it('ends with 78 without a key file, and for one that holds the key without its header', async () => {
    const env = { MAILGRANT_KEY_FILE: '/none' }
    expectFailure(await run([ID], { env }), 78, 'There is no key file /none.')
    const home = newHome()
    writeFileSync(join(home, '.config/mailgrant/key'), `${KEY}\n`)
    expectFailure(await run([ID], { home }), 78, 'Authorization: Bearer mg_key_...')
  })

  it.each(['mail.example.com', 'ftp://mail.example.com', 'https://'])(
    'ends with 78 for the address %s',
    async (url) => {
      expectFailure(await run([ID], { url }), 78, 'must start with https://')
    },
  )

  it.each([
    [[]],
    [['']],
    [['ma_...']],
    [['gr_aaaa']],
    [['ma_a/../b']],
    [['ma_a?form=token']],
    [[ID, 'json']],
    [[ID, 'xoauth2', '']],
  ])('ends with 64 for the arguments %j', async (args) => {
    expectFailure(await run(args), 64, 'Usage: mailgrant-token ma_... [xoauth2]')
  })

  it('ends with 69 without curl', async () => {
    const path = programs({})
    for (const name of ['sh', 'ls', 'tr', 'grep']) {
      const real = execFileSync('which', [name], { encoding: 'utf8' }).trim()
      symlinkSync(real, join(path, name))
    }
    expectFailure(await run([ID], { env: { PATH: path } }), 69, 'curl is not installed')
  })
})

it('never shows the key in the arguments of a process', async () => {
  // The server holds the request while it reads what every user of the machine can read.
  let seen: string[] = []
  const url = await startOther((request, response) => {
    seen = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n')
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end(request.headers.authorization === `Bearer ${KEY}` ? 'the.token' : '')
  })
  expect((await run([ID], { url })).stdout).toBe('the.token\n')
  expect(seen.filter((args) => args.includes(url)).length).toBeGreaterThan(0)
  expect(seen.filter((args) => args.includes(KEY))).toEqual([])
})
