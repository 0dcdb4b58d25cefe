import type { LookupAddress } from 'node:dns'
import { connect as open } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type DialRules, type Lookup, resolvePinned } from '../../checker/dial.ts'
import { createProbe } from '../../checker/probe.ts'
import { createTrust } from '../../checker/secure.ts'
import type { ProbeRequest } from '../../schema/probe.ts'
import { NOT_PUBLIC, SPELLINGS } from './hostile/hosts.ts'
import { summary } from './hostile/world.ts'

const trust = createTrust()
const never = new AbortController().signal

const OAUTH: ProbeRequest = {
  protocol: 'imap',
  host: 'outlook.office365.com',
  port: 993,
  security: 'tls',
  identity: 'alice@contoso.test',
  credential: { type: 'oauth', access_token: 'a-token', cloud: 'global' },
}
const PASSWORD: ProbeRequest = {
  ...OAUTH,
  host: 'mail.example.com',
  credential: { type: 'password', password: 'a password' },
}

const entries = (addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

/** A world without a network: it counts look-ups and dials, and every dial is refused. */
function world(addresses: string[][], rules: Partial<DialRules> = {}) {
  const looked: string[] = []
  const dialled: string[] = []
  const probe = createProbe({
    rules: {
      extraServers: [],
      allowPrivateHosts: false,
      lookup: async (host) => entries(addresses[looked.push(host) - 1] ?? []),
      connect: (address, port) => {
        dialled.push(address)
        // A port of loopback where nothing listens: refused at once, and never off this machine.
        return open({ host: '127.0.0.1', port: port === 1 ? 1 : 9 })
      },
      ...rules,
    },
    trust,
  })
  const run = async (request: ProbeRequest) => summary(await probe(request, never))
  return { run, looked, dialled }
}

describe('a token', () => {
  // A dot at the end is the same name in DNS, and is taken off.
  const foreign = SPELLINGS.filter((host) => host !== 'outlook.office365.com.')

  it(`is tried at none of ${foreign.length} other spellings`, async () => {
    expect(foreign.length).toBeGreaterThanOrEqual(100)
    for (const host of foreign) {
      const { run, looked, dialled } = world([['52.97.1.1']])
      expect([host, await run({ ...OAUTH, host })]).toEqual([host, 'failed dns host_not_allowed'])
      expect(looked).toEqual([])
      expect(dialled).toEqual([])
    }
  })

  it.each(['outlook.office365.com', 'outlook.office365.com.', 'Outlook.Office365.COM'])(
    'is tried at "%s", which is the same name',
    async (host) => {
      const { run, looked, dialled } = world([['52.97.1.1']])
      expect(await run({ ...OAUTH, host })).toBe('inconclusive connect connect')
      expect(looked).toEqual(['outlook.office365.com'])
      expect(dialled).toEqual(['52.97.1.1'])
    },
  )

  it.each([
    { port: 143 },
    { security: 'starttls' as const },
    { protocol: 'smtp' as const },
    { credential: { ...OAUTH.credential, cloud: 'china' as const } },
  ])('of one cloud goes only to its own server: not with %o', async (change) => {
    const { run, dialled } = world([['52.97.1.1']])
    const request = { ...OAUTH, ...change } as ProbeRequest
    expect(await run(request)).toBe('failed dns host_not_allowed')
    expect(dialled).toEqual([])
  })

  it('goes to a server named at deployment, but not to a port that is none for mail', async () => {
    const own = { protocol: 'imap', host: 'imap.corp.test', security: 'tls' } as const
    const extraServers = [
      { ...own, port: 993 },
      { ...own, port: 22 },
    ]
    const { run, dialled } = world([['52.97.1.1']], { extraServers })
    expect(await run({ ...OAUTH, host: 'imap.corp.test', port: 22 })).toBe(
      'failed dns host_not_allowed',
    )
    expect(await run({ ...OAUTH, host: 'imap.corp.test' })).toBe('inconclusive connect connect')
    expect(dialled).toEqual(['52.97.1.1'])
  })
})

describe('a password', () => {
  it('is tried at no odd spelling, whatever a resolver makes of it', async () => {
    for (const host of SPELLINGS) {
      const { run, dialled } = world([['127.0.0.1']])
      expect([host, (await run({ ...PASSWORD, host })).split(' ')[0]]).toEqual(
        // A public literal address may be dialled: it is what it says.
        host === '52.97.1.1' || host === '2603:1026::1' ? [host, 'inconclusive'] : [host, 'failed'],
      )
      expect(dialled.filter((address) => address !== host)).toEqual([])
    }
  })

  it.each(NOT_PUBLIC)('is not tried at %s, written or resolved', async (address) => {
    const { run, dialled } = world([[address]])
    expect(await run(PASSWORD)).toBe('failed dns private_address')
    expect((await run({ ...PASSWORD, host: address })).split(' ')[0]).toBe('failed')
    expect(dialled).toEqual([])
  })

  it('is not tried when one of several addresses is private', async () => {
    const { run, dialled } = world([['52.97.1.1', '10.0.0.1', '52.97.1.2']])
    expect(await run(PASSWORD)).toBe('failed dns private_address')
    expect(dialled).toEqual([])
  })

  it('is tried at no interface of this machine, even where private hosts are allowed', async () => {
    const { run, dialled } = world([], { allowPrivateHosts: true })
    expect(await run({ ...PASSWORD, host: 'fe80::1%lo' })).toBe('failed dns host_not_allowed')
    expect(dialled).toEqual([])
  })

  it.each([1, 22, 80, 110, 443, 3306, 8080, 9993])('is not tried at port %i', async (port) => {
    const { run, dialled, looked } = world([['52.97.1.1']])
    expect(await run({ ...PASSWORD, port })).toBe('failed dns host_not_allowed')
    expect([looked, dialled]).toEqual([[], []])
  })

  it('is tried at any port and address where private hosts are allowed', async () => {
    const { run, dialled } = world([['10.0.0.1']], { allowPrivateHosts: true })
    expect(await run({ ...PASSWORD, port: 9993 })).toBe('inconclusive connect connect')
    expect(dialled).toEqual(['10.0.0.1'])
  })
})

describe('a name that points elsewhere the second time', () => {
  it('is looked up once, and every try goes to that answer', async () => {
    const { run, looked, dialled } = world([['52.97.1.1', '52.97.1.2'], ['127.0.0.1']])
    expect(await run(PASSWORD)).toBe('inconclusive connect connect')
    expect(looked).toEqual(['mail.example.com'])
    expect(dialled).toEqual(['52.97.1.1', '52.97.1.2'])
  })
})

describe('a look-up', () => {
  const failing =
    (code: string): Lookup =>
    async () => {
      throw Object.assign(new Error(code), { code })
    }

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('that fails with %s is inconclusive', async (code) => {
    const { run } = world([], { lookup: failing(code) })
    expect(await run(PASSWORD)).toBe('inconclusive dns dns')
  })

  it('without an address is inconclusive', async () => {
    const { run } = world([[]])
    expect(await run(PASSWORD)).toBe('inconclusive dns dns')
  })

  const resolved = (addresses: string[]) =>
    resolvePinned('mail.example.com', {
      extraServers: [],
      allowPrivateHosts: false,
      lookup: async () => entries(addresses),
    })

  it.each([
    [
      ['2a00::1', '2a00::2', '2a00::3', '1.1.1.1', '1.1.1.2'],
      ['2a00::1', '1.1.1.1', '2a00::2', '1.1.1.2', '2a00::3'],
    ],
    [
      ['1.1.1.1', '2a00::1', '2a00::2', '2a00::3'],
      ['1.1.1.1', '2a00::1', '2a00::2', '2a00::3'],
    ],
  ])('takes the families in turn and gives up none: %j', async (addresses, value) => {
    expect(await resolved(addresses)).toEqual({ ok: true, value })
  })

  it('with no end of addresses is tried at sixteen', async () => {
    const found = await resolved(Array.from({ length: 200 }, (_, at) => `1.1.1.${at}`))
    expect(found).toMatchObject({ ok: true, value: { length: 16 } })
  })
})
