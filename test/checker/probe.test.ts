import { describe, expect, it } from 'vitest'
import { createProbe } from '../../checker/probe.ts'
import { createTrust } from '../../checker/secure.ts'
import { ProbeReport } from '../../schema/probe.ts'
import { seeded } from '../seeded.ts'
import { imap } from './hostile/imap.ts'
import { startServer } from './hostile/server.ts'
import { smtp } from './hostile/smtp.ts'
import { endure, play, probeFor, requestFor, summary } from './hostile/world.ts'

const MODES = [
  { protocol: 'imap', security: 'tls' },
  { protocol: 'imap', security: 'starttls' },
  { protocol: 'smtp', security: 'tls' },
  { protocol: 'smtp', security: 'starttls' },
] as const

describe.each(MODES)('a probe over $protocol with $security', (mode) => {
  it('passes on one connection and closes it', async () => {
    const { report, server } = await endure(mode)
    expect(summary(report)).toBe('passed')
    expect(report.mechanism).toBe('XOAUTH2')
    expect(report.failure).toBeNull()
    expect(server.connections).toBe(1)
  })

  it('gives a report that keeps the contract, with each step once', async () => {
    const { report } = await play(mode)
    expect(ProbeReport.parse(report)).toEqual(report)
    expect(report.steps.map((step) => step.name).sort()).toEqual([
      'authenticate',
      'connect',
      'dns',
      'greeting',
      'mailbox',
      'tls',
    ])
  })

  it('names the steps in the order in which they happened', async () => {
    const { report } = await play(mode)
    const early = mode.security === 'tls' ? ['tls', 'greeting'] : ['greeting', 'tls']
    expect(report.steps.map((step) => step.name)).toEqual([
      'dns',
      'connect',
      ...early,
      'authenticate',
      'mailbox',
    ])
  })

  it('ends when time runs out, at the step that was running, and closes the connection', async () => {
    const silent = { greeting: () => {} }
    const script = mode.protocol === 'imap' ? imap(silent) : smtp(silent)
    const { report } = await endure({ ...mode, script, deadline: 150 })
    expect(summary(report)).toBe('inconclusive greeting timeout')
    expect(report.steps.find((step) => step.name === 'greeting')?.outcome).toBe('inconclusive')
    expect(report.steps.at(-1)).toMatchObject({ name: 'mailbox', outcome: 'skipped' })
  })

  it('closes the connection when the caller goes away', async () => {
    const caller = new AbortController()
    const abort = { AUTHENTICATE: () => caller.abort(), AUTH: () => caller.abort() }
    const script = mode.protocol === 'imap' ? imap(abort) : smtp(abort)
    const { report } = await endure({ ...mode, script, signal: caller.signal })
    expect(summary(report)).toBe('inconclusive authenticate timeout')
  })

  it('survives a reset at any moment as inconclusive', async () => {
    const atOnce = await endure({ ...mode, script: (peer) => peer.reset() })
    expect(atOnce.report.outcome).toBe('inconclusive')
    const reset = { AUTHENTICATE: (peer: { reset(): void }) => peer.reset() }
    const script = mode.protocol === 'imap' ? imap(reset) : smtp({ AUTH: reset.AUTHENTICATE })
    const { report } = await endure({ ...mode, script })
    expect(summary(report)).toBe('inconclusive authenticate unavailable')
    expect(report.failure?.code).toBe('ECONNRESET')
  })

  it('cuts off a server that floods it', async () => {
    const flood = (peer: { send(text: string): void; readonly open: boolean }) => {
      const line = `* OK ${'x'.repeat(1000)}\r\n250-${'x'.repeat(1000)}\r\n`.repeat(20)
      const more = () => {
        if (!peer.open) return
        peer.send(line)
        setImmediate(more)
      }
      more()
    }
    const script = mode.protocol === 'imap' ? imap({ AUTHENTICATE: flood }) : smtp({ AUTH: flood })
    const { report } = await endure({ ...mode, script })
    expect(summary(report)).toBe('failed authenticate protocol')
  })
})

it('takes 200 sessions that never answer, and closes every one', async () => {
  const server = await startServer(() => {}, { implicit: false })
  const given = { protocol: 'imap', security: 'starttls', deadline: 400 } as const
  const probe = await probeFor(server.port, given)
  const request = requestFor(server.port, given)
  const { signal } = new AbortController()
  const reports = await Promise.all(Array.from({ length: 200 }, () => probe(request, signal)))
  await server.allClosed()
  await server.stop()
  expect(new Set(reports.map(summary))).toEqual(new Set(['inconclusive greeting timeout']))
  expect(server.connections).toBe(200)
})

it('ends a name look-up that never answers with the same deadline', async () => {
  const probe = createProbe({
    rules: { extraServers: [], allowPrivateHosts: false, lookup: () => new Promise(() => {}) },
    trust: createTrust(),
    deadline: 50,
  })
  const request = requestFor(993, { protocol: 'imap', security: 'tls' })
  const report = await probe(
    { ...request, host: 'outlook.office365.com' },
    new AbortController().signal,
  )
  expect(summary(report)).toBe('inconclusive dns timeout')
})

const PIECES = [
  '\r\n',
  '\n',
  '* ',
  '+ ',
  '1 OK',
  '2 NO',
  '235 ',
  '334 ',
  '250-',
  '{9}',
  '\0',
  '\xff',
]

it.each(MODES)('takes noise at any moment over $protocol with $security', async (mode) => {
  const rounds = Array.from({ length: 40 }, async (_, seed) => {
    const next = seeded(seed + 1)
    const piece = () => PIECES[next(PIECES.length)] ?? ''
    const noise = Array.from({ length: 1 + next(40) }, () =>
      next(2) === 0 ? piece() : String.fromCharCode(next(256)),
    ).join('')
    const speak = (peer: { send(data: Buffer): void; end(): void }) => {
      peer.send(Buffer.from(noise, 'latin1'))
      peer.end()
    }
    const moments = { greeting: speak, CAPABILITY: speak, AUTHENTICATE: speak, EXAMINE: speak }
    const commands = { greeting: speak, EHLO: speak, AUTH: speak }
    const changes = mode.protocol === 'imap' ? moments : commands
    const [moment, change] = Object.entries(changes)[next(Object.keys(changes).length)] ?? []
    const chosen = { [moment ?? 'greeting']: change }
    const script = mode.protocol === 'imap' ? imap(chosen) : smtp(chosen)
    return endure({ ...mode, script, deadline: 4_000 })
  })
  for (const { report } of await Promise.all(rounds)) {
    expect(ProbeReport.parse(report)).toEqual(report)
  }
})
