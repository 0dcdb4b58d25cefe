/** The Worker as it is deployed, set up through its own API and sign-in pages. */
import { randomBytes } from 'node:crypto'
import { ApiKeyCreated } from '../../schema/api-key.ts'
import { Authorization, AuthorizationCreated } from '../../schema/authorization.ts'
import { MailAccount } from '../../schema/mail-account.ts'
import type { Protocol } from '../../schema/mail-servers.ts'
import { type Api, createApi } from '../journeys/api.ts'
import { createBrowser } from '../sandbox/browser.ts'
import { plainHttp } from '../sandbox/plain-http.ts'
import type { Address } from './logins.ts'
import type { Server, Servers } from './servers.ts'
import { type Bundle, migrate, startWorkerd } from './workerd.ts'

const secret = () => randomBytes(32).toString('base64')

/** Returns settings with which the Worker can handle every request. */
export const settingsFor = (publicUrl: string, servers?: Servers, checker?: Address) => ({
  PUBLIC_URL: publicUrl,
  ENCRYPTION_KEYS: `bench:${secret()}`,
  ROOT_API_KEY: `mg_root_${randomBytes(24).toString('base64url')}`,
  CHECKER_URL: checker?.url ?? 'http://127.0.0.1:9',
  CHECKER_KEY: checker?.key ?? `bench:${secret()}`,
  ALLOW_PRIVATE_HOSTS: 'true',
  ...(servers && {
    ENTRA_AUTHORITY: servers.entra,
    EXTRA_OAUTH_MAIL_HOSTS: servers.extraMailHosts,
  }),
})

export type Product = Awaited<ReturnType<typeof startProduct>>

/** Starts the Worker with the consent of one person and two mail accounts, IMAP and SMTP. */
export async function startProduct(
  worker: Bundle,
  port: number,
  publicUrl: string,
  servers: Servers,
  checker: Address,
) {
  const settings = settingsFor(publicUrl, servers, checker)
  const workerd = await startWorkerd(worker, settings, port)
  try {
    await migrate(workerd)
    const api = createApi(workerd.url, settings.ROOT_API_KEY)
    const microsoft = '/v1/integrations/microsoft'
    const { client_id, client_secret, tenant } = servers.app
    const credential = { type: 'client_secret', client_secret }
    await api.expect(200, 'POST', `${microsoft}/activate`)
    await api.expect(200, 'PUT', `${microsoft}/settings`, { client_id, credential, tenant })

    const grant = await connect(api, servers, ['imap', 'smtp'])
    const save = (server: Server) => saveAccount(api, servers, grant, server)
    const accounts = { imap: await save(servers.imap), smtp: await save(servers.smtp) }
    return { ...workerd, workerd, settings, api, key: settings.ROOT_API_KEY, accounts }
  } catch (error) {
    await workerd.stop()
    throw error
  }
}

/** Validations for which one key may be used: below the limit of a minute. */
export const VALIDATIONS_PER_KEY = 250

/** Creates an API key, which unlike the root key is in the database. Returns its secret. */
export async function createKey(
  api: Api,
  rights: { scopes: string[]; mail_accounts?: string[] },
): Promise<string> {
  const created = await api.expect(201, 'POST', '/v1/api-keys', { name: 'Bench', ...rights })
  return ApiKeyCreated.parse(created).key ?? ''
}

/** Validates both saved accounts at once. */
export async function validate(api: Api, { accounts }: Pick<Product, 'accounts'>): Promise<void> {
  await Promise.all(
    [accounts.imap, accounts.smtp].map(async (account) => {
      const path = `/v1/mail-accounts/${account}/validate`
      const { outcome } = await api.expect(201, 'POST', path)
      if (outcome !== 'passed') throw new Error(`a validation was ${outcome}`)
    }),
  )
}

/** Adds an account that sends through Microsoft Graph, with a sign-in of its own. Returns its ID. */
export async function addGraphAccount({ api }: Product, servers: Servers): Promise<string> {
  const { client_id, tenant } = servers.app
  const protocols: Protocol[] = ['imap', 'smtp', 'graph_send']
  const settings = { client_id, tenant, protocols }
  await api.expect(200, 'PUT', '/v1/integrations/microsoft/settings', settings)
  const grant = await connect(api, servers, ['graph_send'])
  return saveAccount(api, servers, grant, { protocol: 'graph_send' })
}

/** Signs the person in. Returns the ID of the grant. */
async function connect(api: Api, servers: Servers, protocols: Protocol[]): Promise<string> {
  const { username } = servers
  const created = AuthorizationCreated.parse(
    await api.expect(201, 'POST', '/v1/authorizations', {
      provider: 'microsoft',
      username,
      protocols,
    }),
  )
  await signIn(created.url, servers)
  const authorization = Authorization.parse(
    await api.expect(200, 'GET', `/v1/authorizations/${created.id}`),
  )
  const grant = authorization.status === 'completed' && authorization.grant
  if (!grant) throw new Error('the sign-in created no grant')
  return grant.id
}

async function saveAccount(
  api: Api,
  { username }: Servers,
  grant_id: string,
  server: Server | { protocol: 'graph_send' },
): Promise<string> {
  const owner =
    server.protocol === 'imap' ? { type: 'department', id: 'dep_1' } : { type: 'global' }
  const authentication = { type: 'oauth', provider: 'microsoft', grant_id }
  const form = { ...server, owner, username, authentication }
  return MailAccount.parse(await api.expect(201, 'POST', '/v1/mail-accounts', form)).id
}

/** Signs in: the interstitial with its Continue button, then the forms of the identity provider. */
export async function signIn(url: string, { forms }: Servers, fetch = plainHttp): Promise<void> {
  const browser = createBrowser({ fetch })
  let page = await browser.submit(await browser.visit(url))
  for (const values of forms) {
    if (page.forms.length > 0) page = await browser.submit(page, values)
  }
}
