/** Calls a running product as its callers and browsers do, with the root key and people of the sandbox. */
import { expectDocumented } from '../api/documented.ts'
import { createApi } from '../journeys/api.ts'
import { createBrowser } from '../sandbox/browser.ts'
import type { Entra } from '../sandbox/entra/entra.ts'
import { app, secrets } from '../sandbox/personas.ts'
import { plainHttp } from '../sandbox/plain-http.ts'

export const ROOT_KEY = 'mg_root_faults-faults-faults-faults-faults'
const CALLBACK_PATH = '/oauth/microsoft/callback'
/** A person whose mailbox works, and whose sign-in takes a single click. */
const ALICE = 'alice@contoso.test'

export type ApiResponse = { status: number; body: Record<string, unknown>; text: string }

export type ConnectedAccount = { id: string; grant: string; path: string }

export type ProductClient = ReturnType<typeof createProductClient>

export type ProductClientOptions = {
  /** PUBLIC_URL, which need not be a real address. */
  publicUrl: string
  /** Origin to which the n-th caller sends. */
  urlOf: (at: number) => string
  entra: Entra
  /** The last line of the log, which explains a response with status 500. */
  lastLog: () => string | undefined
}

export function createProductClient({ publicUrl, urlOf, entra, lastLog }: ProductClientOptions) {
  /** Calls the API as the n-th caller. Throws for a response that is not documented, and for status 500. */
  async function call(
    at: number,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse> {
    let text = ''
    const api = createApi(urlOf(at), ROOT_KEY, (_source, body) => {
      text = body
    })
    const response = await api.call(method, path, body, headers)
    const { status } = response
    const type = response.headers.get('content-type') ?? ''
    await expectDocumented(
      new Request(publicUrl + path, { method }),
      new Response(status === 204 ? null : text, { status, headers: { 'content-type': type } }),
    )
    if (status === 500) throw new Error(`${method} ${path} returns 500: ${lastLog()}`)
    return { status, body: response.body, text }
  }

  async function expectStatus(
    status: number,
    ...request: [method: string, path: string, body?: unknown]
  ): Promise<Record<string, unknown>> {
    const response = await call(0, ...request)
    if (response.status === status) return response.body
    throw new Error(`${request[0]} ${request[1]} returns ${response.status}: ${response.text}`)
  }

  /** Signs in at Entra up to the callback, which is not yet visited. */
  async function startSignIn(input: Record<string, unknown> = { username: ALICE }, as = ALICE) {
    const created = await expectStatus(201, 'POST', '/v1/authorizations', {
      provider: 'microsoft',
      ...input,
    })
    const browser = createBrowser({
      fetch: (url, init) => {
        const { origin, pathname, search } = new URL(url)
        return origin === publicUrl
          ? plainHttp(urlOf(0) + pathname + search, init)
          : entra.fetch(url, init)
      },
    })
    const picker = await browser.submit(await browser.visit(String(created.url)))
    const back = await entra.signIn(picker.url, { as, returnWithoutConsent: true })
    const cookie = await browser.jar.getCookieString(publicUrl + CALLBACK_PATH)
    return { id: String(created.id), path: back.pathname + back.search, cookie, browser }
  }

  /** Sends a browser's request as the n-th caller. */
  async function visit(
    at: number,
    path: string,
    cookie: string,
    form?: URLSearchParams,
  ): Promise<{ status: number; text: string }> {
    const response = await fetch(urlOf(at) + path, {
      redirect: 'manual',
      headers: { cookie, ...(form && { 'sec-fetch-site': 'same-origin', origin: publicUrl }) },
      ...(form && { method: 'POST', body: form }),
    })
    return { status: response.status, text: await response.text() }
  }

  return {
    publicUrl,
    lastLog,
    call,
    expectStatus,
    startSignIn,
    visit,
    /** Enters the app registration of the sandbox and activates the integration. */
    async configure(): Promise<void> {
      const microsoft = '/v1/integrations/microsoft'
      await expectStatus(200, 'POST', `${microsoft}/activate`)
      await expectStatus(200, 'PUT', `${microsoft}/settings`, {
        client_id: app.clientId,
        credential: { type: 'client_secret', client_secret: secrets.current },
      })
    },
    /** Signs a person in and saves an account. */
    async connect(username = ALICE): Promise<ConnectedAccount> {
      const { id: authorization, path: back, cookie } = await startSignIn({ username }, username)
      await visit(0, back, cookie)
      const { grant } = await expectStatus(200, 'GET', `/v1/authorizations/${authorization}`)
      const grantId = (grant as { id: string }).id
      const { id } = await expectStatus(201, 'POST', '/v1/mail-accounts', {
        owner: { type: 'department', id: 'dep_1' },
        protocol: 'imap',
        username,
        authentication: { type: 'oauth', provider: 'microsoft', grant_id: grantId },
      })
      return { id: String(id), grant: grantId, path: `/v1/mail-accounts/${id}/access-token` }
    },
  }
}
