/** A deployment with a thousand people, each with a saved account, and its redeployments. */
import { env } from 'cloudflare:workers'
import { createApp } from '../../api/app.ts'
import { createServices, type Services } from '../../api/services.ts'
import type { RingKey } from '../../schema/settings.ts'
import { ROOT_KEY, settings } from '../api/harness.ts'
import { createMailWorld } from '../api/mail-world.ts'
import { alice, app, PERSONAL_TENANT_ID, type Person, secrets } from '../sandbox/cast.ts'
import { createKeys } from '../sandbox/entra/keys.ts'
import { GRANTS, type Scenario } from './scenario.ts'

const HOUR = 3_600_000

const keys: Record<string, RingKey> = Object.fromEntries(
  [1, 2, 3].map((n) => [`k${n}`, { kid: `k${n}`, key: new Uint8Array(32).fill(n) }]),
)

/** Half of them have personal accounts. */
const personAt = (index: number): Person => ({
  ...alice,
  username: `person${index}@${index % 2 ? 'contoso.test' : 'outlook.test'}`,
  oid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  ...(index % 2 === 0 && { accountType: 'personal', tenantId: PERSONAL_TENANT_ID }),
})

export const account = (index: number) => `ma_${String(index).padStart(26, 'a')}`

/** Unsigned: the signature of a token from a refresh is not checked, and a year has fifty thousand. */
const unsigned = async (_use: string, payload: object) =>
  `eyJhbGciOiJSUzI1NiJ9.${btoa(JSON.stringify(payload))}.unsigned`

export async function createDeployment({ secretExpires }: Scenario) {
  const everyone = Array.from({ length: GRANTS }, (_, index) => personAt(index))
  // One person at a time at first: the sign-in page lists all accounts.
  const people: Person[] = []
  const start = new Date('2026-11-24T09:00:00.000Z').getTime()
  const ends = new Date(start + secretExpires * HOUR).toISOString()
  const registration = {
    ...app,
    secrets: [
      { value: secrets.current, expiresAt: ends },
      { value: secrets.next, expiresAt: null },
    ],
  }
  const world = await createMailWorld({
    entra: { people, app: registration, keys: { ...createKeys(), sign: unsigned } },
    outside: { pause: async () => {} },
  })
  const enterSecret = async (value: string, expiresAt: string | null, services?: Services) => {
    const target = services ? createApp(services) : world.app
    const answer = await target.request(
      'http://localhost:8787/v1/integrations/microsoft/settings',
      {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${ROOT_KEY}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          client_id: app.clientId,
          credential: {
            type: 'client_secret',
            client_secret: value,
            ...(expiresAt !== null && { expires_at: expiresAt }),
          },
        }),
      },
      env,
      { waitUntil: () => {}, passThroughOnException: () => {}, props: {} },
    )
    if (answer.status !== 200) throw new Error(await answer.text())
  }
  await world.call('POST', '/v1/webhooks', { url: 'https://helpdesk.example.com/hooks' })
  await world.call('POST', '/v1/integrations/microsoft/activate')
  await enterSecret(secrets.current, ends)
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
    .bind(JSON.stringify(grants.map((grant, index) => ({ id: account(index), grant }))))
    .run()
  world.entra.control.resetCounts()
  return {
    world,
    grants,
    people,
    start,
    enterSecret,
    /** The services of a deployment with these keys, newest first. */
    deploy(kids: readonly string[]): Services {
      const [newest, ...older] = kids.map((kid) => keys[kid]).filter((key) => key !== undefined)
      if (!newest) throw new Error('a ring needs a key')
      const { now, random, log, fetch, pause } = world.services
      return createServices(
        env.DB,
        { ...settings, encryptionKeys: [newest, ...older], validateEveryHours: 24 },
        { now, random, log, fetch, pause },
      )
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
