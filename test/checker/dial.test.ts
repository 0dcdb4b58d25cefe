import type { LookupAddress } from 'node:dns'
import { connect as open } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DialRules, type Lookup, limitLookups, resolveAddresses } from '../../checker/dial.ts'
import { createProbe } from '../../checker/probe.ts'
import { createTlsContext } from '../../checker/secure.ts'
import type { ProbeRequest } from '../../schema/probe.ts'
import { NOT_PUBLIC, SPELLINGS } from './hostile/hosts.ts'
import { REQUEST as OAUTH } from './hostile/messages.ts'
import { summarise } from './hostile/run-case.ts'

const tlsContext = createTlsContext()
const never = new AbortController().signal

const PASSWORD: ProbeRequest = {
  ...OAUTH,
  host: 'mail.example.com',
  credential: { type: 'password', password: 'a password' },
}

const entries = (addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

/** Creates a probe without a network: look-ups and dials are recorded, and every dial is refused. */
function offlineProbe(addresses: string[][], rules: Partial<DialRules> = {}) {
  const lookups: string[] = []
  const dialled: string[] = []
  const probe = createProbe({
    rules: {
      extraServers: [],
      allowPrivateHosts: false,
      lookup: async (host) => entries(addresses[lookups.push(host) - 1] ?? []),
      connect: (chosen, port) => {
        dialled.push(...chosen)
        // Nothing listens on these loopback ports: refused at once, without leaving this machine.
        return open({ host: '127.0.0.1', port: port === 1 ? 1 : 9 })
      },
      ...rules,
    },
    tlsContext,
  })
  const report = (request: ProbeRequest) => probe(request, never)
  const run = async (request: ProbeRequest) => summarise(await report(request))
  return { run, report, lookups, dialled }
}

/** Steps after the first one, when that one failed. */
const NOT_REACHED = Array.from({ length: 5 }, () => ({ outcome: 'skipped' }))

describe('a token', () => {
  // With a trailing dot it is the same host in DNS, and is removed.
  const foreign = SPELLINGS.filter((host) => host !== 'outlook.office365.com.')

  it(`is sent to none of ${foreign.length} other spellings`, async () => {
    expect(foreign.length).toBeGreaterThanOrEqual(100)
    for (const host of foreign) {
      const { run, lookups, dialled } = offlineProbe([['52.97.1.1']])
      expect([host, await run({ ...OAUTH, host })]).toEqual([host, 'failed dns host_not_allowed'])
      expect(lookups).toEqual([])
      expect(dialled).toEqual([])
    }
  })

  it.each(['outlook.office365.com', 'outlook.office365.com.', 'Outlook.Office365.COM'])(
    'is sent to "%s", which is the same name',
    async (host) => {
      const { run, lookups, dialled } = offlineProbe([['52.97.1.1']])
      expect(await run({ ...OAUTH, host })).toBe('inconclusive connect connect')
      expect(lookups).toEqual(['outlook.office365.com'])
      expect(dialled).toEqual(['52.97.1.1'])
    },
  )

  it.each([
    { port: 143 },
    { security: 'starttls' as const },
    { protocol: 'smtp' as const },
    { credential: { ...OAUTH.credential, cloud: 'china' as const } },
  ])('is sent only to servers of its own cloud, not with %o', async (change) => {
    const { run, dialled } = offlineProbe([['52.97.1.1']])
    const request = { ...OAUTH, ...change } as ProbeRequest
    expect(await run(request)).toBe('failed dns host_not_allowed')
    expect(dialled).toEqual([])
  })

  it('is sent to a server listed at deployment, but only on a mail port', async () => {
    const own = { protocol: 'imap', host: 'imap.corp.test', security: 'tls' } as const
    const extraServers = [
      { ...own, port: 993 },
      { ...own, port: 22 },
    ]
    const { run, dialled } = offlineProbe([['52.97.1.1']], { extraServers })
    expect(await run({ ...OAUTH, host: 'imap.corp.test', port: 22 })).toBe(
      'failed dns host_not_allowed',
    )
    expect(await run({ ...OAUTH, host: 'imap.corp.test' })).toBe('inconclusive connect connect')
    expect(dialled).toEqual(['52.97.1.1'])
  })
})

describe('a password', () => {
  it('is sent to no odd spelling, even if a resolver accepts it', async () => {
    for (const host of SPELLINGS) {
      const { run, dialled } = offlineProbe([['127.0.0.1']])
      expect([host, (await run({ ...PASSWORD, host })).split(' ')[0]]).toEqual(
        // Public IP literals are allowed.
        host === '52.97.1.1' || host === '2603:1026::1' ? [host, 'inconclusive'] : [host, 'failed'],
      )
      expect(dialled.filter((address) => address !== host)).toEqual([])
    }
  })

  it.each(['two words', 'user@mail.test', 'mail.test:993', '-mail.test', '[::1]', '127.1', ''])(
    'is not sent to "%s", which is neither a name nor an address',
    async (host) => {
      const { report, lookups } = offlineProbe([['52.97.1.1']])
      expect(await report({ ...PASSWORD, host })).toMatchObject({
        steps: [{ detail: 'This is neither a host name nor an IP address.' }, ...NOT_REACHED],
      })
      expect(lookups).toEqual([])
    },
  )

  it.each(NOT_PUBLIC)('is not sent to %s, whether literal or resolved', async (address) => {
    const { run, dialled } = offlineProbe([[address]])
    expect(await run(PASSWORD)).toBe('failed dns private_address')
    expect((await run({ ...PASSWORD, host: address })).split(' ')[0]).toBe('failed')
    expect(dialled).toEqual([])
  })

  it('is not sent if one of several addresses is private', async () => {
    const { run, dialled } = offlineProbe([['52.97.1.1', '10.0.0.1', '52.97.1.2']])
    expect(await run(PASSWORD)).toBe('failed dns private_address')
    expect(dialled).toEqual([])
  })

  it('is not sent through a named interface, even if private hosts are allowed', async () => {
    const { run, dialled } = offlineProbe([], { allowPrivateHosts: true })
    expect(await run({ ...PASSWORD, host: 'fe80::1%lo' })).toBe('failed dns host_not_allowed')
    expect(dialled).toEqual([])
  })

  it.each([1, 22, 80, 110, 443, 3306, 8080, 9993])('is not sent to port %i', async (port) => {
    const { run, dialled, lookups } = offlineProbe([['52.97.1.1']])
    expect(await run({ ...PASSWORD, port })).toBe('failed dns host_not_allowed')
    expect([lookups, dialled]).toEqual([[], []])
  })

  it('is sent to any port and address if private hosts are allowed', async () => {
    const { run, dialled } = offlineProbe([['10.0.0.1']], { allowPrivateHosts: true })
    expect(await run({ ...PASSWORD, port: 9993 })).toBe('inconclusive connect connect')
    expect(dialled).toEqual(['10.0.0.1'])
  })
})

describe('DNS rebinding', () => {
  it('has no effect: the name is resolved once, for all attempts', async () => {
    const { run, lookups, dialled } = offlineProbe([['52.97.1.1', '52.97.1.2'], ['127.0.0.1']])
    expect(await run(PASSWORD)).toBe('inconclusive connect connect')
    expect(lookups).toEqual(['mail.example.com'])
    expect(dialled).toEqual(['52.97.1.1', '52.97.1.2'])
  })
})

describe('a DNS look-up', () => {
  const failing =
    (code: string): Lookup =>
    async () => {
      throw Object.assign(new Error(code), { code })
    }

  it.each([
    ['ENOTFOUND', 'The host mail.example.com does not exist.'],
    ['EAI_AGAIN', 'mail.example.com could not be looked up.'],
    ['ENODATA', 'mail.example.com has no address.'],
  ])('with %s is inconclusive, and explains it', async (code, detail) => {
    const lookup: Lookup = code === 'ENODATA' ? async () => [] : failing(code)
    const report = await offlineProbe([], { lookup }).report(PASSWORD)
    expect(summarise(report)).toBe('inconclusive dns dns')
    expect(report.steps[0]?.detail).toBe(detail)
    expect(report.failure?.code).toBe(code)
  })

  it('uses the system resolver by default', async () => {
    const rules = { extraServers: [], allowPrivateHosts: true }
    const local = await resolveAddresses('localhost', rules)
    expect(local.ok && local.value).toEqual(
      expect.arrayContaining([expect.stringMatching(/^127\.|^::1$/)]),
    )
    const missing = await resolveAddresses('no-such-host.invalid', rules)
    expect(missing).toMatchObject({
      ok: false,
      fault: { code: expect.stringMatching(/^E[A-Z_]+$/) },
    })
  })

  const resolved = (addresses: string[]) =>
    resolveAddresses('mail.example.com', {
      extraServers: [],
      allowPrivateHosts: false,
      lookup: async () => entries(addresses),
    })

  it('with many addresses uses sixteen', async () => {
    const found = await resolved(Array.from({ length: 200 }, (_, at) => `1.1.1.${at}`))
    expect(found).toMatchObject({ ok: true, value: { length: 16 } })
  })
})

describe('look-ups that never end', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('take 24 threads at most, so that others are left, and the next waits for its turn', async () => {
    const responses: (() => void)[] = []
    const lookup = limitLookups(
      () => new Promise((resolve) => responses.push(() => resolve(entries(['1.1.1.1'])))),
    )
    const found = Array.from({ length: 25 }, (_, at) => lookup(`host${at}.example.com`))
    await vi.advanceTimersByTimeAsync(0)
    expect(responses).toHaveLength(24)
    responses[0]?.()
    await vi.advanceTimersByTimeAsync(0)
    expect(responses).toHaveLength(25)
    responses[24]?.()
    expect(await found[24]).toEqual(entries(['1.1.1.1']))
  })

  it('refuse the next one after 5 s, as a name server that is overloaded', async () => {
    const lookup = limitLookups(() => new Promise(() => {}))
    for (let at = 0; at < 24; at += 1) void lookup(`host${at}.example.com`)
    const refused = expect(lookup('mail.example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' })
    await vi.advanceTimersByTimeAsync(5_000)
    await refused
  })
})
