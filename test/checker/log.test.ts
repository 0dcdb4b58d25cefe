import { describe, expect, it } from 'vitest'
import { createApp } from '../../checker/app.ts'
import { createLog } from '../../checker/log.ts'
import { probeFailure } from '../probe-failure.ts'
import { imap } from './hostile/imap.ts'
import { openReport, REPORT, REQUEST, RING, sealRequest } from './hostile/messages.ts'
import {
  type Case,
  containsSecret,
  IDENTITY,
  probeFor,
  requestFor,
  TOKEN,
} from './hostile/run-case.ts'
import { type Script, startServer } from './hostile/server.ts'
import { readResponse, smtp } from './hostile/smtp.ts'

const JTI = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'

function capture() {
  const lines: string[] = []
  const log = createLog({ write: (line) => lines.push(line) })
  return { log, lines, parsed: () => lines.map((line) => JSON.parse(line)) }
}

describe('a log line', () => {
  it('about a probe contains named fields only', () => {
    const { log, parsed } = capture()
    log({ name: 'probed', jti: JTI, request: REQUEST, report: REPORT })
    const [line] = parsed()
    expect(Object.keys(line)).toEqual([
      'level',
      'time',
      'jti',
      'protocol',
      'host',
      'port',
      'security',
      'credential',
      'outcome',
      'mechanism',
      'step',
      'kind',
      'code',
      'smtp_code',
      'smtp_enhanced',
      'imap_status',
      'imap_response_code',
      'duration_ms',
      'event',
    ])
    expect(line).toMatchObject({
      credential: 'oauth',
      host: REQUEST.host,
      event: 'probed',
      jti: JTI,
    })
  })

  it.each([
    ['AUTHENTICATIONFAILED', 'AUTHENTICATIONFAILED'],
    ['EYJ0EXAIOIJKV1Q', 'OTHER'],
    [null, null],
  ])('about the response code %s contains %s', (code, logged) => {
    const { log, parsed } = capture()
    const failure = probeFailure({ imap_response_code: code })
    log({ name: 'probed', jti: JTI, request: REQUEST, report: { ...REPORT, failure } })
    expect(parsed()[0].imap_response_code).toBe(logged)
  })

  it('about a refusal contains the jti of a message sealed with the key', () => {
    const { log, parsed } = capture()
    log({ name: 'refused', status: 503, reason: 'busy', jti: JTI })
    log({ name: 'refused', status: 401, reason: 'not_opened', jti: null })
    expect(parsed()).toMatchObject([
      { level: 'info', event: 'refused', status: 503, reason: 'busy', jti: JTI },
      { level: 'info', event: 'refused', status: 401, reason: 'not_opened', jti: null },
    ])
  })

  it('about a bug contains the class and the stack of the error, never its message', () => {
    const { log, lines } = capture()
    log({ name: 'crashed', error: new TypeError(`cannot read ${TOKEN}`) })
    log({ name: 'crashed', error: TOKEN })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', error: 'TypeError' })
    expect(lines[0]).toContain('log.test.ts')
    expect(containsSecret(lines.join())).toBe(false)
  })

  it('stays one line, even if the host contains line breaks', () => {
    const { log, lines } = capture()
    log({
      name: 'probed',
      jti: JTI,
      request: { ...REQUEST, host: 'a\r\n{"level":60}' },
      report: REPORT,
    })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.trimEnd()).not.toContain('\n')
  })
})

describe('a password that the server echoes', () => {
  const PASSWORD = 'canary-Passw0rd-found-nowhere-else'
  const credential = { type: 'password', password: PASSWORD } as const

  /** Repeats the data received, encoded and decoded, and the password itself. */
  const echo = (line: string) => {
    const last = line.split(' ').at(-1) ?? ''
    return `${last} ${Buffer.from(last, 'base64').toString()} ${PASSWORD}`
  }

  // faults/quoted-tokens.ts does the same with tokens, in every text of a server.
  it.each<[Case['protocol'], Script]>([
    [
      'imap',
      imap({
        AUTHENTICATE: (peer, tag, line) =>
          peer.send(`${tag} NO [${PASSWORD}] ${PASSWORD.toUpperCase()} ${echo(line)}\r\n`),
      }),
    ],
    [
      'smtp',
      smtp({
        async AUTH(peer, line) {
          peer.send(`535 5.7.3 ${echo((await readResponse(peer, line)) ?? '')}\r\n`)
        },
      }),
    ],
  ])('is in no log line, report or response over %s', async (protocol, script) => {
    const testCase: Case = { protocol, security: 'tls', credential }
    const server = await startServer(script, { implicit: true })
    const { log, lines } = capture()
    const probe = await probeFor(server.port, testCase)
    const app = createApp({ ring: RING, probe, now: () => new Date(), log })
    const body = await sealRequest(requestFor(server.port, testCase))
    const response = await app.request('/probe', { method: 'POST', body })
    const responseText = await response.text()
    const report = await openReport(responseText)
    await server.stop()

    expect(report.failure).not.toBeNull()
    for (const text of [lines.join(), responseText, JSON.stringify(report)]) {
      expect(containsSecret(text, PASSWORD)).toBe(false)
    }
    expect(lines).toHaveLength(1)
    expect(lines.join()).not.toContain(IDENTITY)
  })
})
