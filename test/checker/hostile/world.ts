/** One probe against one scripted server, with the name `mail.test` pointing at loopback. */
import { createProbe } from '../../../checker/probe.ts'
import { createTrust } from '../../../checker/secure.ts'
import type { Protocol, Security } from '../../../schema/mail-servers.ts'
import type { ProbeReport, ProbeRequest } from '../../../schema/probe.ts'
import { certificates, HOST } from './certificates.ts'
import { imap } from './imap.ts'
import { type HostileServer, type Script, type ServerOptions, startServer } from './server.ts'
import { smtp } from './smtp.ts'

export const TOKEN = `eyJ0eXAiOiJKV1QiLCJ.${'canaryToken'.repeat(8)}.s1gnature`
export const IDENTITY = 'alice@contoso.test'

export type Case = {
  protocol: Protocol
  security: Security
  script?: Script
  tls?: ServerOptions['tls']
  credential?: ProbeRequest['credential']
  identity?: string
  /** The server speaks in clear although the probe begins with TLS. */
  plainPort?: boolean
  /** Long enough for anything that answers; a case that waits for it sets a short one. */
  deadline?: number
  signal?: AbortSignal
}

export type Played = { report: ProbeReport; server: HostileServer }

export function requestFor(port: number, given: Case): ProbeRequest {
  return {
    protocol: given.protocol,
    host: HOST,
    port,
    security: given.security,
    identity: given.identity ?? IDENTITY,
    credential: given.credential ?? { type: 'oauth', access_token: TOKEN, cloud: 'global' },
  }
}

export async function probeFor(port: number, given: Case) {
  const { protocol, security, deadline = 8_000 } = given
  return createProbe({
    rules: {
      extraServers: [{ protocol, host: HOST, port, security }],
      allowPrivateHosts: true,
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    },
    trust: createTrust((await certificates()).authorities),
    deadline,
  })
}

/** Plays the case, waits until the server has seen its connections close, and stops it. */
export async function play(given: Case): Promise<Played> {
  const script = given.script ?? (given.protocol === 'imap' ? imap() : smtp())
  const implicit = given.security === 'tls' && !given.plainPort
  const options = given.tls === undefined ? { implicit } : { implicit, tls: given.tls }
  const server = await startServer(script, options)
  try {
    const probe = await probeFor(server.port, given)
    const signal = given.signal ?? new AbortController().signal
    const report = await probe(requestFor(server.port, given), signal)
    await server.allClosed()
    return { report, server }
  } finally {
    await server.stop()
  }
}

/** Whether any form of the token or password stands in the text. */
export function holdsSecret(text: string, secret = TOKEN): boolean {
  const message = `user=${IDENTITY}\u0001auth=Bearer ${secret}\u0001\u0001`
  const forms = [secret, message, `\u0000${IDENTITY}\u0000${secret}`].flatMap((form) =>
    (['utf8', 'base64', 'base64url', 'hex'] as const).map((encoding) =>
      Buffer.from(form).toString(encoding).slice(0, 60),
    ),
  )
  const lower = text.toLowerCase()
  return forms.some((form) => lower.includes(form.toLowerCase()))
}

/** The report in one line: what most tests look at. */
export function summary({ outcome, failure }: ProbeReport): string {
  return failure === null ? outcome : `${outcome} ${failure.step} ${failure.kind}`
}

/**
 * Plays a case and checks what must hold whatever a server does: nothing secret in clear or in the
 * report, and the connection closed (or `play` would not have come back).
 */
export async function endure(given: Case): Promise<Played & { summary: string }> {
  const played = await play(given)
  const secret = given.credential?.type === 'password' ? given.credential.password : TOKEN
  if (holdsSecret(played.server.clear, secret)) throw new Error('a secret was sent in clear')
  if (holdsSecret(JSON.stringify(played.report), secret)) throw new Error('a report tells a secret')
  return { ...played, summary: summary(played.report) }
}

/** Both security modes, for what must not depend on them. */
export const SECURITIES = ['tls', 'starttls'] as const
