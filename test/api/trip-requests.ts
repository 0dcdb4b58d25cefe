/**
 * A request for each operation of the API and for the hosted pages. `round-trips.test.ts` counts its trips to D1, and the
 * faults suite lets each of them fail.
 */
import { openPersonSession } from '../../api/domain/access/console-session.ts'
import { SESSION_COOKIE } from '../../schema/console-session.ts'
import { app as registration, secrets, tenants } from '../sandbox/personas.ts'
import { callbackOf, configure, headersWith, openKeySession } from './console-sign-in.ts'
import { PUBLIC_URL } from './harness.ts'
import { heldDatabase } from './held-database.ts'
import { bearer, createKey } from './keys.ts'
import { activeMailWorld, imapForm, type MailWorld, passwordForm, smtpForm } from './mail-world.ts'
import { authorize, browserOf, CALLBACK, startSignIn } from './sign-in.ts'
import { sends } from './test-message-world.ts'

const ALICE = 'alice@contoso.test'
const BOB = 'bob@contoso.test'
const SETTINGS = '/v1/integrations/microsoft/settings'
const ONCE = { 'idempotency-key': 'once' }

/** Adds what the requests require to a world with an active integration. */
export async function forRequests(world: MailWorld) {
  const admin = await createKey(world, { scopes: ['admin'] })
  const json = async <Body>(response: Response | Promise<Response>) => (await response).json<Body>()
  return {
    ...world,
    admin,
    /** Saves Alice's IMAP account. Returns its path. */
    async account(form?: object): Promise<string> {
      const { id } = await world.save(form ?? imapForm(await world.grant(ALICE)))
      return `/v1/mail-accounts/${id}`
    },
    async webhook(): Promise<string> {
      const hook = { url: 'https://helpdesk.example.com/hooks' }
      const { id } = await json<{ id: string }>(world.call('POST', '/v1/webhooks', hook))
      return `/v1/webhooks/${id}`
    },
    async message(webhook: string): Promise<string> {
      return (await json<{ id: string }>(world.call('POST', `${webhook}/test`))).id
    },
    async key(): Promise<string> {
      return `/v1/api-keys/${(await createKey(world)).id}`
    },
    setNext: () =>
      world.call('PUT', `${SETTINGS}/next-credential`, {
        type: 'client_secret',
        client_secret: secrets.next,
      }),
    /** Opens a session of the admin's key. Returns the headers of its console. */
    session: () => openKeySession(world, admin.key),
  }
}

export type RequestWorld = Awaited<ReturnType<typeof forRequests>>

/** Creates such a world with a distant D1. */
export async function createTripWorld() {
  const far = heldDatabase()
  const world = await activeMailWorld({ db: far.db, probe: sends })
  return { ...(await forRequests(world)), far }
}

/** A request with the admin's key. */
type Call = [method: string, path: string, body?: unknown, headers?: Record<string, string>]

/** Prepares what the request requires, and returns it. Called again for each measurement. */
export type Prepare = (world: RequestWorld) => Call | Request | Promise<Call | Request>

const accountId = async ({ account }: RequestWorld) => (await account()).split('/').at(-1) ?? ''

export const operations: Record<string, Prepare> = {
  getHealth: () => ['GET', '/healthz'],
  getReadiness: () => ['GET', '/readyz'],
  listIntegrations: () => ['GET', '/v1/integrations'],
  getIntegration: () => ['GET', '/v1/integrations/microsoft'],
  activateIntegration: () => ['POST', '/v1/integrations/microsoft/activate'],
  deactivateIntegration: async ({ call }) => {
    await call('POST', '/v1/integrations/microsoft/activate')
    return ['POST', '/v1/integrations/microsoft/deactivate']
  },
  getIntegrationSettings: () => ['GET', SETTINGS],
  replaceIntegrationSettings: () => ['PUT', SETTINGS, { client_id: registration.clientId }],
  verifyIntegrationSettings: () => ['POST', `${SETTINGS}/verify`, { tenant: 'contoso.test' }],
  getSetupGuide: () => ['GET', '/v1/integrations/microsoft/setup-guide'],
  replaceNextCredential: () => [
    'PUT',
    `${SETTINGS}/next-credential`,
    { type: 'client_secret', client_secret: secrets.next },
  ],
  deleteNextCredential: async ({ setNext }) => {
    await setNext()
    return ['DELETE', `${SETTINGS}/next-credential`]
  },
  promoteNextCredential: async ({ setNext }) => {
    await setNext()
    return ['POST', `${SETTINGS}/promote`, {}]
  },
  createAdminConsentLink: () => [
    'POST',
    '/v1/integrations/microsoft/admin-consent',
    { tenant: 'contoso.test' },
  ],
  createAuthorization: () => [
    'POST',
    '/v1/authorizations',
    { provider: 'microsoft', username: ALICE },
  ],
  getAuthorization: async (world) => ['GET', `/v1/authorizations/${(await authorize(world)).id}`],
  listAuthorizations: async (world) => {
    await authorize(world)
    return ['GET', '/v1/authorizations?status=pending']
  },
  endAuthorization: async (world) => [
    'DELETE',
    `/v1/authorizations/${(await authorize(world)).id}`,
  ],
  listCustomers: async (world) => {
    await authorize(world, { customer: 'acme' })
    return ['GET', '/v1/customers']
  },
  suspendCustomer: async (world) => {
    await authorize(world, { customer: 'acme' })
    return ['POST', '/v1/customers/acme/suspend']
  },
  resumeCustomer: async (world) => {
    await authorize(world, { customer: 'acme' })
    await world.call('POST', '/v1/customers/acme/suspend')
    return ['POST', '/v1/customers/acme/resume']
  },
  deleteCustomer: async (world) => {
    await authorize(world, { customer: 'globex' })
    return ['DELETE', '/v1/customers/globex?confirm=0']
  },
  listGrants: () => ['GET', '/v1/grants'],
  importGrant: ({ entra }) => [
    'POST',
    '/v1/grants',
    { refresh_token: entra.control.signInElsewhere({ username: ALICE }), username: ALICE },
  ],
  getGrant: async ({ grant }) => ['GET', `/v1/grants/${await grant(ALICE)}`],
  deleteGrant: async ({ grant }) => ['DELETE', `/v1/grants/${await grant(ALICE)}`],
  retryGrant: async ({ grant, advance }) => {
    const id = await grant(ALICE)
    advance(60)
    return ['POST', `/v1/grants/${id}/retry`]
  },
  listMailAccounts: async ({ account }) => {
    await account()
    return ['GET', '/v1/mail-accounts']
  },
  listMailboxes: async ({ account }) => {
    await account()
    return ['GET', '/v1/mailboxes']
  },
  createMailAccount: async ({ grant }) => [
    'POST',
    '/v1/mail-accounts',
    imapForm(await grant(ALICE)),
  ],
  listMailAccountOwners: () => ['GET', '/v1/mail-accounts/owners'],
  summarizeMailAccounts: () => ['GET', '/v1/mail-accounts/summary'],
  createMailAccounts: async ({ grant, advance }) => {
    // Lets the record of an earlier request with the key expire, or its response would be repeated.
    advance(86_400)
    const items = [imapForm(await grant(ALICE)), passwordForm()]
    return ['POST', '/v1/mail-accounts/bulk', { items }, ONCE]
  },
  getMailAccount: async ({ account }) => ['GET', await account()],
  replaceMailAccount: async ({ account, grant }) => {
    const used = await grant(ALICE)
    return ['PUT', await account(imapForm(used)), imapForm(used, { name: 'Help desk' })]
  },
  deleteMailAccount: async ({ account }) => ['DELETE', await account()],
  getMailAccountHistory: async ({ account, call, login, advance }) => {
    const path = await account()
    login.probe = () => ({ ...sends({} as never), outcome: 'failed', sent: false })
    advance(60)
    await call('POST', `${path}/validate`)
    return ['GET', `${path}/history`]
  },
  listTokenUses: async ({ account, call }) => {
    const path = await account()
    await call('POST', `${path}/access-token`)
    return ['GET', `${path}/token-uses`]
  },
  getHistory: () => ['GET', '/v1/history'],
  issueAccessToken: async ({ account }) => ['POST', `${await account()}/access-token`],
  validateForm: async ({ grant }) => ['POST', '/v1/validations', imapForm(await grant(ALICE))],
  validateMailAccount: async ({ account }) => ['POST', `${await account()}/validate`],
  getValidation: async ({ validate }) => [
    'GET',
    `/v1/validations/${(await validate(passwordForm())).id}`,
  ],
  sendTestMessage: async ({ account, grant, advance }) => {
    advance(3600)
    const path = await account(smtpForm(await grant(ALICE)))
    return ['POST', `${path}/test-message`, { to: 'bob@contoso.test' }]
  },
  createDiagnosis: async (world) => {
    const mail_account_id = await accountId(world)
    const report = { protocol: 'imap', error: 'NO AUTHENTICATE failed.', mail_account_id }
    return ['POST', '/v1/diagnoses', report]
  },
  listCauses: () => ['GET', '/v1/diagnoses/causes'],
  listEvents: () => ['GET', '/v1/events'],
  getKeyRing: () => ['GET', '/v1/key-ring'],
  listApiKeys: () => ['GET', '/v1/api-keys'],
  createApiKey: async (world) => {
    const mail_accounts = [await accountId(world)]
    return ['POST', '/v1/api-keys', { name: 'Worker', scopes: ['tokens'], mail_accounts }]
  },
  getApiKey: async ({ key }) => ['GET', await key()],
  replaceApiKey: async ({ key }) => [
    'PUT',
    await key(),
    { name: 'Worker', scopes: ['read'] },
    { 'if-match': '*' },
  ],
  revokeApiKey: async ({ key }) => ['DELETE', await key()],
  listWebhooks: () => ['GET', '/v1/webhooks'],
  createWebhook: () => ['POST', '/v1/webhooks', { url: 'https://helpdesk.example.com/hooks' }],
  getWebhook: async ({ webhook }) => ['GET', await webhook()],
  replaceWebhook: async ({ webhook }) => [
    'PUT',
    await webhook(),
    { url: 'https://helpdesk.example.com/other' },
  ],
  deleteWebhook: async ({ webhook }) => ['DELETE', await webhook()],
  rotateWebhookSecret: async ({ webhook }) => ['POST', `${await webhook()}/rotate-secret`],
  testWebhook: async ({ webhook }) => ['POST', `${await webhook()}/test`],
  listWebhookDeliveries: async ({ webhook, message }) => {
    const path = await webhook()
    await message(path)
    return ['GET', `${path}/deliveries`]
  },
  redeliverWebhook: async ({ webhook, message }) => {
    const path = await webhook()
    return ['POST', `${path}/deliveries/${await message(path)}/redeliver`]
  },
  listConsoleSessions: async ({ session }) => {
    await session()
    return ['GET', '/v1/console-sessions']
  },
  endConsoleSession: async ({ session, call }) => {
    await session()
    const { data } = await (await call('GET', '/v1/console-sessions')).json<{
      data: { id: string }[]
    }>()
    return ['DELETE', `/v1/console-sessions/${data[0]?.id}`]
  },
  getMetrics: () => ['GET', '/metrics'],
  requestToken: async (world) =>
    new Request(`${PUBLIC_URL}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: await accountId(world),
        refresh_token: world.admin.key,
      }),
    }),
  getAuthorizationServerMetadata: () => ['GET', '/.well-known/oauth-authorization-server'],
  getOpenIdConfiguration: () => ['GET', '/.well-known/openid-configuration'],
  getKeySet: () => ['GET', '/.well-known/jwks.json'],
  getAuthorizationProgress: async (world) => new Request((await authorize(world)).status_url),
  createConsoleSession: () => ['POST', '/console/session'],
  getConsoleSession: async ({ session }) =>
    new Request(`${PUBLIC_URL}/console/session`, { headers: await session() }),
  deleteConsoleSession: async ({ session }) =>
    new Request(`${PUBLIC_URL}/console/session`, { method: 'DELETE', headers: await session() }),
  getSignInMethods: () => ['GET', '/console/sign-in-methods'],
}

/** Hosted pages, and requests whose number differs from that of their operation. */
export const otherRequests: Record<string, Prepare> = {
  'the page of a sign-in link': async (world) => new Request((await authorize(world)).url),
  'Continue on that page': async (world) => {
    const { searchParams } = new URL((await authorize(world)).url)
    return new Request(`${PUBLIC_URL}/oauth/microsoft/authorize`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: searchParams,
    })
  },
  'the callback of a sign-in': async (world) => {
    const { back, cookie } = await startSignIn(world, ALICE)
    return new Request(back, { headers: { cookie } })
  },
  'the callback of a sign-in that reconnects at once': async (world) => {
    const reconnect = { mail_account_id: await accountId(world), apply: 'at_once' }
    const { back, cookie } = await startSignIn(world, ALICE, reconnect)
    return new Request(back, { headers: { cookie } })
  },
  'the callback of a sign-in with another account': async (world) => {
    const { back, cookie } = await startSignIn(world, BOB)
    return new Request(back, { headers: { cookie } })
  },
  'the decision to keep another account': async (world) => {
    const { back, cookie, id } = await startSignIn(world, BOB)
    const question = await world.send(new Request(back, { headers: { cookie } }))
    const undecided = /name="undecided" value="([^"]+)"/.exec(await question.text())?.[1] ?? ''
    return new Request(CALLBACK, {
      method: 'POST',
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ authorization: id, undecided, decision: 'keep' }),
    })
  },
  'the start of a sign-in from a page of our own': async (world) =>
    new Request((await authorize(world)).url, { headers: { 'sec-fetch-site': 'same-origin' } }),
  'the return of an admin who has consented': async ({ call }) => {
    const link = await call('POST', '/v1/integrations/microsoft/admin-consent', {})
    const state = new URL((await link.json<{ url: string }>()).url).searchParams.get('state') ?? ''
    const response = { admin_consent: 'True', tenant: tenants.contoso.id, state }
    return new Request(
      `${PUBLIC_URL}/oauth/microsoft/admin-consent?${new URLSearchParams(response)}`,
    )
  },
  'the start of a sign-in to the console': async (world) => {
    await configure(world)
    return new Request(`${PUBLIC_URL}/console/sign-in`)
  },
  'the callback of a sign-in to the console': async (world) => {
    await configure(world)
    const browser = browserOf(world)
    const back = await callbackOf(world, browser, ALICE)
    const cookie = await browser.jar.getCookieString(back.href)
    return new Request(back, { headers: { cookie } })
  },
  'a status with a hint, after a minute': async (world) => {
    const { id } = await startSignIn(world, ALICE)
    world.advance(120)
    return ['GET', `/v1/authorizations/${id}`]
  },
  'the status of a completed sign-in': async (world) => {
    const { id, back, cookie } = await startSignIn(world, ALICE)
    await world.send(new Request(back, { headers: { cookie } }))
    return ['GET', `/v1/authorizations/${id}`]
  },
  'the next status for the page that waits, once the hint has a link': async (world) => {
    const { status_url } = await startSignIn(world, ALICE)
    world.advance(120)
    await world.send(new Request(status_url))
    return new Request(status_url)
  },
  'createAuthorization to reconnect at once': async (world) => [
    'POST',
    '/v1/authorizations',
    { provider: 'microsoft', mail_account_id: await accountId(world), apply: 'at_once' },
  ],
  'createAuthorization with an Idempotency-Key': ({ advance }) => {
    advance(86_400)
    return ['POST', '/v1/authorizations', { provider: 'microsoft', username: ALICE }, ONCE]
  },
  'createMailAccount with an Idempotency-Key': async ({ grant, advance }) => {
    advance(86_400)
    return ['POST', '/v1/mail-accounts', imapForm(await grant(ALICE)), ONCE]
  },
  'createMailAccount, repeated with its Idempotency-Key': async ({ advance, call, admin }) => {
    advance(86_400)
    const headers = { ...bearer(admin.key), ...ONCE }
    await call('POST', '/v1/mail-accounts', passwordForm(), headers)
    return ['POST', '/v1/mail-accounts', passwordForm(), ONCE]
  },
  'validateMailAccount with an Idempotency-Key': async ({ account }) => [
    'POST',
    `${await account()}/validate`,
    undefined,
    ONCE,
  ],
  'createWebhook for messages by email': async ({ account, grant }) => {
    const sender = (await account(smtpForm(await grant(ALICE)))).split('/').at(-1)
    const input = { type: 'email', to: 'admins@contoso.test', mail_account_id: sender }
    return ['POST', '/v1/webhooks', input]
  },
  'issueAccessToken with a refresh': async ({ account, advance }) => {
    const path = await account()
    advance(86_400)
    return ['POST', `${path}/access-token`]
  },
  'validateMailAccount with a refresh': async ({ account, advance }) => {
    const path = await account()
    advance(86_400)
    return ['POST', `${path}/validate`]
  },
  'listMailboxes with days': async ({ account }) => {
    await account()
    return ['GET', '/v1/mailboxes?days=30']
  },
  "listMailAccounts in a key's session": async ({ session }) =>
    new Request(`${PUBLIC_URL}/v1/mail-accounts`, { headers: await session() }),
  "listMailAccounts in a person's session": async (world) => {
    await configure(world)
    const { services } = world
    const person = {
      id: '00000000-0000-0000-0000-0000000000aa',
      name: 'Alice',
      role: 'admin',
      roleSource: 'app_role',
      clientId: registration.clientId,
      cloud: 'global',
      tenantId: tenants.contoso.id,
    } as const
    const { id } = await openPersonSession(services, person)
    const headers = headersWith(`${SESSION_COOKIE}=${id}`)
    return new Request(`${PUBLIC_URL}/v1/mail-accounts`, { headers })
  },
}

export function requestOf({ admin }: RequestWorld, prepared: Request | Call): Request {
  if (prepared instanceof Request) return prepared
  const [method, path, body, headers] = prepared
  const typed = body === undefined ? {} : { 'content-type': 'application/json' }
  return new Request(`${PUBLIC_URL}${path}`, {
    method,
    headers: { ...bearer(admin.key), ...typed, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}
