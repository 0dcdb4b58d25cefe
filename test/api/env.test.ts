import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { BadEnvironment, readBindings } from '../../api/env.ts'

const key = (byte: number) => btoa(String.fromCharCode(...new Uint8Array(32).fill(byte)))
const good = {
  DB: env.DB,
  ASSETS: env.ASSETS,
  PUBLIC_URL: 'https://mail.example.com',
  ENCRYPTION_KEYS: `k2:${key(2)},k1:${key(1)}`,
  ROOT_API_KEY: 'a-root-key-of-thirty-two-characters',
  CHECKER_URL: 'http://127.0.0.1:8788/',
  CHECKER_KEY: `c1:${key(3)}`,
}

/** Returns the error message for these settings, or an empty string if they are valid. */
function errorFor(changes: Record<string, unknown>): string {
  try {
    readBindings({ ...good, ...changes })
    return ''
  } catch (error) {
    expect(error).toBeInstanceOf(BadEnvironment)
    return (error as Error).message
  }
}

describe("the Worker's settings", () => {
  it('require seven bindings and leave everything optional off', () => {
    const { db, settings } = readBindings(good)
    expect(db).toBe(env.DB)
    expect(settings).toMatchObject({
      publicUrl: 'https://mail.example.com',
      encryptionKeys: [{ kid: 'k2' }, { kid: 'k1' }],
      checkerUrl: 'http://127.0.0.1:8788',
      allowedOrigins: ['https://mail.example.com'],
      extraMailServers: [],
      allowPrivateHosts: false,
      webhookPrivateHosts: [],
    })
    expect(settings.entraAuthority).toBeUndefined()
  })

  it('allow webhooks to loopback if a flag says so, and to no other private host', () => {
    const { settings } = readBindings({
      ...good,
      ALLOW_LOOPBACK_WEBHOOKS: 'true',
      WEBHOOK_PRIVATE_HOSTS: 'helpdesk',
    })
    expect(settings.webhookPrivateHosts).toEqual(['localhost', '127.0.0.1', '[::1]'])
  })

  it('accept comma-separated lists with spaces', () => {
    const { settings } = readBindings({
      ...good,
      PUBLIC_URL: 'https://mail.example.com/',
      ALLOWED_ORIGINS: 'https://a.example, https://b.example:8443/',
      EXTRA_OAUTH_MAIL_HOSTS: 'imap:mail.corp.test:993:tls, smtp:mail.corp.test:587:starttls',
      ALLOW_PRIVATE_HOSTS: 'true',
    })
    expect(settings.publicUrl).toBe('https://mail.example.com')
    expect(settings.allowedOrigins).toEqual([
      'https://mail.example.com',
      'https://a.example',
      'https://b.example:8443',
    ])
    expect(settings.extraMailServers).toMatchObject([
      { protocol: 'imap', port: 993, security: 'tls' },
      { protocol: 'smtp', port: 587, security: 'starttls' },
    ])
    expect(settings.allowPrivateHosts).toBe(true)
  })

  it('set the event retention and the interval of scheduled validations', () => {
    expect(readBindings(good).settings).toMatchObject({
      eventRetentionDays: 400,
      validateEveryHours: 24,
    })
    const custom = readBindings({ ...good, EVENT_RETENTION_DAYS: '90', VALIDATE_EVERY_HOURS: '6' })
    expect(custom.settings).toMatchObject({ eventRetentionDays: 90, validateEveryHours: 6 })
    const off = readBindings({ ...good, VALIDATE_EVERY_HOURS: 'off' })
    expect(off.settings.validateEveryHours).toBeNull()
  })

  it('set who may open the console', () => {
    expect(readBindings(good).settings).toMatchObject({ consoleAdmins: [], consoleKeys: 'all' })
    const custom = readBindings({
      ...good,
      CONSOLE_ADMINS: 'AD310000-0000-4000-8000-00000000000B, ca401000-0000-4000-8000-000000000003',
      CONSOLE_KEYS: 'off',
    })
    expect(custom.settings).toMatchObject({
      consoleAdmins: [
        'ad310000-0000-4000-8000-00000000000b',
        'ca401000-0000-4000-8000-000000000003',
      ],
      consoleKeys: 'root',
    })
  })

  it('set the epoch of access', () => {
    expect(readBindings(good).settings.accessEpoch).toBe('1')
    const changed = readBindings({ ...good, ACCESS_EPOCH: '2026-11-29' })
    expect(changed.settings.accessEpoch).toBe('2026-11-29')
  })

  it('name a second reader, on this machine or over https', () => {
    expect(readBindings(good).settings.diagnosisModel).toBeNull()
    const local = {
      DIAGNOSIS_MODEL_URL: 'http://127.0.0.1:11434/v1/chat/completions',
      DIAGNOSIS_MODEL_NAME: 'qwen3:8b',
    }
    expect(readBindings({ ...good, ...local }).settings.diagnosisModel).toEqual({
      url: local.DIAGNOSIS_MODEL_URL,
      key: null,
      name: 'qwen3:8b',
    })
    const hosted = {
      DIAGNOSIS_MODEL_URL: 'https://models.example.com/v1/chat/completions',
      DIAGNOSIS_MODEL_NAME: '@cf/meta/llama',
      DIAGNOSIS_MODEL_KEY: 'sk-1',
    }
    expect(readBindings({ ...good, ...hosted }).settings.diagnosisModel?.key).toBe('sk-1')
  })

  it('name no half of a second reader', () => {
    const url = 'https://models.example.com/v1/chat/completions'
    expect(errorFor({ DIAGNOSIS_MODEL_URL: url })).toContain(
      'DIAGNOSIS_MODEL_NAME: is missing: DIAGNOSIS_MODEL_URL would have no effect',
    )
    expect(errorFor({ DIAGNOSIS_MODEL_NAME: 'm' })).toContain('DIAGNOSIS_MODEL_URL: is missing')
    expect(errorFor({ DIAGNOSIS_MODEL_KEY: 'k' })).toMatch(/URL: .*\n.*NAME: /)
  })

  it.each(Object.keys(good))('report that %s is missing', (name) => {
    expect(errorFor({ [name]: undefined })).toMatch(new RegExp(`^${name}: `, 'm'))
  })

  it.each([
    ['PUBLIC_URL', 'mail.example.com'],
    ['PUBLIC_URL', 'ftp://mail.example.com'],
    ['PUBLIC_URL', 'https://mail.example.com/app'],
    ['PUBLIC_URL', 'https://mail.example.com/?x=1'],
    ['PUBLIC_URL', 'https://user:password@mail.example.com'],
    ['PUBLIC_URL', 'https://mail.example.com?'],
    ['ROOT_API_KEY', 'too-short'],
    ['DIAGNOSIS_MODEL_URL', 'http://models.example.com/v1/chat/completions'],
    ['DIAGNOSIS_MODEL_URL', 'https://models.example.com/v1'],
    ['DIAGNOSIS_MODEL_URL', 'https://key@models.example.com/v1/chat/completions'],
    ['DIAGNOSIS_MODEL_URL', 'https://models.example.com/v1/chat/completions?key=1'],
    ['DIAGNOSIS_MODEL_KEY', 'a key with spaces'],
    ['DIAGNOSIS_MODEL_NAME', 'a name\nin two lines'],
    ['ROOT_API_KEY', 'a root key with spaces, which no header can carry'],
    ['ROOT_API_KEY', 'a-root-key-of-thirty-two-characters\n'],
    ['CHECKER_URL', 'checker:8788'],
    ['CHECKER_URL', 'checker.example.com'],
    ['CHECKER_URL', 'ftp://checker.example.com'],
    ['CHECKER_URL', 'https://user:password@checker.example.com'],
    ['CHECKER_URL', 'https://checker.example.com/?key=1'],
    ['CHECKER_URL', 'https://mail.example.com/'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://a.example/form'],
    ['ALLOWED_ORIGINS', 'https://a.example, b.example'],
    ['ENTRA_AUTHORITY', 'https://login.example/common'],
    ['GRAPH_ROOT', 'https://graph.example'],
    ['GRAPH_ROOT', 'http://127.0.0.1:8791/v1.0'],
    ['GRAPH_ROOT', 'http://127.0.0.1.example'],
    ['ENCRYPTION_KEYS', 'no-colon'],
    ['ENCRYPTION_KEYS', 'k1:c2hvcnQ='],
    ['ENCRYPTION_KEYS', 'k1:not base64!'],
    ['ENCRYPTION_KEYS', `k1:${key(1)},k1:${key(2)}`],
    ['EVENT_RETENTION_DAYS', '0'],
    ['EVENT_RETENTION_DAYS', 'forever'],
    ['VALIDATE_EVERY_HOURS', '1.5'],
    ['VALIDATE_EVERY_HOURS', '0'],
    ['VALIDATE_EVERY_HOURS', ''],
    ['CONSOLE_ADMINS', 'admin@contoso.test'],
    ['CONSOLE_KEYS', 'false'],
    ['ACCESS_EPOCH', ''],
    ['ACCESS_EPOCH', 'after the leak'],
    ['ACCESS_EPOCH', '1'.repeat(33)],
    ['ALLOW_PRIVATE_HOSTS', 'yes'],
    ['ALLOW_LOOPBACK_WEBHOOKS', 'True'],
    ['EXTRA_OAUTH_MAIL_HOSTS', 'mail.corp.test'],
    ['EXTRA_OAUTH_MAIL_HOSTS', 'graph_send:graph.corp.test:443:tls'],
    ['EXTRA_OAUTH_MAIL_HOSTS', 'pop3:mail.corp.test:995:tls'],
    ['EXTRA_OAUTH_MAIL_HOSTS', 'imap:mail.corp.test:143:none'],
  ])('reject %s=%s', (name, value) => {
    expect(errorFor({ [name]: value })).toMatch(new RegExp(`^${name}\\b`, 'm'))
  })

  it.each(['http://mail.example.com', 'http://10.0.0.7:8787', 'http://localhost.example.com'])(
    'refuse PUBLIC_URL=%s with the reason and what to do',
    (url) => {
      expect(errorFor({ PUBLIC_URL: url })).toContain('PUBLIC_URL: must start with https://')
    },
  )

  it.each(['http://localhost:8787', 'http://127.0.0.1:8787', 'http://[::1]:8787/'])(
    'accept PUBLIC_URL=%s, where browsers need no TLS',
    (url) => {
      expect(readBindings({ ...good, PUBLIC_URL: url }).settings.publicUrl).toBe(
        new URL(url).origin,
      )
    },
  )

  it.each(['https://tools.example.com/checker', 'https://mail.example.com/checker'])(
    'accept a checker behind a path: %s',
    (url) => {
      expect(readBindings({ ...good, CHECKER_URL: `${url}/` }).settings.checkerUrl).toBe(url)
    },
  )

  it('name a product on the hosted pages, with a logo from an allowed origin', () => {
    expect(readBindings(good).settings.brand).toBeNull()
    const named = readBindings({ ...good, BRAND_NAME: ' Acme Desk ' }).settings
    expect(named.brand).toEqual({ name: 'Acme Desk', logoUrl: null })
    const ALLOWED_ORIGINS = 'https://desk.acme.test,http://localhost:3000'
    for (const logoUrl of [
      'https://mail.example.com/logo.svg',
      'https://desk.acme.test/logo.png?v=2',
      'http://localhost:3000/logo.png',
    ]) {
      const brand = { BRAND_NAME: 'Acme Desk', BRAND_LOGO_URL: logoUrl }
      const { settings } = readBindings({ ...good, ALLOWED_ORIGINS, ...brand })
      expect(settings.brand).toEqual({ name: 'Acme Desk', logoUrl })
    }
  })

  const unsafeLogos = [
    'http://desk.acme.test/canary.svg',
    'data:image/svg+xml,canary',
    'https://user:canary@mail.example.com/logo.svg',
    'canary',
  ]

  it.each<[string, object, string]>([
    ['an empty name', { BRAND_NAME: ' ' }, 'BRAND_NAME: must not be empty'],
    ['a long name', { BRAND_NAME: 'x'.repeat(41) }, 'BRAND_NAME: must have at most 40 characters'],
    [
      'a name with control characters',
      { BRAND_NAME: 'Acme\u202eDesk' },
      'BRAND_NAME: must have printable characters only',
    ],
    [
      'a logo without a name',
      { BRAND_LOGO_URL: 'https://mail.example.com/logo.svg' },
      'BRAND_LOGO_URL: is set without BRAND_NAME',
    ],
    [
      'a logo from another origin',
      { BRAND_NAME: 'Acme', BRAND_LOGO_URL: 'https://cdn.example.net/canary.svg' },
      'BRAND_LOGO_URL: must have the origin of PUBLIC_URL or one of those in ALLOWED_ORIGINS',
    ],
    ...unsafeLogos.map((url): [string, object, string] => [
      url,
      { BRAND_NAME: 'Acme', BRAND_LOGO_URL: url },
      'https:// URL',
    ]),
  ])('refuse %s, without repeating it', (_case, changes, message) => {
    const text = errorFor({ ALLOWED_ORIGINS: 'http://desk.acme.test', ...changes })
    expect(text).toContain(message)
    expect(text).not.toContain('canary')
  })

  it('report each error on its own line, without any secret', () => {
    const secret = 'c2VjcmV0LWtleS1tYXRlcmlhbA=='
    const text = errorFor({ ENCRYPTION_KEYS: `k1:${secret}`, ROOT_API_KEY: 'hunter2', DB: null })
    expect(
      text
        .split('\n')
        .slice(1)
        .map((line) => line.split(':')[0]),
    ).toEqual(['DB', 'ENCRYPTION_KEYS', 'ROOT_API_KEY'])
    expect(text).not.toContain(secret)
    expect(text).not.toContain('hunter2')
  })
})
