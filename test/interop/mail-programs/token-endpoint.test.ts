/**
 * Programs that refresh their tokens themselves, unmodified, with Mailgrant as their authorization server
 * and an API key as their refresh token. `MAIL_PROGRAMS=all` adds aerc.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createTemporaryFolder } from '../cleanup.ts'
import { accountForm, configure, obtainGrant, saveAccount } from '../journey.ts'
import { olga } from '../people.ts'
import { until } from '../ports.ts'
import { type Product, startProduct } from '../product.ts'
import { start } from '../programs.ts'

/** The test waits for the end of an access token, twice. */
const LIFETIME_SECONDS = 6

let product: Product
beforeAll(async () => {
  product = await startProduct()
  await configure(product)
  product.world.oidc.setAccessTokenLifetime(LIFETIME_SECONDS)
})
afterAll(() => product?.stop())

/** `folder` is empty; `id` and `key` are the client ID and the refresh token. */
type Settings = { folder: string; id: string; key: string }

type Running = {
  /** Makes a program that stays connected log in again. */
  reconnect: () => Promise<void>
  log: () => Promise<string>
  stop: () => Promise<void>
}

/** Starts a program with its own home, so that no configuration of this machine matters. */
function startAt(folder: string, file: string, args: readonly string[], more: object = {}) {
  const env = { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: folder, ...more }
  return start(file, args, { env })
}

function requireProgram(file: string, name: string): void {
  if (existsSync(file)) return
  throw new Error(
    `This test runs ${file}. On Debian: apt-get install --no-install-recommends ${name}`,
  )
}

/** Starts OfflineIMAP, which synchronises without a pause and logs in each time. */
async function startOfflineImap({ folder, id, key }: Settings): Promise<Running> {
  requireProgram('/usr/bin/offlineimap', 'offlineimap3')
  const { servers, caFile } = product.world
  const config = `
[general]
accounts = a
metadata = ${folder}/metadata
[Account a]
localrepository = local
remoterepository = remote
autorefresh = 0.01
[Repository local]
type = Maildir
localfolders = ${folder}/mail
[Repository remote]
type = IMAP
remotehost = ${servers.imapTls.host}
remoteport = ${servers.imapTls.port}
sslcacertfile = ${caFile}
remoteuser = ${olga.username}
auth_mechanisms = XOAUTH2
oauth2_request_url = ${product.url}/oauth/token
oauth2_client_id = ${id}
oauth2_client_secret = unused
oauth2_refresh_token = ${key}
`
  const file = join(folder, 'offlineimaprc')
  await writeFile(file, config, { mode: 0o600 })
  const program = startAt(folder, '/usr/bin/offlineimap', ['-c', file, '-u', 'basic'])
  return { reconnect: async () => {}, log: async () => program.output(), stop: program.stop }
}

/** Starts aerc, which stays connected. */
const startAerc =
  (mechanism: 'xoauth2' | 'oauthbearer') =>
  async ({ folder, id, key }: Settings): Promise<Running> => {
    requireProgram('/usr/bin/aerc', 'aerc')
    const { servers, caFile, dovecot } = product.world
    const parameters = new URLSearchParams({
      token_endpoint: `${product.url}/oauth/token`,
      client_id: id,
    })
    const host = `${servers.imapTls.host}:${servers.imapTls.port}`
    const user = encodeURIComponent(olga.username)
    const log = join(folder, 'log')
    const account = `
[a]
source = imaps+${mechanism}://${user}@${host}?${parameters}
source-cred-cmd = cat ${folder}/key
from = ${olga.username}
`
    await mkdir(join(folder, 'aerc'))
    await writeFile(join(folder, 'key'), key, { mode: 0o600 })
    await writeFile(join(folder, 'aerc/accounts.conf'), account, { mode: 0o600 })
    await writeFile(join(folder, 'aerc/aerc.conf'), `[general]\nlog-file = ${log}\n`)
    // aerc needs a terminal.
    const script = 'import pty; pty.spawn(["aerc"])'
    const terminal = { TERM: 'xterm', LANG: 'C.UTF-8', SSL_CERT_FILE: caFile }
    const program = startAt(folder, '/usr/bin/python3', ['-c', script], terminal)
    return {
      reconnect: () => dovecot.kick(olga.username),
      log: () => readFile(log, 'utf8').catch(() => program.output()),
      stop: program.stop,
    }
  }

const dovecotLog = () => product.world.dovecot.log()
const countLogins = async () => (await dovecotLog()).match(/Logged in: user=<olga@/g)?.length ?? 0

const programs = [
  { name: 'offlineimap', startProgram: startOfflineImap, refusal: 'HTTP Error 400: Bad Request' },
  ...(['xoauth2', 'oauthbearer'] as const)
    .filter(() => process.env.MAIL_PROGRAMS === 'all')
    .map((mechanism) => ({
      name: `aerc with ${mechanism}`,
      startProgram: startAerc(mechanism),
      refusal: 'sign in again. (reconnect_required)',
    })),
]

describe.each(programs)('$name', ({ startProgram, refusal }) => {
  it('gets a new token when the first has expired, and after a new sign-in, without a restart', async () => {
    const { oidc, servers } = product.world
    const grant = await obtainGrant(product, olga)
    const id = await saveAccount(product, olga, servers.imapTls, grant)
    const created = await product.call('POST', '/v1/api-keys', {
      name: 'mail program',
      scopes: ['tokens'],
      mail_accounts: [id],
    })
    const key = String(created.body.key)
    const latest = (kind: 'access_token' | 'refresh_token') =>
      oidc.issued.findLast((token) => token.kind === kind)?.value ?? ''

    const { path: folder, remove } = await createTemporaryFolder()
    onTestFinished(remove)
    let logins = await countLogins()
    const program = await startProgram({ folder, id, key })
    onTestFinished(program.stop)
    const explain = async () => `${await program.log()}\n${await dovecotLog()}`
    const untilLoggedIn = () => until(async () => (await countLogins()) > logins, explain, 30_000)
    const untilExpired = async () => {
      const token = latest('access_token')
      await until(async () => !(await oidc.isActive(token)), explain)
      logins = await countLogins()
      await program.reconnect()
    }
    await untilLoggedIn()
    await untilExpired()
    await untilLoggedIn()
    expect(await dovecotLog()).not.toContain('auth failed')

    await oidc.revoke(latest('refresh_token'))
    await untilExpired()
    await until(async () => (await program.log()).includes(refusal), explain)
    const response = await fetch(`${product.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', client_id: id, refresh_token: key }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: 'interaction_required',
      error_description: expect.stringMatching(/sign in again\. \(reconnect_required\)$/),
    })

    const renewed = accountForm(olga, servers.imapTls, await obtainGrant(product, olga))
    expect(await product.call('PUT', `/v1/mail-accounts/${id}`, renewed)).toMatchObject({
      status: 200,
    })
    logins = await countLogins()
    await untilLoggedIn()
    const logs = `${product.output()}\n${await dovecotLog()}`
    expect(logs).toContain('"route":"/oauth/token"')
    for (const secret of [key, ...oidc.issued.map(({ value }) => value)]) {
      expect(logs).not.toContain(secret)
    }
  }, 120_000)
})
