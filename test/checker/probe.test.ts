import { describe, expect, it } from 'vitest'
import { createProbe } from '../../checker/probe.ts'
import { createTlsContext } from '../../checker/secure.ts'
import { ProbeReport } from '../../schema/probe.ts'
import { seeded } from '../seeded.ts'
import { imap } from './hostile/imap.ts'
import { requestFor, runVerified, summarise } from './hostile/run-case.ts'
import { smtp } from './hostile/smtp.ts'

const MODES = [
  { protocol: 'imap', security: 'tls' },
  { protocol: 'imap', security: 'starttls' },
  { protocol: 'smtp', security: 'tls' },
  { protocol: 'smtp', security: 'starttls' },
] as const

describe.each(MODES)('a probe over $protocol with $security', (mode) => {
  it('passes on one connection with its steps in order, and closes it', async () => {
    const { report, server } = await runVerified(mode)
    expect(report).toMatchObject({ outcome: 'passed', mechanism: 'XOAUTH2', failure: null })
    expect(server.connections).toBe(1)
    const early = mode.security === 'tls' ? ['tls', 'greeting'] : ['greeting', 'tls']
    expect(report.steps.map((step) => step.name)).toEqual([
      'dns',
      'connect',
      ...early,
      'authenticate',
      'mailbox',
    ])
  })

  it('ends at the deadline, at the current step, and closes the connection', async () => {
    const silent = { greeting: () => {} }
    const script = mode.protocol === 'imap' ? imap(silent) : smtp(silent)
    const { report } = await runVerified({ ...mode, script, deadline: 150 })
    expect(summarise(report)).toBe('inconclusive greeting timeout')
    expect(report.steps.find((step) => step.name === 'greeting')?.outcome).toBe('inconclusive')
    expect(report.steps.at(-1)).toMatchObject({ name: 'mailbox', outcome: 'skipped' })
  })

  it('closes the connection when the caller disconnects', async () => {
    const caller = new AbortController()
    const abort = { AUTHENTICATE: () => caller.abort(), AUTH: () => caller.abort() }
    const script = mode.protocol === 'imap' ? imap(abort) : smtp(abort)
    const { report } = await runVerified({ ...mode, script, signal: caller.signal })
    expect(summarise(report)).toBe('inconclusive authenticate timeout')
  })

  it('is inconclusive if the connection is reset', async () => {
    const atOnce = await runVerified({ ...mode, script: (peer) => peer.reset() })
    expect(atOnce.report.outcome).toBe('inconclusive')
    const reset = { AUTHENTICATE: (peer: { reset(): void }) => peer.reset() }
    const script = mode.protocol === 'imap' ? imap(reset) : smtp({ AUTH: reset.AUTHENTICATE })
    const { report } = await runVerified({ ...mode, script })
    expect(summarise(report)).toBe('inconclusive authenticate unavailable')
    expect(report.failure?.code).toBe('ECONNRESET')
  })
})

it('applies the deadline to a DNS look-up that never ends', async () => {
  const probe = createProbe({
    rules: { extraServers: [], allowPrivateHosts: false, lookup: () => new Promise(() => {}) },
    tlsContext: createTlsContext(),
    deadline: 50,
  })
  const request = requestFor(993, { protocol: 'imap', security: 'tls' })
  const report = await probe(
    { ...request, host: 'outlook.office365.com' },
    new AbortController().signal,
  )
  expect(summarise(report)).toBe('inconclusive dns timeout')
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

it.each(MODES)('survives noise at any step over $protocol with $security', async (mode) => {
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
    const imapSteps = { greeting: speak, CAPABILITY: speak, AUTHENTICATE: speak, EXAMINE: speak }
    const smtpSteps = { greeting: speak, EHLO: speak, AUTH: speak }
    const changes = mode.protocol === 'imap' ? imapSteps : smtpSteps
    const [moment, change] = Object.entries(changes)[next(Object.keys(changes).length)] ?? []
    const chosen = { [moment ?? 'greeting']: change }
    const script = mode.protocol === 'imap' ? imap(chosen) : smtp(chosen)
    return runVerified({ ...mode, script, deadline: 4_000 })
  })
  for (const { report } of await Promise.all(rounds)) {
    expect(ProbeReport.parse(report)).toEqual(report)
  }
})
