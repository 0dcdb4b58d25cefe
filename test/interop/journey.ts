/** The steps of the main job, each as a help desk takes it: through the API and a browser. */
import { expect } from 'vitest'
import type { Authorization, AuthorizationCreated } from '../../schema/authorization.ts'
import type { AccessToken } from '../../schema/mail-account.ts'
import { createBrowser } from '../sandbox/browser.ts'
import { plainHttp } from '../sandbox/plain-http.ts'
import type { Server } from './mail-world.ts'
import type { Account } from './people.ts'
import type { Product } from './product.ts'
import { completeForms } from './sign-in.ts'

/** Calls, expects this status, and takes the body for what the contract says. */
async function get<Body>(
  product: Product,
  status: number,
  ...request: Parameters<Product['call']>
): Promise<Body> {
  const answer = await product.call(...request)
  expect(answer, request.slice(0, 2).join(' ')).toMatchObject({ status })
  return answer.body as Body
}

/** Switches the integration on and enters the app registration at the strict server. */
export async function configure(product: Product): Promise<void> {
  const { app, tenant } = product.world.oidc
  await get(product, 200, 'POST', '/v1/integrations/microsoft/activate')
  await get(product, 200, 'PUT', '/v1/integrations/microsoft/settings', {
    client_id: app.id,
    credential: { type: 'client_secret', client_secret: app.secret },
    tenant,
  })
}

/** "Get Access Token" as far as the strict server's sign-in form. */
export async function beginSignIn(product: Product, { username }: Account) {
  const created = await get<AuthorizationCreated>(product, 201, 'POST', '/v1/authorizations', {
    provider: 'microsoft',
    username,
  })
  const browser = createBrowser({ fetch: plainHttp })
  const form = await browser.submit(await browser.visit(created.url))
  return { id: created.id, browser, form }
}

export const authorization = (product: Product, id: string) =>
  get<Authorization>(product, 200, 'GET', `/v1/authorizations/${id}`)

/** The whole sign-in. The id of its grant, not yet saved. */
export async function getAccessToken(product: Product, account: Account): Promise<string> {
  const { id, browser, form } = await beginSignIn(product, account)
  await completeForms(browser, form, account)
  const { grant } = await authorization(product, id)
  return grant?.id ?? ''
}

/** The fields of a form: whose mailbox, on which server, by which grant. */
export const fields = ({ username }: Account, server: Server, grant: string) => ({
  owner: server.protocol === 'imap' ? { type: 'department', id: 'dep_1' } : { type: 'global' },
  username,
  ...server,
  authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant },
})

/** Saves the form. The id of the mail account. */
export const save = async (product: Product, account: Account, server: Server, grant: string) =>
  (
    await get<{ id: string }>(
      product,
      201,
      'POST',
      '/v1/mail-accounts',
      fields(account, server, grant),
    )
  ).id

export const handOut = (product: Product, id: string) =>
  get<AccessToken>(product, 200, 'POST', `/v1/mail-accounts/${id}/access-token`, {})
