/** Runs one probe against one scripted server; the name `mail.test` resolves to loopback. */
import { createHash } from 'node:crypto'
import { createProbe } from '../../../checker/probe.ts'
import { createTlsContext } from '../../../checker/secure.ts'
import type { MailProtocol, Security } from '../../../schema/mail-servers.ts'
import type { ProbeReport, ProbeRequest } from '../../../schema/probe.ts'
import { certificates, HOST } from './certificates.ts'
import { imap } from './imap.ts'
import { type HostileServer, type Script, type ServerOptions, startServer } from './server.ts'
import { smtp } from './smtp.ts'

export const TOKEN = `eyJ0eXAiOiJKV1QiLCJ.${'canaryToken'.repeat(8)}.s1gnature`
/** Has the length of tokens for work accounts, so SMTP sends it on a line of its own. */
export const LONG_TOKEN = Array.from({ length: 56 }, (_, index) =>
  createHash('sha256').update(`canary ${index}`).digest('base64url'),
).join('')
export const IDENTITY = 'alice@contoso.test'

export type Case = {
  protocol: MailProtocol
  security: Security
  script?: Script
  tls?: ServerOptions['tls']
  credential?: ProbeRequest['credential']
  identity?: string
  message?: ProbeRequest['message']
  /** The server speaks in plaintext although the probe starts with TLS. */
  plainPort?: boolean
  /** Milliseconds. The default is ample; a case that waits for the deadline sets a short one. */
  deadline?: number
  signal?: AbortSignal
}

const HONEST_SERVERS: Record<MailProtocol, Script> = { imap: imap(), smtp: smtp() }

export type CaseResult = { report: ProbeReport; server: HostileServer }

export function requestFor(port: number, testCase: Case): ProbeRequest {
  return {
    protocol: testCase.protocol,
    host: HOST,
    port,
    security: testCase.security,
    identity: testCase.identity ?? IDENTITY,
    credential: testCase.credential ?? { type: 'oauth', access_token: TOKEN, cloud: 'global' },
    ...(testCase.message && { message: testCase.message }),
  }
}

export async function probeFor(port: number, testCase: Case) {
  const { protocol, security, deadline = 8_000 } = testCase
  return createProbe({
    rules: {
      extraServers: [{ protocol, host: HOST, port, security }],
      allowPrivateHosts: true,
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    },
    tlsContext: createTlsContext((await certificates()).authorities),
    deadline,
    now: () => new Date('2026-11-24T09:00:00Z'),
  })
}

/** Runs the probe, waits until the server has seen its connections close, and stops the server. */
export async function runCase(testCase: Case): Promise<CaseResult> {
  const script = testCase.script ?? HONEST_SERVERS[testCase.protocol]
  const implicit = testCase.security === 'tls' && !testCase.plainPort
  const options = testCase.tls === undefined ? { implicit } : { implicit, tls: testCase.tls }
  const server = await startServer(script, options)
  try {
    const probe = await probeFor(server.port, testCase)
    const signal = testCase.signal ?? new AbortController().signal
    const report = await probe(requestFor(server.port, testCase), signal)
    await server.allClosed()
    return { report, server }
  } finally {
    await server.stop()
  }
}

/** Returns true if the text contains the token or password in any encoding. */
export function containsSecret(text: string, secret = TOKEN): boolean {
  const message = `user=${IDENTITY}\u0001auth=Bearer ${secret}\u0001\u0001`
  const forms = [secret, message, `\u0000${IDENTITY}\u0000${secret}`].flatMap((form) =>
    (['utf8', 'base64', 'base64url', 'hex'] as const).map((encoding) =>
      Buffer.from(form).toString(encoding).slice(0, 60),
    ),
  )
  const lower = text.toLowerCase()
  return forms.some((form) => lower.includes(form.toLowerCase()))
}

const secretOf = (credential: Case['credential']) =>
  credential?.type === 'password' ? credential.password : (credential?.access_token ?? TOKEN)

/** Summarises a report in one line: outcome, step and kind of the failure. */
export function summarise({ outcome, failure }: ProbeReport): string {
  return failure === null ? outcome : `${outcome} ${failure.step} ${failure.kind}`
}

/**
 * Runs a case and verifies what must hold for every server: no secret is sent in plaintext or reported, and
 * the connection is closed (otherwise `runCase` would not return).
 */
export async function runVerified(testCase: Case): Promise<CaseResult & { summary: string }> {
  const result = await runCase(testCase)
  const secret = secretOf(testCase.credential)
  if (containsSecret(result.server.clear, secret)) throw new Error('a secret was sent in plaintext')
  if (containsSecret(JSON.stringify(result.report), secret))
    throw new Error('the report contains a secret')
  return { ...result, summary: summarise(result.report) }
}

/** Both security modes, for behaviour that must not depend on them. */
export const SECURITIES = ['tls', 'starttls'] as const
