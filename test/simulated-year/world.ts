/** A deployment with a thousand people, of whom forty have a saved account, and its redeployments. */
import { env } from 'cloudflare:workers'
import { decodeProtectedHeader } from 'jose'
import { createApp } from '../../api/app.ts'
import { createServices, type Services } from '../../api/services.ts'
import type { ProbeRequest } from '../../schema/probe.ts'
import type { RingKey } from '../../schema/settings.ts'
import { SLACK } from '../api/alert-world.ts'
import { ROOT_KEY, settings } from '../api/harness.ts'
import { createMailWorld, passes, refuses, unanswered } from '../api/mail-world.ts'
import { createKeys } from '../sandbox/entra/keys.ts'
import { readForm } from '../sandbox/entra/state.ts'
import { alice, app, PERSONAL_TENANT_ID, type Person, tenants } from '../sandbox/personas.ts'
import { ACCOUNTS, type AppCredential, GRANTS, isDuring, type Scenario } from './scenario.ts'

const HOUR = 3_600_000
const ISSUER = 'https://mail.example.com'
const SETTINGS = '/v1/integrations/microsoft/settings'
const HOOK = 'https://helpdesk.example.com/hooks'

const keys: Record<string, RingKey> = Object.fromEntries(
  [1, 2, 3].map((n) => [`k${n}`, { kid: `k${n}`, key: new Uint8Array(32).fill(n) }]),
)

/** Half of them have personal accounts. */
const personAt = (index: number): Person => ({
  ...alice,
  username: usernameAt(index),
  oid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  ...(index % 2 === 0 && { accountType: 'personal', tenantId: PERSONAL_TENANT_ID }),
})

export const usernameAt = (index: number) =>
  `person${index}@${index % 2 ? 'contoso.test' : 'outlook.test'}`

export const account = (index: number) => `ma_${String(index).padStart(26, 'a')}`

/** Unsigned: the signature of a token from a refresh is not checked, and a year has fifty thousand. */
const unsigned = async (_use: string, payload: object) =>
  `eyJhbGciOiJSUzI1NiJ9.${btoa(JSON.stringify(payload))}.unsigned`

/** Events that the outside world saw, oldest first. */
type Seen = {
  /** Webhook messages. `at`: milliseconds since the epoch. */
  messages: { at: number; to: 'program' | 'people'; body: string }[]
  /** Validations, from the log. */
  validations: { at: number; account: string; outcome: string }[]
  /** Keys of the assertions that Entra has accepted, each with the age of its key set at the first, milliseconds. */
  signers: Map<string, number>
  /** Times at which Entra has read the key set. */
  keySetReads: number[]
}

export async function createDeployment(scenario: Scenario) {
  const everyone = Array.from({ length: GRANTS }, (_, index) => personAt(index))
  // One person at a time at first: the sign-in page lists all accounts.
  const people: Person[] = []
  const start = new Date('2026-11-24T09:00:00.000Z').getTime()
  const timeAt = (hour: number) => new Date(start + hour * HOUR).toISOString()
  const hour = () => (world.clock.now.getTime() - start) / HOUR
  const seen: Seen = { messages: [], validations: [], signers: new Map(), keySetReads: [] }
  let current: Services | null = null

  const send = (request: Request) =>
    (current ? createApp(current) : world.app).fetch(
      request,
      { ...env, clientAddress: '192.0.2.1' },
      { waitUntil: () => {}, passThroughOnException: () => {}, props: {} },
    )

  const world = await createMailWorld({
    settings: { publicUrl: ISSUER },
    entra: {
      people,
      app: {
        ...app,
        secrets: scenario.credentials.flatMap((one) =>
          one.type === 'client_secret'
            ? [{ value: one.value, expiresAt: timeAt(one.expires) }]
            : [],
        ),
      },
      keys: { ...createKeys(), sign: unsigned },
      fetchIssuer: async (url) => {
        if (isDuring(hour(), scenario.issuerDown)) throw new TypeError('unreachable')
        if (url.endsWith('/jwks.json')) seen.keySetReads.push(world.clock.now.getTime())
        return send(new Request(url))
      },
    },
    outside: { pause: async () => {} },
    probe: (request: ProbeRequest) => {
      const fault = scenario.mailFaults.find(
        (one) => isDuring(hour(), one) && usernameAt(one.index) === request.identity,
      )
      if (!fault) return passes(request)
      return fault.response === 'refused' ? refuses(request) : unanswered(request)
    },
  })
  const { fetch: askEntra } = world.entra
  world.entra.fetch = async (input, init) => {
    const request = new Request(input, init)
    const form = await readForm(request.clone())
    const response = await askEntra(request)
    const assertion = form.get('client_assertion')
    const kid = assertion === null ? '' : (decodeProtectedHeader(assertion).kid ?? '')
    if (kid !== '' && response.ok && !seen.signers.has(kid)) {
      seen.signers.set(kid, world.clock.now.getTime() - (seen.keySetReads.at(-1) ?? 0))
    }
    return response
  }

  /** Calls the API as an admin. Throws if it refuses. */
  async function call<Body>(method: string, path: string, body?: object): Promise<Body> {
    const response = await send(
      new Request(`${ISSUER}${path}`, {
        method,
        headers: { authorization: `Bearer ${ROOT_KEY}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      }),
    )
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return response.json<Body>()
  }

  const inputOf = (credential: AppCredential) =>
    credential.type === 'federated'
      ? { type: credential.type }
      : {
          type: credential.type,
          client_secret: credential.value,
          expires_at: timeAt(credential.expires),
        }

  /** Stores the next credential, and enters a federated one at Entra. */
  async function storeNext(credential: AppCredential): Promise<void> {
    await call('PUT', `${SETTINGS}/next-credential`, inputOf(credential))
    if (credential.type !== 'federated') return
    const { federated } = await call<{
      federated: { issuer: string; subject: string; audience: string }
    }>('GET', SETTINGS)
    const { issuer, subject, audience } = federated
    world.entra.control.removeFederatedCredentials()
    world.entra.control.addFederatedCredential({ issuer, subject, audience })
  }

  /** Verifies the next credential and makes it the current one. */
  async function promote(): Promise<void> {
    const tried = { credential: 'next', tenant: tenants.contoso.id }
    const verified = await call<{ outcome: string }>('POST', `${SETTINGS}/verify`, tried)
    if (verified.outcome !== 'passed') throw new Error(JSON.stringify(verified))
    await call('POST', `${SETTINGS}/promote`)
  }

  await call('POST', '/v1/webhooks', { url: HOOK })
  await call('POST', '/v1/webhooks', { type: 'slack', url: SLACK })
  await call('POST', '/v1/integrations/microsoft/activate')
  const [first] = scenario.credentials
  if (!first) throw new Error('a deployment needs a credential')
  await call('PUT', SETTINGS, { client_id: app.clientId, credential: inputOf(first) })
  const grants: string[] = []
  for (const person of everyone) {
    people[0] = person
    grants.push(await world.grant(person.username))
  }
  people.splice(0, 1, ...everyone)
  await env.DB.prepare(
    `INSERT INTO mail_accounts (id, owner_type, owner_id, protocol, host, port, security, username,
       authentication, grant_id, version, created_at, updated_at)
     SELECT json_each.value ->> 'id', 'department', 'd', 'imap',
       'outlook.office365.com', 993, 'tls', signed_in_as, 'oauth', grants.id, 1, created_at, created_at
     FROM json_each(?) JOIN grants ON grants.id = json_each.value ->> 'grant'`,
  )
    .bind(
      JSON.stringify(
        grants.slice(0, ACCOUNTS).map((grant, index) => ({ id: account(index), grant })),
      ),
    )
    .run()
  world.entra.control.resetCounts()
  return {
    world,
    grants,
    people,
    start,
    seen,
    call,
    storeNext,
    promote,
    /** Deploys with these keys, newest first, and returns the services. */
    deploy(kids: readonly string[]): Services {
      const [newest, ...older] = kids.map((kid) => keys[kid]).filter((key) => key !== undefined)
      if (!newest) throw new Error('a ring needs a key')
      const { now, random, log, fetch, pause } = world.services
      const encryptionKeys: [RingKey, ...RingKey[]] = [newest, ...older]
      current = createServices(
        env.DB,
        { ...settings, publicUrl: ISSUER, encryptionKeys, validateEveryHours: 24 },
        {
          now,
          random,
          fetch,
          pause,
          log: (level, event, fields = {}) => {
            log(level, event, fields)
            if (event !== 'validation') return
            const at = world.clock.now.getTime()
            seen.validations.push({
              at,
              account: String(fields.account),
              outcome: String(fields.outcome),
            })
          },
          fetchWebhook: async (input, init) => {
            const request = new Request(input, init)
            const to = request.url === HOOK ? 'program' : 'people'
            const at = world.clock.now.getTime()
            seen.messages.push({ at, to, body: await request.text() })
            return new Response('ok')
          },
        },
      )
      return current
    },
  }
}

/** Returns the first column of every row that a query finds. */
export const column = async <Value>(sql: string, ...values: unknown[]): Promise<Value[]> => {
  const rows = await env.DB.prepare(sql)
    .bind(...values)
    .raw<[Value]>()
  return rows.map(([value]) => value)
}
