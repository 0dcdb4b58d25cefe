import { expect, it } from 'vitest'
import { createEntra } from '../sandbox/entra/entra.ts'
import {
  AUTHORITY,
  callToken,
  IMAP,
  MAIL_SEND,
  obtainCode,
  obtainTokens,
  redeem,
  refresh,
} from '../sandbox/entra/test-client.ts'
import { createGraph } from '../sandbox/graph/graph.ts'
import { cast, secrets } from '../sandbox/personas.ts'
import { type Recorded, recorded } from './recorded.ts'

const ALICE = 'alice@contoso.test'
const GRACE = 'grace@outlook.test'
const CONTOSO = { tenant: 'contoso.test' }

type Received = { status: number; headers: Headers; body: object }

async function get(url: string): Promise<Received> {
  const response = await createEntra().fetch(url)
  return { status: response.status, headers: response.headers, body: await bodyOf(response) }
}

const bodyOf = async (response: Response) => (await response.json()) as object

/** Sends a message by Graph with a token for this scope, from Alice's or another mailbox. */
async function sendMail(scope: string, path: string): Promise<Received> {
  const entra = createEntra()
  const { checkToken, exchange, now } = entra
  const graph = createGraph({ people: cast, checkToken, exchange, now })
  const { access_token } = await obtainTokens(entra, ALICE, { scope })
  const response = await graph.fetch(`https://graph.microsoft.com/v1.0/${path}/sendMail`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'text/plain' },
    body: '!!!!',
  })
  return { status: response.status, headers: response.headers, body: await bodyOf(response) }
}

async function refreshed(as: string, changes: Record<string, string> = {}): Promise<Received> {
  const entra = createEntra()
  const { refresh_token } = await obtainTokens(entra, as)
  return refresh(entra, refresh_token, changes)
}

const requests: Record<keyof typeof recorded, () => Promise<Received>> = {
  metadata: () => get(`${AUTHORITY}/contoso.test/v2.0/.well-known/openid-configuration`),
  metadataOfNoTenant: () => get(`${AUTHORITY}/tenant/v2.0/.well-known/openid-configuration`),
  clientCredentials() {
    const scope = 'https://outlook.office365.com/.default'
    return callToken(createEntra(), { grant_type: 'client_credentials', scope }, CONTOSO)
  },
  async tokens() {
    const entra = createEntra()
    return redeem(entra, await obtainCode(entra, ALICE), { client_info: '1' })
  },
  async wrongSecret() {
    const entra = createEntra()
    return redeem(entra, await obtainCode(entra, ALICE), { client_secret: `${secrets.current}.` })
  },
  async revokedSessions() {
    const entra = createEntra()
    const { refresh_token } = await obtainTokens(entra, ALICE)
    entra.control.revoke(ALICE)
    return refresh(entra, refresh_token)
  },
  inactiveToken: () => refreshed('frank@contoso.test'),
  missingConsent: () => refreshed(ALICE, { scope: MAIL_SEND }),
  multiFactor: () => refreshed('erin@contoso.test'),
  async expiredPersonalGrant() {
    const entra = createEntra()
    const { refresh_token } = await obtainTokens(entra, GRACE)
    return refresh(entra, `${refresh_token}.`, {}, { tenant: 'consumers' })
  },
  graphOtherToken: () => sendMail(IMAP, 'me'),
  graphDenied: () => sendMail(MAIL_SEND, 'users/bob@contoso.test'),
}

/** Returns the names of all members, those of inner objects with the outer name before them. */
const membersOf = (body: object, before = ''): string[] =>
  Object.entries(body).flatMap(([name, value]) => [
    before + name,
    ...(typeof value === 'object' && value !== null && !Array.isArray(value)
      ? membersOf(value, `${before}${name}.`)
      : []),
  ])

const rows: [string, Recorded][] = Object.entries(recorded)

it.each(rows)('the sandbox sends what Microsoft sent: %s', async (name, real) => {
  const { status, headers, body } = await requests[name as keyof typeof recorded]()
  expect(status).toBe(real.status)
  expect(Object.fromEntries(headers)).toMatchObject(real.headers ?? {})
  expect(body).toMatchObject(real.refusal ?? {})
  const [sent, expected] = [membersOf(body), real.members.split(' ')]
  const differing = [
    ...sent.filter((member) => !expected.includes(member)),
    ...expected.filter((member) => !sent.includes(member)),
  ]
  expect(differing.sort()).toEqual(Object.keys(real.differs ?? {}).sort())
})
