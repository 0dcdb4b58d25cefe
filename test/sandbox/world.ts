/**
 * The whole simulated world on loopback, in this process: Entra and Graph over HTTP, two IMAP and two SMTP
 * servers that accept Entra's tokens, and a CA for their certificate. Uses free ports by default.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEntra, type Entra } from './entra/entra.ts'
import { type SandboxFacts, sandboxFacts } from './facts.ts'
import { createGraph, type Graph } from './graph/graph.ts'
import { serveHttp } from './http-server.ts'
import { startImap } from './imap.ts'
import { type Authority, createAuthority } from './mail/certificates.ts'
import { type AppRegistration, cast, app as defaultApp, type Person } from './personas.ts'
import { type SmtpServer, startSmtp } from './smtp.ts'

export type WorldPorts = {
  entra: number
  graph: number
  imapStarttls: number
  imapTls: number
  smtpStarttls: number
  smtpTls: number
}

export type WorldOptions = {
  ports?: Partial<WorldPorts>
  /** Milliseconds since the epoch, for Entra and the mail servers alike. */
  now?: () => number
  /** Origin of the Worker, whose redirect URIs are registered. */
  publicUrl?: string
  /** Replaces parts of the app registration. */
  app?: Partial<AppRegistration> | undefined
  /** See `EntraOptions`. */
  refreshAnywhere?: boolean
}

export type World = {
  entra: Entra
  /** Origin of the simulated Entra, the value of `ENTRA_AUTHORITY`. */
  entraUrl: string
  graph: Graph
  /** Origin of the simulated Graph, the value of `GRAPH_ROOT`. */
  graphUrl: string
  ports: WorldPorts
  smtp: { starttls: SmtpServer; tls: SmtpServer }
  people: readonly Person[]
  app: typeof defaultApp
  /** Issues certificates that are trusted through `caFile`. */
  authority: Authority
  /** PEM file for NODE_EXTRA_CA_CERTS. */
  caFile: string
  /** The four mail servers as a value of EXTRA_OAUTH_MAIL_HOSTS. */
  extraMailHosts: string
  /** Stops Entra only: nothing listens on its port any more. */
  stopEntra: () => Promise<void>
  /** Stops the mail servers and Graph only. */
  stopMail: () => Promise<void>
  /** Stops every server and removes the CA file. Idempotent. */
  stop: () => Promise<void>
}

/** Returns a delay that ends early when the world stops, so that no slow response keeps the process alive. */
function interruptibleWait(signal: AbortSignal) {
  return (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { ports = {}, now = Date.now } = options
  const shutdown = new AbortController()
  await using parts = new AsyncDisposableStack()
  parts.defer(async () => shutdown.abort())
  const started = <Part extends { stop: () => Promise<void> }>(part: Part): Part =>
    parts.adopt(part, () => part.stop())

  const publicUrl = options.publicUrl ?? 'http://localhost:8787'
  const app = {
    ...defaultApp,
    redirectUris: [
      `${publicUrl}/oauth/microsoft/callback`,
      `${publicUrl}/oauth/microsoft/admin-consent`,
      `${publicUrl}/console/callback`,
    ],
    ...options.app,
  }
  const people = cast
  const wait = interruptibleWait(shutdown.signal)
  const entra = createEntra({
    wait,
    now,
    app,
    people,
    refreshAnywhere: options.refreshAnywhere ?? false,
  })
  let facts: SandboxFacts | null = null
  const response = (request: Request) =>
    new URL(request.url).pathname === '/sandbox/world'
      ? Response.json(facts, { status: facts ? 200 : 503 })
      : entra.fetch(request)
  const http = started(await serveHttp(response, ports.entra))

  const authority = await createAuthority()
  const folder = await mkdtemp(join(tmpdir(), 'mailgrant-sandbox-'))
  parts.defer(() => rm(folder, { recursive: true, force: true }))
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, authority.ca)
  // Includes Exchange's names, which some programs resolve to this machine.
  const names = ['localhost', '127.0.0.1', 'outlook.office365.com', 'smtp.office365.com']
  const certificate = await authority.issue(names)

  const { checkToken, exchange } = entra
  const shared = { certificate, people, now, checkToken, exchange }
  const graph = createGraph(shared)
  const graphHttp = started(await serveHttp(graph.fetch, ports.graph))
  const imap = (security: 'tls' | 'starttls', port = 0) => startImap({ ...shared, security, port })
  const smtp = (security: 'tls' | 'starttls', port = 0) => startSmtp({ ...shared, security, port })
  const imapStarttls = started(await imap('starttls', ports.imapStarttls))
  const imapTls = started(await imap('tls', ports.imapTls))
  const smtpStarttls = started(await smtp('starttls', ports.smtpStarttls))
  const smtpTls = started(await smtp('tls', ports.smtpTls))

  const mail = [graphHttp, imapStarttls, imapTls, smtpStarttls, smtpTls]

  const bound: WorldPorts = {
    entra: http.port,
    graph: graphHttp.port,
    imapStarttls: imapStarttls.port,
    imapTls: imapTls.port,
    smtpStarttls: smtpStarttls.port,
    smtpTls: smtpTls.port,
  }
  const all = parts.move()
  facts = sandboxFacts(app.clientId, bound, authority.ca)
  return {
    entra,
    entraUrl: http.url,
    graph,
    graphUrl: graphHttp.url,
    ports: bound,
    smtp: { starttls: smtpStarttls, tls: smtpTls },
    people,
    app,
    authority,
    caFile,
    extraMailHosts: [
      `imap:localhost:${imapTls.port}:tls`,
      `imap:localhost:${imapStarttls.port}:starttls`,
      `smtp:localhost:${smtpStarttls.port}:starttls`,
      `smtp:localhost:${smtpTls.port}:tls`,
    ].join(','),
    stopEntra: http.stop,
    stopMail: async () => {
      await Promise.all(mail.map((server) => server.stop()))
    },
    stop: () => all.disposeAsync(),
  }
}
