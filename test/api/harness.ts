/**
 * The world of one test: an empty D1, the Worker's app with a controlled clock, log and network, and
 * the simulated Entra and Graph. Everything else outside is unreachable unless a test provides it.
 */

import { applyD1Migrations, createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { createApp } from '../../api/app.ts'
import { newId, type Random } from '../../api/domain/secrets.ts'
import { authorizeUrl, challengeS256, createVerifier } from '../../api/entra/authorize.ts'
import { clientSecretPost } from '../../api/entra/client-auth.ts'
import { grantedProtocols, mailScopes, resourcesOf, scopesFor } from '../../api/entra/scopes.ts'
import type { Settings } from '../../api/env.ts'
import { hashSecret } from '../../api/hash.ts'
import { urlsAt } from '../../api/paths.ts'
import { createServices, type RuntimeDependencies } from '../../api/services.ts'
import { openDatabase } from '../../api/store/database.ts'
import { unsavedGrantRows } from '../../api/store/grants.ts'
import { grants, grantTokens } from '../../schema/d1/tables.ts'
import type { Protocol } from '../../schema/mail-servers.ts'
import type { Problem } from '../../schema/problem.ts'
import { resourceOf } from '../../schema/protocols.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { createEntra, type EntraOptions } from '../sandbox/entra/entra.ts'
import { isGraph } from '../sandbox/entra/scopes.ts'
import { createGraph } from '../sandbox/graph/graph.ts'
import { cast, findPerson, app as registration, secrets } from '../sandbox/personas.ts'
import { expectDescribed } from './described.ts'
import { expectDocumented } from './documented.ts'
import { watched } from './query-plans.ts'

export const PUBLIC_URL = 'http://localhost:8787'
export const ROOT_KEY = 'mg_root_harness-harness-harness-harness'
export const CHECKER_URL = 'http://checker.test'

const ring = (kid: string, byte: number): KeyRing => [{ kid, key: new Uint8Array(32).fill(byte) }]

export const settings = {
  publicUrl: PUBLIC_URL,
  urls: urlsAt(PUBLIC_URL),
  encryptionKeys: ring('k1', 1),
  rootKeyHash: hashSecret(ROOT_KEY),
  rootKeyPlace: 'setting',
  checkerUrl: CHECKER_URL,
  checkerKeys: ring('c1', 2),
  allowedOrigins: [PUBLIC_URL, 'https://helpdesk.test'],
  entraAuthority: undefined,
  graphRoot: null,
  extraMailServers: [],
  allowPrivateHosts: false,
  webhookPrivateHosts: [],
  eventRetentionDays: 400,
  validateEveryHours: null,
  brand: null,
  consoleAdmins: [],
  consoleKeys: 'all',
  accessEpoch: '1',
  diagnosisModel: null,
} satisfies Settings

/** Settings of another app registration, which the simulated Entra does not know. */
export const anotherApp = {
  client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
  credential: { type: 'client_secret', client_secret: 'a secret of the other app' },
}

export type WorldOptions = {
  settings?: Partial<Settings>
  db?: D1Database
  entra?: EntraOptions
  /** Fetch for every host except those of Entra and Graph; the checker above all. */
  externalFetch?: typeof fetch
  outside?: Partial<RuntimeDependencies>
  /** Keeps the database of the previous world, as a new deployment does. */
  keepDatabase?: boolean
}

let tables: string[] | undefined

/** Returns the tables. The files that share an isolate share its database, too. */
async function migrate(): Promise<string[]> {
  await applyD1Migrations(env.DB, env.MIGRATIONS)
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations'",
  ).all<{ name: string }>()
  return results.map(({ name }) => name)
}

async function emptyDatabase(): Promise<void> {
  tables ??= await migrate()
  await env.DB.batch(tables.map((name) => env.DB.prepare(`DELETE FROM ${name}`)))
}

/** Returns the problem of a refused call, whose status is that of the response. */
export async function problemOf(call: Response | Promise<Response>): Promise<Problem> {
  const response = await call
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = await response.json<Problem>()
  expect(response.status).toBe(problem.status)
  return problem
}

export type World = Awaited<ReturnType<typeof createWorld>>

/** Creates a world with an active integration. */
export async function activeWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld(options)
  await world.activate()
  return world
}

export async function createWorld(options: WorldOptions = {}) {
  if (!options.keepDatabase) await emptyDatabase()
  const clock = { now: new Date('2026-11-24T09:00:00.000Z') }
  const entra = createEntra({
    now: () => clock.now.getTime(),
    fetchIssuer: (url) =>
      url.startsWith(`${services.settings.publicUrl}/`)
        ? send(new Request(url))
        : Promise.reject(new TypeError('the network is off')),
    ...options.entra,
  })
  const { checkToken, exchange, now } = entra
  const people = options.entra?.people ?? cast
  const graph = createGraph({ people, checkToken, exchange, now })
  const lines: string[] = []
  const unreachable = () => Promise.reject(new TypeError('the network is off'))
  const random: Random = (n) => crypto.getRandomValues(new Uint8Array(n))
  const services = createServices(
    options.db ?? watched(env.DB),
    { ...settings, ...options.settings },
    {
      now: () => clock.now,
      random,
      assets: (request) => env.ASSETS.fetch(request),
      log: (level, event, fields) => void lines.push(JSON.stringify({ level, event, ...fields })),
      fetch: (input, init) => {
        const { hostname, origin } = new URL(input instanceof Request ? input.url : input)
        if (isGraph(origin)) return graph.fetch(new Request(input, init))
        return hostname.startsWith('login.')
          ? entra.fetch(new Request(input, init))
          : (options.externalFetch ?? unreachable)(input, init)
      },
      ...options.outside,
    },
  )
  const app = createApp(services)

  /** Sends a request and waits for its `waitUntil` work. Fails on undocumented responses. */
  async function send(request: Request): Promise<Response> {
    const context = createExecutionContext()
    const clientAddress = request.headers.get('cf-connecting-ip') ?? '192.0.2.1'
    const response = await app.fetch(request, { clientAddress }, context)
    await waitOnExecutionContext(context)
    await expectDocumented(request, response)
    await expectDescribed(app, request, response)
    return response
  }

  const call = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    send(
      new Request(`${PUBLIC_URL}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${ROOT_KEY}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'manual',
      }),
    )

  return {
    app,
    call,
    clock,
    db: env.DB,
    entra,
    graph,
    /** Returns the JSON body of the response to a GET. */
    async get<Body = unknown>(path: string): Promise<Body> {
      const response = await call('GET', path)
      expect(response.status).toBe(200)
      return response.json()
    },
    /** Log lines as JSON. */
    lines,
    problem: (...request: Parameters<typeof call>) => problemOf(call(...request)),
    send,
    services,
    advance(seconds: number) {
      clock.now = new Date(clock.now.getTime() + seconds * 1000)
    },
    /** Switches the integration on with the sandbox's app registration. */
    async activate(): Promise<void> {
      await call('POST', '/v1/integrations/microsoft/activate')
      await call('PUT', '/v1/integrations/microsoft/settings', {
        client_id: registration.clientId,
        credential: {
          type: 'client_secret',
          client_secret: secrets.current,
          expires_at: '2099-01-01T00:00:00Z',
        },
      })
    },
    /** Inserts a grant as a completed sign-in would, with real tokens of the simulated Entra. */
    async grant(
      username: string,
      {
        protocols = ['imap', 'smtp'],
        saved = true,
        shared = false,
      }: { protocols?: Protocol[]; saved?: boolean; shared?: boolean } = {},
    ): Promise<string> {
      const person = findPerson(people, username)
      if (!person) throw new Error(`${username} is not in the cast`)
      const authority = services.entra.authority('global', 'common')
      const scopes = mailScopes('global', protocols, { shared })
      const [resource = 'outlook'] = resourcesOf(protocols)
      const verifier = createVerifier(random)
      const redirectUri = `${PUBLIC_URL}/oauth/microsoft/callback`
      const back = await entra.signIn(
        authorizeUrl({
          authority,
          clientId: registration.clientId,
          redirectUri,
          scopes,
          state: 'state',
          nonce: 'nonce',
          challenge: await challengeS256(verifier),
        }),
        { as: username },
      )
      const response = await services.entra.exchangeCode({
        authority,
        auth: clientSecretPost(registration.clientId, secrets.current),
        code: back.searchParams.get('code') ?? '',
        redirectUri,
        verifier,
        scopes: scopesFor('global', scopes, resource),
        now: clock.now,
      })
      if (!response.ok || response.tokens.refreshToken === null)
        throw new Error('Entra issued no tokens')
      const { accessToken, refreshToken, expiresIn, scope } = response.tokens
      const id = newId('grant', random)
      const expires = (ms: number) => new Date(clock.now.getTime() + ms)
      const tokens = { accessToken, refreshToken, accessTokenExpiresAt: expires(expiresIn * 1000) }
      const grant = {
        id,
        customer: null,
        clientId: registration.clientId,
        cloud: 'global' as const,
        tenantId: person.tenantId,
        objectId: person.oid,
        accountType: person.accountType,
        signedInAs: person.username,
        scopes,
        resource,
        protocols: [
          ...grantedProtocols(resource, scope),
          ...protocols.filter((protocol) => resourceOf(protocol) !== resource),
        ],
        wider: [],
        tokens,
      }
      const unsaved = { expiresAt: expires(3_600_000), reservedFor: null }
      const row = await unsavedGrantRows(services.store.sealer, grant, clock.now, unsaved)
      const db = openDatabase(env.DB)
      const savedNow = { savedAt: clock.now, expiresAt: null }
      await db.insert(grants).values({ ...row.grant, ...(saved && savedNow) })
      await db.insert(grantTokens).values(row.tokens)
      return id
    },
    /** Returns every row of every table as text, which is what a stolen database would reveal. */
    async dump(): Promise<string> {
      tables ??= await migrate()
      const rows = await Promise.all(
        tables.map((name) => env.DB.prepare(`SELECT * FROM ${name}`).all()),
      )
      return JSON.stringify(rows.map(({ results }) => results))
    },
  }
}
