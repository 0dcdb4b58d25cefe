/** `npm run deploy` with a recorded wrangler, in front of a Cloudflare account that is only a few values. */
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deploy, type Host, USAGE, type WranglerResult } from '../api/deploy.ts'
import { readSettings } from '../checker/env.ts'
import { KeyRingSetting } from '../schema/settings.ts'
import { root } from './source-files.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const URLS = ['https://mail.example.com', 'https://checker.example.com']
const READY = { status: 'ok', checks: { database: { status: 'ok' }, checker: { status: 'ok' } } }
const WITHOUT_CHECKER = {
  status: 'degraded',
  checks: { database: { status: 'ok' }, checker: { status: 'degraded', detail: 'It is away.' } },
}
const KEYS = ['ENCRYPTION_KEYS', 'CHECKER_KEY', 'ROOT_API_KEY']

type Database = { uuid: string; name: string; region?: string }
type Secrets = Record<string, string>

/** State of the Cloudflare account that wrangler reads and changes. */
type Account = {
  loggedIn: boolean
  databases: Database[]
  /** Null before the Worker is deployed for the first time. */
  secrets: Secrets | null
  /** The beginning of the command that fails. */
  failing: string | null
}

const result = (stdout: unknown): WranglerResult => ({
  code: 0,
  stdout: typeof stdout === 'string' ? stdout : JSON.stringify(stdout),
  stderr: '',
})
const failure = (stderr: string): WranglerResult => ({ code: 1, stdout: '', stderr })

function playWrangler(account: Account, args: readonly string[]): WranglerResult {
  const command = args.join(' ')
  if (account.failing !== null && command.startsWith(account.failing)) return failure('It broke.')
  if (command === 'd1 list --json')
    return account.loggedIn ? result(account.databases) : failure('Not logged in.')
  if (command === 'd1 info DB --json') {
    return result({ running_in_region: account.databases[0]?.region })
  }
  if (command.startsWith('d1 create')) {
    account.databases.push({ uuid: 'new', name: args[2] ?? '' })
  }
  if (command === 'secret list') {
    if (account.secrets === null) return failure('✘ [ERROR] Worker "mailgrant" not found.')
    return result(Object.keys(account.secrets).map((name) => ({ name, type: 'secret_text' })))
  }
  if (args[0] === 'deploy') {
    const file = args[args.indexOf('--secrets-file') + 1] ?? ''
    expect(statSync(file).mode & 0o077).toBe(0)
    const uploaded = JSON.parse(readFileSync(file, 'utf8')) as Secrets
    account.secrets = { ...account.secrets, ...uploaded }
  }
  return result('')
}

/** Starts with an empty account and a fresh clone. */
function createWorld() {
  const clone = createTemporaryFolder()
  const folder = join(clone, '.deployment')
  const configFile = join(clone, 'wrangler.toml')
  copyFileSync(join(root, 'wrangler.toml'), configFile)
  const account: Account = { loggedIn: true, databases: [], secrets: null, failing: null }
  const calls: string[] = []
  const printed: string[] = []
  const responses: Response[] = []
  const host: Host = {
    wrangler: async (args) => {
      calls.push(args.join(' ').replaceAll(folder, '.deployment'))
      return playWrangler(account, args)
    },
    config: { databaseName: 'mailgrant', databaseId: null, hasRoutes: false },
    configFile,
    folder,
    fetch: async () => responses.shift() ?? Response.json(READY),
    pause: async () => {},
    print: (text) => printed.push(text),
    month: '2026-11',
  }
  const run = async (...args: string[]) => {
    calls.length = 0
    await deploy(args, host)
  }
  const fail = (...args: string[]): Promise<string> =>
    run(...args).then(
      () => 'It succeeded.',
      (error: Error) => error.message,
    )
  const changes = () => calls.filter((call) => !/^(?:d1 list|d1 info|secret list)/.test(call))
  const placement = () => /^placement = (.*)$/m.exec(readFileSync(configFile, 'utf8'))?.[1]
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const settings = () => JSON.parse(read('worker.json')) as Secrets
  return {
    ...{ account, host, run, fail, calls, changes, printed, responses },
    ...{ read, settings, folder, configFile, placement },
  }
}

const DEPLOY = 'deploy --secrets-file .deployment/upload.json --domain mail.example.com'
const CREATE = 'd1 create mailgrant'
const MIGRATE = 'd1 migrations apply DB --remote'

describe('the first deployment', () => {
  it('creates the database, makes the keys, applies the migrations and deploys with the settings', async () => {
    const { run, calls, account, settings, printed } = createWorld()
    await run(...URLS)
    expect(calls).toEqual([
      'd1 list --json',
      'd1 create mailgrant',
      'd1 info DB --json',
      'secret list',
      MIGRATE,
      DEPLOY,
    ])
    expect(account.secrets).toEqual(settings())
    expect(account.secrets).toMatchObject({ PUBLIC_URL: URLS[0], CHECKER_URL: URLS[1] })
    expect(printed.at(-1)).toContain('is ready and reaches its checker')
  })

  it('makes valid keys, in files that only their owner can read, and shows none of them', async () => {
    const { run, calls, printed, settings, read, folder } = createWorld()
    await run(...URLS)
    const keys = settings()
    expect(KeyRingSetting.parse(keys.ENCRYPTION_KEYS)).toHaveLength(1)
    expect(keys.ROOT_API_KEY?.length).toBeGreaterThanOrEqual(32)
    const env = Object.fromEntries(
      read('checker.env')
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    expect(env.CHECKER_KEY).toBe(keys.CHECKER_KEY)
    expect(readSettings(env)).toMatchObject({ ok: true })
    for (const path of [folder, join(folder, 'worker.json'), join(folder, 'checker.env')]) {
      expect(statSync(path).mode & 0o077).toBe(0)
    }
    expect(() => read('upload.json')).toThrow('ENOENT')
    const shown = [...calls, ...printed].join('\n')
    for (const name of KEYS) expect(shown).not.toContain(keys[name])
    const ids = KEYS.slice(0, 2).map((name) => keys[name]?.split(':')[0])
    expect(new Set(ids).size).toBe(2)
  })

  it('says what is missing', async () => {
    const { fail, calls, account } = createWorld()
    expect(await fail()).toContain('Pass both addresses')
    expect(calls).toEqual([])
    account.loggedIn = false
    expect(await fail(...URLS)).toMatch(/Not logged in.*npx wrangler login.*CLOUDFLARE_API_TOKEN/s)
  })

  it('uses the address that Cloudflare gives, or the routes of wrangler.toml, without a domain of its own', async () => {
    const { run, calls, host } = createWorld()
    await run('https://mailgrant.acme.workers.dev', 'https://checker.example.com')
    expect(calls.at(-1)).toBe('deploy --secrets-file .deployment/upload.json')
    host.config.hasRoutes = true
    await run(...URLS)
    expect(calls.at(-1)).toBe('deploy --secrets-file .deployment/upload.json')
  })

  it('takes over encryption keys that were put into worker.json before', async () => {
    const { run, host, settings, account } = createWorld()
    mkdirSync(host.folder)
    writeFileSync(join(host.folder, 'worker.json'), '{"ENCRYPTION_KEYS":"of the old server"}')
    await run(...URLS)
    expect(settings().ENCRYPTION_KEYS).toBe('of the old server')
    expect(account.secrets?.ENCRYPTION_KEYS).toBe('of the old server')
  })
})

describe('a later deployment', () => {
  it('needs no arguments, or the first ones, makes nothing again and leaves rotated keys alone', async () => {
    const { run, changes, account, read } = createWorld()
    await run(...URLS)
    const before = [read('worker.json'), read('checker.env')]
    account.secrets = { ...account.secrets, ENCRYPTION_KEYS: 'rotated', ALLOWED_ORIGINS: 'theirs' }
    for (const args of [[], URLS]) {
      await run(...args)
      expect(changes()).toEqual([MIGRATE, DEPLOY])
    }
    expect([read('worker.json'), read('checker.env')]).toEqual(before)
    expect(account.secrets).toMatchObject({ ENCRYPTION_KEYS: 'rotated', ALLOWED_ORIGINS: 'theirs' })
  })

  it('from another clone makes no keys: those of the Worker stay', async () => {
    const first = createWorld()
    await first.run(...URLS)
    const second = createWorld()
    Object.assign(second.account, first.account)
    await second.run(...URLS)
    expect(second.changes()).toEqual([MIGRATE, DEPLOY])
    expect(second.settings()).toEqual({ PUBLIC_URL: URLS[0], CHECKER_URL: URLS[1] })
    expect(second.account.secrets).toEqual(first.account.secrets)
  })

  it('changes the addresses', async () => {
    const { run, account, changes } = createWorld()
    await run(...URLS)
    await run('https://new.example.com', 'https://new-checker.example.com')
    expect(account.secrets).toMatchObject({
      PUBLIC_URL: 'https://new.example.com',
      CHECKER_URL: 'https://new-checker.example.com',
    })
    await run()
    expect(changes().at(-1)).toContain('--domain new.example.com')
  })

  it('refuses another account: it would start with an empty database', async () => {
    const { run, fail, account, changes } = createWorld()
    await run(...URLS)
    account.databases = []
    expect(await fail()).toMatch(/no database "mailgrant".*CLOUDFLARE_ACCOUNT_ID/)
    expect(changes()).toEqual([])
  })
})

describe('a database that exists', () => {
  it('is used, wherever the operator has created it', async () => {
    const { run, account, changes } = createWorld()
    account.databases = [{ uuid: 'old', name: 'mailgrant' }]
    await run(...URLS)
    expect(changes()).toEqual([MIGRATE, DEPLOY])
  })

  it('has the name of wrangler.toml, or its id', async () => {
    const { run, fail, account, host, changes } = createWorld()
    host.config.databaseName = 'other'
    await run(...URLS)
    expect(changes()[0]).toBe('d1 create other')
    host.config.databaseId = 'an-id'
    expect(await fail()).toMatch(/with the id an-id.*database_id from wrangler\.toml/)
    account.databases.push({ uuid: 'an-id', name: 'renamed' })
    await run()
    expect(changes()).toEqual([MIGRATE, DEPLOY])
  })
})

describe('the placement of the Worker', () => {
  it.each([
    ['WEUR', 'region = "aws:eu-central-1"'],
    ['EEUR', 'region = "gcp:europe-central2"'],
    ['APAC', 'region = "aws:ap-southeast-1"'],
    ['OC', 'region = "aws:ap-southeast-2"'],
    ['WNAM', 'region = "aws:us-west-1"'],
    ['ENAM', 'region = "aws:us-east-1"'],
  ])('follows from the region that D1 reports: %s', async (place, region) => {
    const { run, account, placement, printed } = createWorld()
    account.databases = [{ uuid: 'old', name: 'mailgrant', region: place }]
    await run(...URLS)
    expect(placement()).toBe(`{ ${region} } # by npm run deploy`)
    expect(printed.join('\n')).toContain(`The database is in ${place}.`)
  })

  it.each([
    ['SAM', '{ mode = "smart" }'],
    ['ENAM', '{ region = "aws:us-east-1" }'],
  ])(
    'is chosen by Cloudflare until the region is known, and follows it to %s',
    async (region, placed) => {
      const { run, placement, account } = createWorld()
      await run(...URLS)
      expect(placement()).toBe('{ mode = "smart" } # by npm run deploy')
      account.databases = [{ uuid: 'other', name: 'mailgrant', region }]
      await run()
      expect(placement()).toBe(`${placed} # by npm run deploy`)
    },
  )

  it.each(['{ region = "azure:westeurope" }', '{ mode = "off" }'])(
    'stays as the operator has set it: %s',
    async (own) => {
      const { run, placement, configFile } = createWorld()
      const text = readFileSync(configFile, 'utf8').replace(
        /^# placement = .*$/m,
        `placement = ${own}`,
      )
      writeFileSync(configFile, text)
      await run(...URLS)
      expect(readFileSync(configFile, 'utf8')).toBe(text)
      expect(placement()).toBe(own)
    },
  )
})

describe('a step that fails', () => {
  it.each([
    ['d1 list', 'D1: Edit', []],
    ['d1 create', 'D1: Edit', [CREATE]],
    ['d1 info', 'D1: Edit', [CREATE]],
    ['secret list', 'Workers Scripts: Edit', [CREATE]],
    ['d1 migrations', 'Stay on that version', [CREATE, MIGRATE]],
    ['deploy', 'zone', [CREATE, MIGRATE, DEPLOY]],
  ])('says what to do, and a rerun continues: %s', async (failing, remedy, done) => {
    const { run, fail, account, changes, read, settings } = createWorld()
    account.failing = failing
    const message = await fail(...URLS)
    expect(message).toContain(`"npx wrangler ${failing}`)
    expect(message).toContain('It broke.')
    expect(message).toContain(remedy)
    expect(message).toContain('Then run "npm run deploy" again')
    expect(changes()).toEqual(done)
    expect(() => read('upload.json')).toThrow('ENOENT')
    account.failing = null
    const hasCreated = account.databases.length === 1
    const hasKeys = done.includes(MIGRATE)
    const before = hasKeys ? settings() : null
    await run(...URLS)
    if (hasKeys) expect([settings(), account.secrets]).toEqual([before, before])
    expect(changes()).toEqual([...(hasCreated ? [] : [CREATE]), MIGRATE, DEPLOY])
    expect(Object.keys(account.secrets ?? {}).sort()).toEqual(
      ['PUBLIC_URL', 'CHECKER_URL', ...KEYS].sort(),
    )
  })

  it('does not replace a file of keys that it cannot read', async () => {
    const { run, fail, host, read } = createWorld()
    await run(...URLS)
    writeFileSync(join(host.folder, 'worker.json'), '{"ENCRYPTION_KEYS": ')
    expect(await fail(...URLS)).toContain('not valid JSON')
    expect(read('worker.json')).toBe('{"ENCRYPTION_KEYS": ')
  })
})

describe('the Worker after a deployment', () => {
  const responding = async (...responses: Response[]) => {
    const world = createWorld()
    world.responses.push(...responses)
    return { ...world, message: await world.fail(...URLS) }
  }

  it('is waited for while a new domain has no certificate', async () => {
    const { message, printed } = await responding(
      new Response('error code: 522', { status: 522 }),
      Response.json(READY),
    )
    expect(message).toBe('It succeeded.')
    expect(printed.join('\n')).toContain('Waiting for https://mail.example.com/readyz')
  })

  it('may be degraded: it serves calls', async () => {
    const checks = { maintenance: { status: 'degraded', detail: 'It is late.' } }
    const { message, printed } = await responding(Response.json({ status: 'degraded', checks }))
    expect(message).toBe('It succeeded.')
    expect(printed).toContain('- maintenance: It is late.')
  })

  it('must reach the checker, or the message says where to start it', async () => {
    const { message, settings } = await responding(Response.json(WITHOUT_CHECKER))
    expect(message).toContain('- checker: It is away.')
    expect(message).toMatch(
      /Start the checker at https:\/\/checker\.example\.com .*checker\.env has its key/,
    )
    expect(message).not.toContain(settings().CHECKER_KEY)
  })

  it.each([
    [500, 'a setting is missing or invalid'],
    [302, 'not as Mailgrant would'],
    [404, 'not as Mailgrant would'],
  ])('is not ready when its address returns %i', async (status, words) => {
    const responses = Array.from({ length: 24 }, () => new Response(null, { status }))
    expect((await responding(...responses)).message).toContain(words)
  })

  it('is not ready when its address cannot be reached', async () => {
    const { fail, host } = createWorld()
    host.fetch = () =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') }))
    expect(await fail(...URLS)).toMatch(/cannot be reached \(getaddrinfo ENOTFOUND\).*certificate/)
  })
})

it('explains itself, and does nothing else', async () => {
  const { run, calls, printed } = createWorld()
  await run('--help')
  expect(printed).toEqual([USAGE])
  expect(calls).toEqual([])
})

it.each([
  [['https://mail.example.com'], "The checker's address, CHECKER_URL, must begin"],
  [['mail.example.com', 'https://c.example'], "Mailgrant's address, PUBLIC_URL, must begin"],
  [['https://mail.example.com', 'c.example'], "The checker's address, CHECKER_URL, must begin"],
  [['http://mail.example.com', 'https://c.example'], 'must begin with https://'],
  [['https://mail.example.com/path', 'https://c.example'], 'end after the host name'],
  [['https://user@mail.example.com', 'https://c.example'], 'must begin with https://'],
  [['https://mail.example.com:8443', 'https://c.example'], 'must not have a port'],
  [['https://a.example', 'https://a.example'], 'need two addresses'],
  [[...URLS, 'eu'], 'Unexpected argument: eu'],
  [[...URLS, '--dry-run'], "Unknown option '--dry-run'."],
])('refuses the arguments %j before anything happens', async (args, fault) => {
  const { fail, calls } = createWorld()
  const message = await fail(...args)
  expect(message).toContain(fault)
  expect(message).toContain('Usage: npm run deploy')
  expect(calls).toEqual([])
})
