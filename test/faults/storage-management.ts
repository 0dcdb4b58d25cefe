/** Operations that must survive a failing D1, continued: every read, and the work of administrators. */
import { PUBLIC_URL } from '../api/harness.ts'
import { createKey } from '../api/keys.ts'
import { imapForm, type MailWorld } from '../api/mail-world.ts'
import { savedAccount } from '../api/saved-account.ts'
import { authorize } from '../api/sign-in.ts'
import type { Operation, Prepared } from './storage-operations.ts'

const COOKIE = '__Host-mailgrant_session'
const LANDING = `${PUBLIC_URL}/oauth/microsoft/admin-consent`

/** Creates one of everything that can be read, and returns the ids. */
async function populate(world: MailWorld) {
  const { id: account, grant } = await savedAccount(world)
  const create = async (path: string, body?: object) => {
    const response = await world.call('POST', path, body)
    return (await response.json<{ id: string }>()).id
  }
  const { id: authorization } = await authorize(world)
  const validation = await create(`/v1/mail-accounts/${account}/validate`)
  const key = await create('/v1/api-keys', { name: 'Worker', scopes: ['read'] })
  const webhook = await create('/v1/webhooks', { url: 'https://helpdesk.example.com/hooks' })
  const delivery = await create(`/v1/webhooks/${webhook}/test`)
  return { account, authorization, delivery, grant, key, validation, webhook }
}

type Ids = Awaited<ReturnType<typeof populate>>

/** Calls an operation in a world that has one of everything. */
const calling =
  (method: string, path: (ids: Ids) => string, body?: object) =>
  async (world: MailWorld): Promise<Prepared> => {
    const ids = await populate(world)
    return { act: () => world.call(method, path(ids), body) }
  }

const reads: [string, (ids: Ids) => string][] = [
  ['integrations', () => '/v1/integrations'],
  ['the integration', () => '/v1/integrations/microsoft'],
  ['settings', () => '/v1/integrations/microsoft/settings'],
  ['the setup guide', () => '/v1/integrations/microsoft/setup-guide'],
  ['authorizations', () => '/v1/authorizations?status=pending'],
  ['an authorization', ({ authorization }) => `/v1/authorizations/${authorization}`],
  ['customers', () => '/v1/customers'],
  ['grants', () => '/v1/grants'],
  ['a grant', ({ grant }) => `/v1/grants/${grant}`],
  ['accounts', () => '/v1/mail-accounts?health=ok'],
  ['the owners of accounts', () => '/v1/mail-accounts/owners'],
  ['the summary of accounts', () => '/v1/mail-accounts/summary'],
  ['an account', ({ account }) => `/v1/mail-accounts/${account}`],
  ["an account's token uses", ({ account }) => `/v1/mail-accounts/${account}/token-uses`],
  ["an account's history", ({ account }) => `/v1/mail-accounts/${account}/history`],
  ['the history', () => '/v1/history'],
  ['a validation', ({ validation }) => `/v1/validations/${validation}`],
  ['causes', () => '/v1/diagnoses/causes'],
  ['events', () => '/v1/events'],
  ['metrics', () => '/metrics'],
  ['the key ring', () => '/v1/key-ring'],
  ['the metadata of the token endpoint', () => '/.well-known/oauth-authorization-server'],
  ['the discovery document', () => '/.well-known/openid-configuration'],
  ['the keys of the issuer', () => '/.well-known/jwks.json'],
  ['console sessions', () => '/v1/console-sessions'],
  ['the ways to sign in to the console', () => '/console/sign-in-methods'],
  ['API keys', () => '/v1/api-keys'],
  ['an API key', ({ key }) => `/v1/api-keys/${key}`],
  ['webhooks', () => '/v1/webhooks'],
  ['a webhook', ({ webhook }) => `/v1/webhooks/${webhook}`],
  ['deliveries', ({ webhook }) => `/v1/webhooks/${webhook}/deliveries`],
]

/** Opens a console session and calls its operation as our own page does. */
const inSession = (method: string) => async (world: MailWorld) => {
  const opened = await world.call('POST', '/console/session')
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? COOKIE
  const headers = {
    cookie,
    'sec-fetch-site': 'same-origin',
    origin: PUBLIC_URL,
    'content-type': 'application/json',
  }
  const act = () => world.send(new Request(`${PUBLIC_URL}/console/session`, { method, headers }))
  return { act }
}

/** Ends the console session of somebody else. */
async function endSession(world: MailWorld): Promise<Prepared> {
  await world.call('POST', '/console/session')
  const sessions = await world.call('GET', '/v1/console-sessions')
  const { data } = await sessions.json<{ data: { id: string }[] }>()
  return { act: () => world.call('DELETE', `/v1/console-sessions/${data[0]?.id}`) }
}

/** An administrator returns from Microsoft's consent page. */
const consentAnswer = (answer: Record<string, string>) => async (world: MailWorld) => {
  await world.activate()
  const path = '/v1/integrations/microsoft/admin-consent'
  const created = await world.call('POST', path, { tenant: 'contoso.test' })
  const { url } = await created.json<{ url: string }>()
  const state = new URL(url).searchParams.get('state') ?? ''
  const query = new URLSearchParams({ ...answer, state })
  return { act: () => world.send(new Request(`${LANDING}?${query}`)) }
}

const onCustomer = (method: string, path: string) => async (world: MailWorld) => {
  await world.activate()
  await authorize(world, { customer: 'acme' })
  return { act: () => world.call(method, path) }
}

export const managementOperations: readonly Operation[] = [
  ...reads.map(([name, path]) => ({ name: `read of ${name}`, prepare: calling('GET', path) })),
  {
    name: 'diagnosis',
    prepare: async (world) => {
      const { id } = await savedAccount(world)
      const body = { protocol: 'imap', error: 'AADSTS65001', mail_account_id: id }
      return { act: () => world.call('POST', '/v1/diagnoses', body) }
    },
  },
  {
    name: 'new API key without Idempotency-Key',
    prepare: async (world) => ({
      act: () => world.call('POST', '/v1/api-keys', { name: 'Worker', scopes: ['read'] }),
    }),
  },
  {
    name: 'new webhook without Idempotency-Key',
    prepare: async (world) => ({
      act: () => world.call('POST', '/v1/webhooks', { url: 'https://helpdesk.example.com/hooks' }),
    }),
  },
  {
    name: 'end of a sign-in link',
    prepare: calling('DELETE', ({ authorization }) => `/v1/authorizations/${authorization}`),
  },
  ...['suspend', 'resume'].map((change) => ({
    name: `${change} of a customer`,
    prepare: onCustomer('POST', `/v1/customers/acme/${change}`),
  })),
  {
    name: 'deletion of a customer',
    prepare: onCustomer('DELETE', '/v1/customers/acme?confirm=0'),
  },
  {
    name: 'deletion of a grant that no account uses',
    prepare: async (world) => {
      await world.activate()
      const grant = await world.grant('alice@contoso.test', { saved: false })
      return { act: () => world.call('DELETE', `/v1/grants/${grant}`) }
    },
  },
  {
    name: 'retry of a grant',
    prepare: async (world) => {
      const { grant, path } = await savedAccount(world)
      world.advance(2 * 3600)
      return {
        act: () => world.call('POST', `/v1/grants/${grant}/retry`),
        check: async () => {
          world.advance(2 * 3600)
          const { status } = await world.call('POST', path, {})
          return status === 200 ? [] : [`a caller is answered ${status}`]
        },
      }
    },
  },
  {
    name: 'removal of a next credential',
    prepare: async (world) => {
      await world.activate()
      const path = '/v1/integrations/microsoft/settings/next-credential'
      await world.call('PUT', path, { type: 'client_secret', client_secret: 'Qx~the.next-secret' })
      return { act: () => world.call('DELETE', path) }
    },
  },
  {
    name: 'save with If-Match',
    prepare: async (world) => {
      const { id, grant } = await savedAccount(world)
      const form = imapForm(grant, { name: 'Changed', owner: { type: 'department', id: 'dep_1' } })
      return {
        act: () => world.call('PUT', `/v1/mail-accounts/${id}`, form, { 'if-match': '"1"' }),
        check: async () => {
          const { name } = await world.read(id)
          return name === 'Changed' ? [] : ['the change is lost']
        },
      }
    },
  },
  {
    name: 'change of an API key',
    prepare: async (world) => {
      const { id } = await createKey(world)
      const body = { name: 'Renamed', scopes: ['read'] }
      return { act: () => world.call('PUT', `/v1/api-keys/${id}`, body, { 'if-match': '*' }) }
    },
  },
  {
    name: 'revocation of an API key',
    prepare: calling('DELETE', ({ key }) => `/v1/api-keys/${key}`),
  },
  {
    name: 'save of a webhook',
    prepare: calling('PUT', ({ webhook }) => `/v1/webhooks/${webhook}`, {
      url: 'https://helpdesk.example.com/other',
    }),
    mayRepeat: ['webhook.updated'],
  },
  {
    name: 'deletion of a webhook',
    prepare: calling('DELETE', ({ webhook }) => `/v1/webhooks/${webhook}`),
  },
  {
    name: 'rotation of a webhook secret without Idempotency-Key',
    prepare: calling('POST', ({ webhook }) => `/v1/webhooks/${webhook}/rotate-secret`),
  },
  {
    name: 'test of a webhook',
    prepare: calling('POST', ({ webhook }) => `/v1/webhooks/${webhook}/test`),
  },
  {
    name: 'redelivery',
    prepare: calling(
      'POST',
      ({ webhook, delivery }) => `/v1/webhooks/${webhook}/deliveries/${delivery}/redeliver`,
    ),
    mayRepeat: ['webhook.redelivered'],
  },
  {
    name: 'console session',
    prepare: async (world) => ({ act: () => world.call('POST', '/console/session') }),
    // Nobody has the cookie of a session whose answer was lost.
    mayRepeat: ['console_sessions', 'console_session.opened'],
  },
  { name: 'read of a console session', prepare: inSession('GET') },
  { name: 'end of a console session', prepare: inSession('DELETE') },
  { name: "end of another's console session", prepare: endSession },
  {
    name: "administrator's consent",
    prepare: consentAnswer({ admin_consent: 'True', tenant: 'contoso.test' }),
  },
  {
    name: "administrator's refusal",
    prepare: consentAnswer({ error: 'access_denied', error_description: 'AADSTS65004: No.' }),
    mayRepeat: ['admin_consent.refused'],
  },
]
