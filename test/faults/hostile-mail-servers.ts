/**
 * Logins at mail servers that misbehave in every phase, over both protocols and both ways to TLS. Whatever
 * they do: a verdict in time that is not `passed`, no token in plaintext or in the report, bounded memory, and
 * a healthy server is still served meanwhile.
 */
import { createQueue } from '../../checker/queue.ts'
import type { MailProtocol, Security } from '../../schema/mail-servers.ts'
import { certificates } from '../checker/hostile/certificates.ts'
import { type ImapResponses, imap } from '../checker/hostile/imap.ts'
import {
  type Case,
  IDENTITY,
  LONG_TOKEN,
  probeFor,
  requestFor,
  summarise,
  TOKEN,
} from '../checker/hostile/run-case.ts'
import {
  type Peer,
  type Script,
  type ServerOptions,
  startServer,
} from '../checker/hostile/server.ts'
import { readResponse, type SmtpReplies, smtp } from '../checker/hostile/smtp.ts'
import { leakFinder } from '../secret-fragments.ts'
import { createTally, type Kind, type Size } from './kinds.ts'

/** Time limit of a probe here, and the time that a busy machine may add. */
const DEADLINE_MS = 1_000
const TOLERANCE_MS = 10_000
const AT_ONCE = 40
const MAX_GROWTH_BYTES = 256 * 1024 * 1024

type Misbehaviour = (peer: Peer, tag: string, line: string) => void | Promise<void>

const findLeaks = leakFinder(TOKEN)
const findLeaksOfLongToken = leakFinder(LONG_TOKEN)

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Sends without end, as fast as the event loop turns. */
const flood =
  (text: string): Misbehaviour =>
  async (peer) => {
    while (peer.open) {
      peer.send(text)
      await turn()
    }
  }

/** Sends `inImap` with the tag of the command, or in SMTP, which has no tags, `inSmtp`. */
const say =
  (inImap: string, inSmtp: string): Misbehaviour =>
  (peer, tag) =>
    peer.send(tag === '' ? `${inSmtp}\r\n` : `${inImap.replaceAll('TAG', tag)}\r\n`)

const misbehaviours: Record<string, Misbehaviour> = {
  'says nothing': (peer) => peer.closed,
  closes: (peer) => peer.end(),
  resets: (peer) => peer.reset(),
  'breaks off within a line': (peer) => peer.end('* 25'),
  'sends a line without end': flood('x'.repeat(16 * 1024)),
  'sends lines without end': flood('* OK still here\r\n'.repeat(500)),
  'never completes a response': flood('250-and more\r\n'.repeat(500)),
  async 'sends a byte at a time'(peer) {
    while (peer.open) {
      peer.send('*')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  },
  'speaks HTTP': (peer) => peer.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'sends binary data': (peer) =>
    peer.end(Buffer.from(Array.from({ length: 4096 }, (_, at) => at % 256))),
  'announces a huge literal': (peer) => peer.send('* 1 FETCH (BODY {2147483648}\r\n'),
  'responds to another command': say('Z9 OK done', '299 2.0.0 done'),
  'mixes responses': say('* NO\r\n* BAD\r\nTAG MAYBE', '250-yes\r\n550 no'),
  'refuses for now': say('TAG NO [UNAVAILABLE] later', '451 4.3.0 later'),
  'refuses for good': say('TAG NO [AUTHENTICATIONFAILED] no', '535 5.7.8 no'),
  'limits logins': say(
    'TAG BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds',
    '421 4.7.0 Too many connections',
  ),
  'says goodbye': say('* BYE going down', '421 4.3.2 shutting down'),
  'refuses and hangs up': say('TAG NO no\r\n* BYE bye', '535 5.7.8 no\r\n421 4.3.2 bye'),
  'returns what it receives': (peer, _tag, line) => peer.send(`${line}\r\n`),
  'refuses with the token': (peer, tag, line) =>
    peer.send(
      `${tag === '' ? '535 5.7.8' : `${tag} NO`} ${line} ${TOKEN}.../${TOKEN.slice(9, 60)}\r\n`,
    ),
}

type Trial = { kind: string; where: string; testCase: Case; tls?: ServerOptions['tls'] }

const IMAP_PHASES = ['greeting', 'CAPABILITY', 'AUTHENTICATE', 'EXAMINE'] as const
const SMTP_PHASES = ['greeting', 'EHLO', 'AUTH'] as const

/** A login with a token that SMTP sends on a line of its own, before and after which a server may misbehave. */
const withLongToken: Pick<Case, 'credential'> = {
  credential: { type: 'oauth', access_token: LONG_TOKEN, cloud: 'global' },
}

const smtpWithLongToken = (misbehave: Misbehaviour): Record<string, Script> => ({
  'AUTH without the token': smtp({ AUTH: (peer, line) => misbehave(peer, '', line) }),
  'the line of the token': smtp({
    async AUTH(peer, line) {
      await misbehave(peer, '', (await readResponse(peer, line)) ?? '')
    },
  }),
})

/** Lists the scripts that misbehave once, at each phase of a session. */
function* scripts(
  security: Security,
  misbehave: Misbehaviour,
): Generator<[MailProtocol, string, Script]> {
  const imapPhases = security === 'starttls' ? [...IMAP_PHASES, 'STARTTLS' as const] : IMAP_PHASES
  for (const phase of imapPhases) {
    const changes: Partial<ImapResponses> = { [phase]: misbehave }
    yield ['imap', phase, imap(changes)]
  }
  const smtpPhases = security === 'starttls' ? [...SMTP_PHASES, 'STARTTLS' as const] : SMTP_PHASES
  for (const phase of smtpPhases) {
    const changes: Partial<SmtpReplies> = {
      [phase]: (peer: Peer, line: string) => misbehave(peer, '', line),
    }
    yield ['smtp', phase, smtp(changes)]
  }
}

/** Lists every misbehaviour in every phase, and every bad certificate. */
export async function listTrials(): Promise<Trial[]> {
  const trials: Trial[] = []
  for (const [kind, misbehave] of Object.entries(misbehaviours)) {
    for (const security of ['tls', 'starttls'] as const) {
      for (const [protocol, phase, script] of scripts(security, misbehave)) {
        const where = `${protocol}, ${security}, ${phase}`
        trials.push({ kind, where, testCase: { protocol, security, script } })
      }
      for (const [phase, script] of Object.entries(smtpWithLongToken(misbehave))) {
        const where = `smtp, ${security}, ${phase}`
        trials.push({
          kind,
          where,
          testCase: { protocol: 'smtp', security, script, ...withLongToken },
        })
      }
      // Instead of a handshake: an address with nothing but this behaviour.
      if (security === 'starttls') continue
      for (const protocol of ['imap', 'smtp'] as const) {
        const script: Script = (peer) => misbehave(peer, protocol === 'imap' ? '*' : '', '')
        const testCase = { protocol, security, script, plainPort: true }
        trials.push({ kind, where: `${protocol}, tls, handshake`, testCase })
      }
    }
  }
  const {
    authorities: _,
    good: _good,
    loopback: _ip,
    forServers: _servers,
    rsa: _rsa,
    ...bad
  } = await certificates()
  for (const [name, pair] of Object.entries(bad)) {
    for (const protocol of ['imap', 'smtp'] as const) {
      for (const security of ['tls', 'starttls'] as const) {
        const tls = { ...pair, ciphers: 'ALL@SECLEVEL=0' }
        const where = `${protocol}, ${security}, ${name}`
        trials.push({
          kind: 'shows a bad certificate',
          where,
          testCase: { protocol, security, tls },
        })
      }
    }
  }
  return trials
}

export async function hostileMailServers(size: Size): Promise<Kind[]> {
  const tally = createTally()
  const all = await listTrials()
  const trials = size === 'full' ? all : all.filter((_, at) => at % 5 === 0)
  const queue = createQueue()
  const memoryBefore = process.memoryUsage.rss()

  /** Runs one probe through the queue, as the checker does. Returns the faults of its outcome. */
  async function attack({ where, testCase }: Trial): Promise<string[]> {
    const leaksIn = testCase.credential === undefined ? findLeaks : findLeaksOfLongToken
    const implicit = testCase.security === 'tls' && !testCase.plainPort
    const script = testCase.script ?? { imap: imap(), smtp: smtp() }[testCase.protocol]
    const options = testCase.tls === undefined ? { implicit } : { implicit, tls: testCase.tls }
    const server = await startServer(script, options)
    try {
      const probe = await probeFor(server.port, { ...testCase, deadline: DEADLINE_MS })
      const request = requestFor(server.port, testCase)
      const started = performance.now()
      const run = await queue.run(
        () => probe(request, new AbortController().signal),
        new AbortController().signal,
        {
          host: `${server.port}.test`,
          caller: 'attacker',
        },
      )
      const elapsed = performance.now() - started
      if (!run.ok) return [`${where}: ${run.reason}`]
      await server.allClosed()
      const report = JSON.stringify(run.value)
      return [
        ...(run.value.outcome === 'passed' ? [`${where}: passed`] : []),
        ...(elapsed > DEADLINE_MS + TOLERANCE_MS
          ? [`${where}: took ${Math.round(elapsed)} ms`]
          : []),
        ...(leaksIn(server.clear).length > 0 ? [`${where}: the token was sent in plaintext`] : []),
        ...(leaksIn(report).length > 0 ? [`${where}: the report quotes the token: ${report}`] : []),
        ...(run.value.steps.length !== 6 ? [`${where}: ${run.value.steps.length} steps`] : []),
      ]
    } finally {
      await server.stop()
    }
  }

  const healthy = await startServer(imap(), { implicit: true })
  const healthyCase: Case = { protocol: 'imap', security: 'tls' }
  const healthyProbe = await probeFor(healthy.port, healthyCase)
  /** Logs in at a healthy server while the others misbehave. */
  async function logInMeanwhile(): Promise<string[]> {
    const request = requestFor(healthy.port, healthyCase)
    const { signal } = new AbortController()
    const run = await queue.run(() => healthyProbe(request, signal), signal, {
      host: 'healthy.test',
      caller: IDENTITY,
    })
    const summary = run.ok ? summarise(run.value) : run.reason
    return summary === 'passed' ? [] : [`beside ${AT_ONCE} attacks: ${summary}`]
  }

  for (let from = 0; from < trials.length; from += AT_ONCE) {
    const batch = trials.slice(from, from + AT_ONCE)
    const attacks = batch.map((trial) =>
      tally.trial(`a mail server that ${trial.kind}`, () => attack(trial)),
    )
    while (queue.running < batch.length / 2 && queue.running > 0) await turn()
    await tally.trial('a healthy mail server meanwhile', logInMeanwhile)
    await Promise.all(attacks)
  }
  await healthy.stop()
  await tally.trial('memory after all of them', async () => {
    const growth = process.memoryUsage.rss() - memoryBefore
    return growth > MAX_GROWTH_BYTES ? [`grew by ${Math.round(growth / 1024 ** 2)} MiB`] : []
  })
  return tally.kinds()
}
