/**
 * Servers that refuse a login and hang up at once. The refusal must be reported in whatever order and
 * TCP segments its parts arrive.
 */
import { describe, expect, it } from 'vitest'
import { tenthOf } from '../sample.ts'
import { type Respond as ImapResponse, imap } from './hostile/imap.ts'
import { runCase, summarise } from './hostile/run-case.ts'
import type { Peer } from './hostile/server.ts'
import { smtp } from './hostile/smtp.ts'

const CHALLENGE = '{"status":"401","schemes":"Bearer"}'
const ENDINGS = ['stays open', 'closes', 'resets'] as const
type Ending = (typeof ENDINGS)[number]

/** Lets the client, in the same event loop, read what has been sent so far. */
async function segment() {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve))
}

/** Sends the pieces as one TCP segment each, then ends the connection that way. */
async function sendInSegments(peer: Peer, pieces: readonly string[], ending: Ending) {
  for (const piece of pieces.slice(0, -1)) {
    peer.send(piece)
    await segment()
  }
  const last = pieces.at(-1) ?? ''
  if (ending === 'closes') return peer.end(last)
  peer.send(last)
  if (ending === 'resets') peer.reset()
}

/** Returns the text divided in two at every byte, with the endings in turn. */
const divisions = (text: string) =>
  Array.from({ length: text.length - 1 }, (_, at) => ({
    pieces: [text.slice(0, at + 1), text.slice(at + 1)],
    ending: ENDINGS[(at + 1) % ENDINGS.length] ?? ENDINGS[0],
  }))

/** Runs the cases 16 at a time. Returns a line for each whose summary or challenge is not as expected. */
async function misjudged<Case>(
  cases: readonly Case[],
  run: (entry: Case) => Promise<string>,
  expected: string,
): Promise<string[]> {
  const wrong: string[] = []
  for (let from = 0; from < cases.length; from += 16) {
    const batch = cases.slice(from, from + 16)
    const summaries = await Promise.all(batch.map(run))
    for (const [at, summary] of summaries.entries()) {
      if (summary !== expected) wrong.push(`${JSON.stringify(batch[at])}: ${summary}`)
    }
  }
  return wrong
}

/** Returns each text undivided with each ending, and a tenth of its divisions. */
const inManyWays = (texts: readonly string[]) => [
  ...texts.flatMap((text) => ENDINGS.map((ending) => ({ pieces: [text], ending }))),
  ...tenthOf(texts.flatMap(divisions)),
]

/** Hundreds of logins each with FULL=true. */
const PATIENCE = { timeout: 60_000 }

const IMAP_NO = '2 NO [AUTHENTICATIONFAILED] AUTHENTICATE failed.\r\n'
const IMAP_BYE = '* BYE Too many connections, try again later.\r\n'
const SMTP_NO = '535 5.7.3 Authentication unsuccessful\r\n'
const LONG = '535-5.7.139 Authentication unsuccessful,\r\n535 5.7.139 visit a page\r\n'
const CLOSING = '421 4.4.2 Too many connections, closing\r\n'
const LONG_CLOSING = '421-4.4.2 two\r\n421 4.4.2 lines\r\n'

const SERVERS = {
  imap: {
    prompt: '+',
    orders: [IMAP_NO, IMAP_NO + IMAP_BYE, IMAP_BYE + IMAP_NO],
    withEnd: IMAP_NO + IMAP_BYE,
    code: 'AUTHENTICATIONFAILED',
    script: (login: (peer: Peer) => Promise<void>) => imap({ AUTHENTICATE: login }),
  },
  smtp: {
    prompt: '334',
    orders: [SMTP_NO, LONG, SMTP_NO + CLOSING, CLOSING + SMTP_NO, SMTP_NO + LONG_CLOSING],
    withEnd: SMTP_NO + CLOSING,
    code: '535',
    script: (login: (peer: Peer) => Promise<void>) => smtp({ AUTH: login }),
  },
}

/** Returns what a login reports at a server that may send a challenge before the pieces of its refusal. */
const loginAt =
  (protocol: 'imap' | 'smtp', challenged = false) =>
  async ({ pieces, ending }: { pieces: string[]; ending: Ending }) => {
    const { prompt, script } = SERVERS[protocol]
    const login = async (peer: Peer) => {
      if (challenged) {
        peer.send(`${prompt} ${btoa(CHALLENGE)}\r\n`)
        await peer.line()
      }
      await sendInSegments(peer, pieces, ending)
    }
    const { report } = await runCase({ protocol, security: 'tls', script: script(login) })
    const { imap_response_code, smtp_code, challenge } = report.failure ?? {}
    return `${summarise(report)} ${imap_response_code ?? smtp_code} ${challenge}`
  }

describe.each(['imap', 'smtp'] as const)('a refused login over %s', PATIENCE, (protocol) => {
  const { prompt, orders, withEnd, code } = SERVERS[protocol]
  const refusal = `failed authenticate rejected ${code}`

  it('is reported as such, with or without the end of the session, in any order and segments', async () => {
    expect(await misjudged(inManyWays(orders), loginAt(protocol), `${refusal} null`)).toEqual([])
  })

  it('keeps its XOAUTH2 challenge', async () => {
    const expected = `${refusal} ${CHALLENGE}`
    expect(await misjudged(inManyWays(orders), loginAt(protocol, true), expected)).toEqual([])
  })

  it('is reported as such if challenge, refusal and end arrive together', async () => {
    const text = `${prompt} ${btoa(CHALLENGE)}\r\n${withEnd}`
    const expected = `${refusal} ${CHALLENGE}`
    expect(await misjudged(inManyWays([text]), loginAt(protocol), expected)).toEqual([])
  })
})

it.each(ENDINGS)(
  'a refusal over IMAP is found behind many other lines if the server %s',
  async (ending) => {
    const untagged = '* OK still here\r\n'.repeat(30)
    const pieces = [untagged + IMAP_BYE + untagged + IMAP_NO]
    const expected = 'failed authenticate rejected AUTHENTICATIONFAILED null'
    expect(await loginAt('imap')({ pieces, ending })).toBe(expected)
  },
)

describe('an IMAP server that ends the session without a response to the login', () => {
  const BYE = '* BYE [UNAVAILABLE] Too many connections\r\n'

  it.each(ENDINGS)('is inconclusive by its response code if it %s', async (ending) => {
    const AUTHENTICATE: ImapResponse = (peer) => sendInSegments(peer, [BYE], ending)
    const script = imap({ AUTHENTICATE })
    const { report } = await runCase({ protocol: 'imap', security: 'tls', script })
    expect(summarise(report)).toBe('inconclusive authenticate unavailable')
    expect(report.failure).toMatchObject({
      imap_status: 'BYE',
      imap_response_code: 'UNAVAILABLE',
      reply: 'BYE [UNAVAILABLE] Too many connections',
    })
  })

  it.each([BYE, ''])('keeps its XOAUTH2 challenge (%j)', async (bye) => {
    const AUTHENTICATE: ImapResponse = async (peer) => {
      peer.send(`+ ${btoa(CHALLENGE)}\r\n`)
      await peer.line()
      peer.end(bye)
    }
    const script = imap({ AUTHENTICATE })
    const { report } = await runCase({ protocol: 'imap', security: 'tls', script })
    expect(summarise(report)).toBe('inconclusive authenticate unavailable')
    expect(report.failure?.challenge).toBe(CHALLENGE)
  })
})
