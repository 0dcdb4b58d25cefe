import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { describeSettings, readSettings } from '../../../api/node/settings.ts'
import { DAY_MS, MINUTE_MS } from '../../../schema/durations.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

const RING = `k1:${Buffer.alloc(32, 7).toString('base64')}`

/** Returns the lines of the error, without its title. */
function problemsOf(environment: Record<string, string>): string[] {
  try {
    readSettings(environment)
  } catch (error) {
    return (error as Error).message.split('\n').slice(1)
  }
  throw new Error('the settings are valid')
}

it('needs no setting at all', () => {
  const { node, shared } = readSettings({})
  expect(node).toEqual({
    host: '127.0.0.1',
    port: 8787,
    dataDir: resolve('.data'),
    trustedProxies: [],
    httpsProxy: null,
    noProxy: [],
    backupDir: null,
    copyRules: { everyMs: DAY_MS, keep: 7 },
  })
  expect(shared).toMatchObject({
    webhookPrivateHosts: [],
    publicUrl: 'http://localhost:8787',
    encryptionKeys: null,
    rootKeyHash: null,
    checkerUrl: null,
  })
})

it('names a product on the hosted pages, and refuses a logo from another origin', () => {
  const brand = { BRAND_NAME: 'Acme Desk', BRAND_LOGO_URL: 'https://desk.acme.test/logo.svg' }
  const { shared } = readSettings({ ...brand, ALLOWED_ORIGINS: 'https://desk.acme.test' })
  expect(shared.brand).toEqual({ name: 'Acme Desk', logoUrl: brand.BRAND_LOGO_URL })
  expect(problemsOf(brand)).toEqual([
    'BRAND_LOGO_URL: must have the origin of PUBLIC_URL or one of those in ALLOWED_ORIGINS',
  ])
})

it('adds loopback to the private hosts with the flag that the Worker has', () => {
  const environment = { WEBHOOK_PRIVATE_HOSTS: 'otrs', ALLOW_LOOPBACK_WEBHOOKS: 'true' }
  const hosts = readSettings(environment).shared.webhookPrivateHosts
  expect(hosts).toEqual(['localhost', '127.0.0.1', '[::1]', 'otrs'])
})

it('reads every setting of its own', () => {
  const { node, shared } = readSettings({
    HOST: '::',
    PORT: '9000',
    DATA_DIR: '/srv/mailgrant',
    TRUSTED_PROXIES: '10.0.0.1, 172.16.0.0/12,::1 fd00::/8',
    HTTPS_PROXY: 'http://user:secret@proxy.example.com:3128',
    NO_PROXY: 'localhost, .example.com',
    BACKUP_DIR: '/backup',
    BACKUP_EVERY: '15m',
    BACKUP_KEEP: '30',
    WEBHOOK_PRIVATE_HOSTS: 'Helpdesk, otrs.lan.,192.168.1.4,[fd00::1],fd00::2',
  })
  expect(node).toEqual({
    host: '::',
    port: 9000,
    dataDir: '/srv/mailgrant',
    trustedProxies: ['10.0.0.1', '172.16.0.0/12', '::1', 'fd00::/8'],
    httpsProxy: 'http://user:secret@proxy.example.com:3128',
    noProxy: ['localhost', '.example.com'],
    backupDir: '/backup',
    copyRules: { everyMs: 15 * MINUTE_MS, keep: 30 },
  })
  const hosts = ['helpdesk', 'otrs.lan', '192.168.1.4', '[fd00::1]', '[fd00::2]']
  expect(shared.webhookPrivateHosts).toEqual(hosts)
  expect(shared.publicUrl).toBe('http://localhost:9000')
})

it.each([
  ['PORT', '0'],
  ['PORT', '65536'],
  ['PORT', 'secret'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', 'fd00::/129'],
  ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
  ['TRUSTED_PROXIES', '10.0.0.0/'],
  ['TRUSTED_PROXIES', 'secret.example.com'],
  ['HTTPS_PROXY', 'socks5://secret:1080'],
  ['HTTPS_PROXY', 'secret:3128'],
  ['HTTPS_PROXY', 'http://proxy.example.com/secret'],
  ['HTTPS_PROXY', 'http://user:secret%@proxy.example.com'],
  ['BACKUP_EVERY', '15'],
  ['BACKUP_EVERY', '0m'],
  ['BACKUP_EVERY', '25h'],
  ['BACKUP_EVERY', 'secret'],
  ['BACKUP_KEEP', '0'],
  ['BACKUP_KEEP', '-secret'],
  ['WEBHOOK_PRIVATE_HOSTS', 'http://secret.lan'],
  ['WEBHOOK_PRIVATE_HOSTS', 'secret.lan:8080'],
  ['WEBHOOK_PRIVATE_HOSTS', '10.0.0.0/8'],
  ['WEBHOOK_PRIVATE_HOSTS', 'user:secret@otrs.lan'],
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ['NODE_EXTRA_CA_CERTS', '/secret.pem'],
  ['PUBLIC_URL', 'http://secret.example.com'],
  ['ENCRYPTION_KEYS', 'k1:secret'],
  ['ROOT_API_KEY', 'secret'],
  ['VALIDATE_EVERY_HOURS', 'secret'],
  ['CONSOLE_ADMINS', 'secret'],
  ['CONSOLE_KEYS', 'secret'],
  ['ACCESS_EPOCH', 'secret epoch'],
])('refuses %s=%s in one line that does not repeat it', (name, value) => {
  const problems = problemsOf({ [name]: value })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(new RegExp(`^${name}: \\S`))
  expect(problems[0]).not.toContain('secret')
})

it('reports all problems together, one line each', () => {
  const problems = problemsOf({
    PORT: 'x',
    ROOT_API_KEY: 'short',
    BACKUP_KEEP: 'x',
  })
  expect(problems.map((line) => line.split(':')[0]).sort()).toEqual([
    'BACKUP_KEEP',
    'PORT',
    'ROOT_API_KEY',
  ])
})

it('takes a second reader only as a whole', () => {
  expect(problemsOf({ DIAGNOSIS_MODEL_NAME: 'm', DIAGNOSIS_MODEL_KEY: 'secret' })).toEqual([
    'DIAGNOSIS_MODEL_URL: is missing: DIAGNOSIS_MODEL_NAME and DIAGNOSIS_MODEL_KEY would have no effect',
  ])
})

it('takes a remote checker only with both its address and its key', () => {
  expect(problemsOf({ CHECKER_KEY: RING })).toEqual([
    expect.stringMatching(/^CHECKER_KEY: is set without CHECKER_URL/),
  ])
  expect(problemsOf({ CHECKER_URL: 'https://checker.example.com' })).toEqual([
    expect.stringMatching(/^CHECKER_URL: is set without CHECKER_KEY/),
  ])
  expect(problemsOf({ CHECKER_URL: 'http://localhost:8787', CHECKER_KEY: RING })).toEqual([
    'CHECKER_URL: must be the URL of the checker, not PUBLIC_URL',
  ])
  const both = readSettings({ CHECKER_URL: 'https://checker.example.com', CHECKER_KEY: RING })
  expect(both.shared.checkerUrl).toBe('https://checker.example.com')
})

it('takes keys from the environment, of the root key only the hash', () => {
  const { shared } = readSettings({ ENCRYPTION_KEYS: RING, ROOT_API_KEY: 'r'.repeat(32) })
  expect(shared.encryptionKeys?.map(({ kid }) => kid)).toEqual(['k1'])
  expect(shared.rootKeyHash).toMatch(/^[\w-]{43}$/)
})

/** Returns what another process reads in a folder with this `.env`. */
function environmentIn(
  envFile: string | Buffer | null,
  environment: Record<string, string>,
  read = 'readEnvironment',
) {
  const cwd = createTemporaryFolder()
  if (envFile === null) mkdirSync(join(cwd, '.env'))
  else writeFileSync(join(cwd, '.env'), envFile)
  const module = new URL('../../../api/node/settings.ts', import.meta.url).href
  const script = `import(${JSON.stringify(module)}).then(
    ({ ${read}: read }) => console.log(JSON.stringify(read())),
  ).catch((error) => console.log(JSON.stringify({ error: error.message })))`
  const text = execFileSync(process.execPath, ['-e', script], { cwd, env: environment })
  return JSON.parse(text.toString()) as Record<string, string>
}

it('reads .env, which the environment outranks where it is not empty', { timeout: 60_000 }, () => {
  const read = environmentIn('# a comment\nHOST="::"\nPORT=9000\nDATA_DIR=there\nNO_PROXY=\n', {
    PORT: '9001',
    DATA_DIR: '',
    HTTPS_PROXY: ' ',
  })
  expect(read).toEqual({ HOST: '::', PORT: '9001', DATA_DIR: 'there' })
})

it('reads the proxy from lower-case names, too, which rank below', { timeout: 60_000 }, () => {
  const read = environmentIn('NO_PROXY=localhost\nhttps_proxy=http://a.test:3128\n', {
    no_proxy: '*',
  })
  expect(read).toEqual({ NO_PROXY: 'localhost', HTTPS_PROXY: 'http://a.test:3128' })
})

it.each([
  ['begins with a byte order mark', 'utf8'],
  ['is in UTF-16, as PowerShell writes it', 'utf16le'],
] as const)('reads a .env that %s', { timeout: 60_000 }, (_what, encoding) => {
  const bytes = Buffer.from('\uFEFFPORT=9000\r\nHOST=::1\r\n', encoding)
  expect(environmentIn(bytes, {})).toMatchObject({ PORT: '9000', HOST: '::1' })
})

it('says that .env cannot be read', { timeout: 60_000 }, () => {
  expect(environmentIn(null, {})).toEqual({ error: 'The file .env cannot be read (EISDIR).' })
})

it('finds names in .env that are no settings, and one that Node does not read there', {
  timeout: 60_000,
}, () => {
  const text = 'BACKUPDIR=/backup\nPUBLIC_URI=x\nPORT=9000\nNODE_EXTRA_CA_CERTS=/ca.pem\n'
  const unknown = environmentIn(text, {}, 'findUnknownSettings')
  expect(unknown).toEqual(['BACKUPDIR', 'NODE_EXTRA_CA_CERTS', 'PUBLIC_URI'])
})

it('describes the settings in effect in one line, without secrets', () => {
  const describe = (environment: Record<string, string>) =>
    describeSettings(environment, readSettings(environment).node)
  expect(describe({})).toBe(`Settings: HOST=127.0.0.1; PORT=8787; DATA_DIR=${resolve('.data')}`)
  const line = describe({
    ROOT_API_KEY: 'secret'.repeat(6),
    HTTPS_PROXY: 'http://user:secret@proxy.example.com:3128',
    BACKUP_DIR: '/backup',
    BACKUP_EVERY: '15m',
    HOME: '/root',
  })
  expect(line).toContain('; HTTPS_PROXY (set); BACKUP_DIR=/backup; BACKUP_EVERY=15m')
  expect(line).toContain(' ROOT_API_KEY (set); ')
  expect(line).not.toMatch(/secret|HOME/)
})
