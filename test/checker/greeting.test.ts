import { describe, expect, it } from 'vitest'
import { imap } from './hostile/imap.ts'
import { runVerified, SECURITIES } from './hostile/run-case.ts'
import type { Peer } from './hostile/server.ts'
import { smtp } from './hostile/smtp.ts'

/** Sends one byte per turn of the event loop, so that the client receives single bytes. */
async function byteByByte(peer: Peer, text: string) {
  for (const byte of text) {
    peer.send(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const FAILS = 'failed greeting protocol'
const INCONCLUSIVE = 'inconclusive greeting unavailable'

describe.each(SECURITIES)('a greeting over %s', (security) => {
  const overImap = (greeting: (peer: Peer) => void | Promise<void>, more = {}) =>
    runVerified({ protocol: 'imap', security, script: imap({ greeting }), ...more })
  const overSmtp = (greeting: (peer: Peer) => void | Promise<void>, more = {}) =>
    runVerified({ protocol: 'smtp', security, script: smtp({ greeting }), ...more })

  it.each<[string, 'imap' | 'smtp', (peer: Peer) => void | Promise<void>, string]>([
    ['byte by byte', 'imap', (peer) => byteByByte(peer, '* OK ready\r\n'), 'passed'],
    ['byte by byte', 'smtp', (peer) => byteByByte(peer, '220-hello\r\n220 ready\r\n'), 'passed'],
    ['with a bare line feed', 'imap', (peer) => peer.send('* OK ready\n'), 'passed'],
    ['without end', 'imap', (peer) => peer.send(`* OK ${'x'.repeat(200_000)}`), FAILS],
    ['without end', 'smtp', (peer) => peer.send('220-again\r\n'.repeat(5_000)), FAILS],
    ['of SMTP', 'imap', (peer) => peer.send('220 mail.test ESMTP\r\n'), FAILS],
    ['of IMAP', 'smtp', (peer) => peer.send('* OK IMAP ready\r\n'), FAILS],
    ['that never comes', 'imap', (peer) => peer.end(), INCONCLUSIVE],
    ['cut short', 'smtp', (peer) => peer.end('220 rea'), INCONCLUSIVE],
  ])('%s over %s has its result', async (_what, protocol, greeting, expected) => {
    const run = protocol === 'imap' ? overImap : overSmtp
    expect((await run(greeting)).summary).toBe(expected)
  })

  it('after which the connection ends is inconclusive', async () => {
    const { report } = await overImap((peer) => peer.end('* OK ready\r\n'))
    expect(report.outcome).toBe('inconclusive')
  })

  it('that is still incomplete at the deadline is inconclusive', async () => {
    const drip = (peer: Peer) => {
      const more = setInterval(() => (peer.open ? peer.send('*') : clearInterval(more)), 10)
    }
    const { summary } = await overImap(drip, { deadline: 150 })
    expect(summary).toBe('inconclusive greeting timeout')
  })

  it('of PREAUTH fails, and nothing is sent', async () => {
    const { summary, server, report } = await overImap((peer) => peer.send('* PREAUTH welcome\r\n'))
    expect(summary).toBe('failed greeting protocol')
    const step = report.steps.find(({ name }) => name === 'greeting')
    expect(step?.detail).toContain('already logged in')
    expect(server.lines).toEqual([])
  })

  it.each([
    ['* BYE shutting down', 'unavailable', null],
    ['* BYE [UNAVAILABLE] not now', 'unavailable', 'UNAVAILABLE'],
    ['* BYE Too many simultaneous connections.', 'throttled', null],
  ])('of "%s" is inconclusive: %s', async (line, kind, code) => {
    const { summary, report } = await overImap((peer) => peer.end(`${line}\r\n`))
    expect(summary).toBe(`inconclusive greeting ${kind}`)
    expect(report.failure).toMatchObject({ imap_status: 'BYE', imap_response_code: code })
  })

  it.each(['421 4.3.2 Service not available', '554 5.7.1 blocked'])(
    'of "%s" is inconclusive: it does not concern the account',
    async (line) => {
      const { summary, report } = await overSmtp((peer) => peer.end(`${line}\r\n`))
      expect(summary).toBe('inconclusive greeting unavailable')
      expect(report.failure).toMatchObject({ reply: line, smtp_code: Number(line.slice(0, 3)) })
    },
  )

  it.each(['HTTP/1.1 400 Bad Request', 'SSH-2.0-OpenSSH_9.9', '+OK POP3 ready'])(
    'of another protocol, "%s", fails',
    async (line) => {
      const first = await overImap((peer) => peer.send(`${line}\r\n`))
      const second = await overSmtp((peer) => peer.send(`${line}\r\n`))
      expect([first.summary, second.summary]).toEqual([FAILS, FAILS])
      expect(first.report.failure?.reply).toBe(line)
    },
  )

  it('is reported without terminal codes', async () => {
    const { report } = await overImap((peer) => peer.send('* OK \u001b[31mred\u001b[0m\u0007\r\n'))
    const step = report.steps.find(({ name }) => name === 'greeting')
    expect(step?.detail).toBe('The server sent: * OK red')
  })
})
