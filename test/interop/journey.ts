/** Steps of the main workflow, each through the API and a browser, as a help desk uses them. */
import { expect } from 'vitest'
import type { Authorization, AuthorizationCreated } from '../../schema/authorization.ts'
import type { AccessToken } from '../../schema/mail-account.ts'
import { createBrowser } from '../sandbox/browser.ts'
import { plainHttp } from '../sandbox/plain-http.ts'
import type { Server } from './mail-world.ts'
import type { Account } from './people.ts'
import type { Product } from './product.ts'
import { completeForms } from './sign-in.ts'

/** Calls the API, expects the status, and returns the body with the type of the contract. */
async function callFor<Body>(
  product: Product,
  status: number,
  ...request: Parameters<Product['call']>
): Promise<Body> {
  const response = await product.call(...request)
  expect(response, request.slice(0, 2).join(' ')).toMatchObject({ status })
  return response.body as Body
}

/** Activates the integration and enters the app registration of the strict server. */
export async function configure(product: Product): Promise<void> {
  const { app, tenant } = product.world.oidc
  await callFor(product, 200, 'POST', '/v1/integrations/microsoft/activate')
  await callFor(product, 200, 'PUT', '/v1/integrations/microsoft/settings', {
    client_id: app.id,
    credential: { type: 'client_secret', client_secret: app.secret },
    tenant,
  })
}

/** Starts "Get Access Token", up to the strict server's sign-in form. */
export async function beginSignIn(product: Product, { username }: Account) {
  const created = await callFor<AuthorizationCreated>(product, 201, 'POST', '/v1/authorizations', {
    provider: 'microsoft',
    username,
  })
  const browser = createBrowser({ fetch: plainHttp })
  const form = await browser.submit(await browser.visit(created.url))
  return { id: created.id, browser, form }
}

export const getAuthorization = (product: Product, id: string) =>
  callFor<Authorization>(product, 200, 'GET', `/v1/authorizations/${id}`)

/** Completes a sign-in. Returns the id of its unsaved grant. */
export async function obtainGrant(product: Product, account: Account): Promise<string> {
  const { id, browser, form } = await beginSignIn(product, account)
  await completeForms(browser, form, account)
  const authorization = await getAuthorization(product, id)
  return (authorization.status === 'completed' && authorization.grant?.id) || ''
}

/** Returns the form of a mail account: mailbox, server and grant. */
export const accountForm = ({ username }: Account, server: Server, grant: string) => ({
  owner: server.protocol === 'imap' ? { type: 'department', id: 'dep_1' } : { type: 'global' },
  username,
  ...server,
  authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant },
})

/** Saves the form. Returns the id of the mail account. */
export const saveAccount = async (
  product: Product,
  account: Account,
  server: Server,
  grant: string,
) =>
  (
    await callFor<{ id: string }>(
      product,
      201,
      'POST',
      '/v1/mail-accounts',
      accountForm(account, server, grant),
    )
  ).id

export const issueAccessToken = (product: Product, id: string) =>
  callFor<AccessToken>(product, 200, 'POST', `/v1/mail-accounts/${id}/access-token`, {})
