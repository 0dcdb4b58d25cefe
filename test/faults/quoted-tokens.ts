/**
 * Mail servers that quote pieces of the token in every text that the checker reports or logs: cut at random
 * places, in every encoding, glued to other characters. No run of 16 characters may remain.
 */
import { createApp } from '../../checker/app.ts'
import { createLog } from '../../checker/log.ts'
import { imap, response } from '../checker/hostile/imap.ts'
import { openReport, RING, sealRequest } from '../checker/hostile/messages.ts'
import { type Case, probeFor, requestFor } from '../checker/hostile/run-case.ts'
import { type Script, startServer } from '../checker/hostile/server.ts'
import { readResponse, reply, smtp } from '../checker/hostile/smtp.ts'
import { ESCAPES, leakFinder, QUOTINGS } from '../secret-fragments.ts'
import { seeded } from '../seeded.ts'
import { createTally, type Kind, SEED, type Size } from './kinds.ts'

const ROUNDS: Record<Size, number> = { small: 2, full: 8 }
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const GLUE = [
  '...',
  '.',
  '=',
  '&',
  '/',
  '',
  '"',
  ':',
  ',',
  '[',
  ']',
  '%',
  '\\',
  '\u0000',
  '\u200b',
  '<',
  '\t',
]

type Place = { protocol: Case['protocol']; script: (quote: () => string) => Script }

/**
 * Texts in which a server may quote the token. It knows the token from an earlier login, so these come before the login
 * as well.
 */
const places: Record<string, Place> = {
  'the greeting of IMAP': {
    protocol: 'imap',
    script: (quote) =>
      imap({
        greeting: (peer) => peer.send(`* OK ${quote()}\r\n`),
        AUTHENTICATE: response('NO no'),
      }),
  },
  'BYE in place of the greeting': {
    protocol: 'imap',
    script: (quote) => imap({ greeting: (peer) => peer.end(`* BYE [${quote()}] ${quote()}\r\n`) }),
  },
  'something that is not IMAP': {
    protocol: 'imap',
    script: (quote) => imap({ greeting: (peer) => peer.end(`${quote()}\r\n`) }),
  },
  'a refusal by IMAP': {
    protocol: 'imap',
    script: (quote) => imap({ AUTHENTICATE: (peer, tag) => peer.send(`${tag} NO ${quote()}\r\n`) }),
  },
  'a response code': {
    protocol: 'imap',
    script: (quote) =>
      imap({ AUTHENTICATE: (peer, tag) => peer.send(`${tag} NO [${quote()}] no\r\n`) }),
  },
  'the challenge of IMAP': {
    protocol: 'imap',
    script: (quote) =>
      imap({
        async AUTHENTICATE(peer, tag) {
          peer.send(
            `+ ${Buffer.from(JSON.stringify({ status: quote(), scope: quote() })).toString('base64')}\r\n`,
          )
          await peer.line()
          peer.send(`${tag} NO no\r\n`)
        },
      }),
  },
  'BYE after the login': {
    protocol: 'imap',
    script: (quote) => imap({ EXAMINE: (peer) => peer.end(`* BYE ${quote()}\r\n`) }),
  },
  'a refusal to open INBOX': {
    protocol: 'imap',
    script: (quote) => imap({ EXAMINE: (peer, tag) => peer.send(`${tag} BAD ${quote()}\r\n`) }),
  },
  'the greeting of SMTP': {
    protocol: 'smtp',
    script: (quote) => smtp({ greeting: (peer) => peer.send(`554 5.3.2 ${quote()}\r\n`) }),
  },
  'a refusal of EHLO': {
    protocol: 'smtp',
    script: (quote) => smtp({ EHLO: (peer) => peer.send(`550 ${quote()}\r\n`) }),
  },
  'the names of mechanisms': {
    protocol: 'smtp',
    script: (quote) => smtp({ EHLO: (peer) => peer.send(`250-hi\r\n250 AUTH ${quote()}\r\n`) }),
  },
  'a refusal by SMTP': {
    protocol: 'smtp',
    script: (quote) =>
      smtp({ AUTH: (peer) => peer.send(`535-5.7.3 ${quote()}\r\n535 5.7.3 ${quote()}\r\n`) }),
  },
  'what asks for the token by SMTP, and then refuses it': {
    protocol: 'smtp',
    script: (quote) =>
      smtp({
        async AUTH(peer) {
          peer.send(`334 ${quote()}\r\n`)
          await peer.line()
          peer.send(`535 5.7.3 ${quote()}\r\n`)
        },
      }),
  },
  'something that is not SMTP': {
    protocol: 'smtp',
    script: (quote) => smtp({ AUTH: (peer) => peer.send(`${quote()}\r\n`) }),
  },
  'the challenge of SMTP': {
    protocol: 'smtp',
    script: (quote) =>
      smtp({
        async AUTH(peer, line) {
          await readResponse(peer, line)
          peer.send(`334 ${Buffer.from(quote()).toString('base64')}\r\n`)
          await peer.line()
          await reply('535 5.7.3 no')(peer, '')
        },
      }),
  },
}

export async function quotedTokens(size: Size): Promise<Kind[]> {
  const tally = createTally()
  const pick = seeded(SEED)
  /** One kind fits into the AUTH command of SMTP, the other does not. */
  const LENGTHS = [
    [40, 200, 86],
    [40, 2016, 342],
  ] as const
  const randomToken = (round: number) =>
    (LENGTHS[round % LENGTHS.length] ?? LENGTHS[0])
      .map((length) => Array.from({ length }, () => ALPHABET[pick(ALPHABET.length)]).join(''))
      .join('.')
  const glue = () => Array.from({ length: 1 + pick(2) }, () => GLUE[pick(GLUE.length)]).join('')
  const anyCase = (text: string) =>
    Array.from(text, (one) => (pick(2) === 0 ? one.toUpperCase() : one.toLowerCase())).join('')
  const quotings = [
    ...QUOTINGS,
    ...ESCAPES.map((quote) => ({ name: 'escapes', quote, anyCase: true })),
  ]

  for (const [place, { protocol, script }] of Object.entries(places)) {
    for (const { name, quote, anyCase: ignoresCase } of quotings) {
      for (let round = 0; round < ROUNDS[size]; round += 1) {
        const token = randomToken(round)
        const whole = quote(token)
        const quoteOnce = () => {
          const from = pick(whole.length - 16)
          const piece = whole.slice(from, from + 16 + pick(120))
          return `${glue()}${ignoresCase ? anyCase(piece) : piece}${glue()}`
        }
        await tally.trial(`the token in ${place}`, async () => {
          const found = await leaksOf(
            {
              protocol,
              security: 'tls',
              credential: { type: 'oauth', access_token: token, cloud: 'global' },
            },
            script(quoteOnce),
            token,
          )
          return found.map((leak) => `${name}, round ${round}: ${leak}`)
        })
      }
    }
  }
  return tally.kinds()
}

/** Runs a login through the checker's HTTP interface. Returns the leaks in its report and its log. */
async function leaksOf(testCase: Case, script: Script, token: string): Promise<string[]> {
  const server = await startServer(script, { implicit: true })
  const lines: string[] = []
  try {
    const probe = await probeFor(server.port, testCase)
    const log = createLog({ write: (line) => lines.push(line) })
    const app = createApp({ ring: RING, probe, now: () => new Date(), log })
    const body = await sealRequest(requestFor(server.port, testCase))
    const response = await app.request('/probe', { method: 'POST', body })
    const report = await openReport(await response.text())
    const findLeaks = leakFinder(token)
    const texts = [
      ...lines,
      ...report.steps.map(({ detail }) => detail ?? ''),
      ...Object.values(report.failure ?? {}).map(String),
      report.mechanism ?? '',
    ]
    return [
      ...(report.outcome === 'passed' ? ['the login passed'] : []),
      ...texts.filter((text) => findLeaks(text).length > 0),
    ]
  } finally {
    await server.stop()
  }
}
