/**
 * A strict third-party authorization server (oidc-provider), served at the paths of Entra for one tenant,
 * so that the Entra client runs against it unchanged: `ENTRA_AUTHORITY` is its origin, the tenant its GUID.
 * Refresh tokens rotate, and reuse of one revokes the grant.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { createPages } from './oidc-pages.ts'
import { APP_ID, strictSettings } from './oidc-settings.ts'
import { TENANT } from './people.ts'

export type TokenCall = { grantType: string; status: number }

const TOKEN_KINDS = ['access_token', 'refresh_token', 'id_token'] as const
export type IssuedToken = { kind: (typeof TOKEN_KINDS)[number]; value: string }

const isTokenKind = (name: string): name is IssuedToken['kind'] =>
  TOKEN_KINDS.some((kind) => kind === name)

export type OidcServer = Awaited<ReturnType<typeof startOidcServer>>

/** Starts the server. Requests with a redirect URI outside `redirectUris` are refused. */
export async function startOidcServer(redirectUris: readonly string[], port = 0) {
  const lifetimes = { accessToken: 3600 }
  const app = { id: APP_ID, secret: randomBytes(24).toString('base64url'), redirectUris }
  const mailServer = { id: 'mail-server', secret: randomBytes(24).toString('hex') }
  const tokenCalls: TokenCall[] = []
  const issued: IssuedToken[] = []
  const errors: string[] = []
  let introspectionEnabled = true

  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const settings = await strictSettings({ app, mailServer }, lifetimes)
  const provider = new Provider(`${origin}/${TENANT}/v2.0`, settings)
  provider.on('server_error', (_ctx, error) => errors.push(error.stack ?? error.message))
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.oidc?.route !== 'token') return
    tokenCalls.push({ grantType: ctx.oidc.params?.grant_type ?? 'none', status: ctx.status })
    for (const [kind, value = ''] of Object.entries(ctx.body ?? {})) {
      if (isTokenKind(kind)) issued.push({ kind, value })
    }
  })
  const handle = provider.callback()
  const pages = createPages(provider)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = stripTenant(request)
    if (path === null) response.writeHead(404).end()
    else if (path.startsWith('/interaction/')) await pages(request, response)
    else if (path === settings.routes.introspection && !introspectionEnabled) {
      response.writeHead(503).end()
    } else await handle(request, response)
  }
  server.on('request', (request, response) => {
    serve(request, response).catch((error: Error) => {
      errors.push(error.stack ?? error.message)
      response.writeHead(500).end()
    })
  })

  const introspection = new URL(`/${TENANT}${settings.routes.introspection}`, origin)
  const basic = Buffer.from(`${mailServer.id}:${mailServer.secret}`).toString('base64')

  return {
    origin,
    tenant: TENANT,
    app,
    /** Introspection endpoint, including the mail server's HTTP Basic credentials. */
    introspectionUrl: introspection.href.replace('//', `//${mailServer.id}:${mailServer.secret}@`),
    /** Returns whether the access token is active (RFC 7662). */
    async isActive(token: string): Promise<boolean> {
      const response = await fetch(introspection, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}` },
        body: new URLSearchParams({ token }),
      })
      return ((await response.json()) as { active: boolean }).active
    },
    /** All requests to the token endpoint, in the order of the responses. */
    tokenCalls: tokenCalls as readonly TokenCall[],
    /** All tokens issued, in the same order. */
    issued: issued as readonly IssuedToken[],
    /** Errors inside the server; empty in a good run. */
    errors: errors as readonly string[],
    /** Revokes one access token or refresh token. */
    async revoke(token: string): Promise<void> {
      const { AccessToken, RefreshToken } = provider
      const stored = (await AccessToken.find(token)) ?? (await RefreshToken.find(token))
      await stored?.destroy()
    },
    /** Sets the lifetime of future access tokens. */
    setAccessTokenLifetime(seconds: number) {
      lifetimes.accessToken = seconds
    },
    /** Turns introspection off: mail servers then receive 503. */
    setIntrospection(enabled: boolean) {
      introspectionEnabled = enabled
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * Strips the tenant from the URL, and returns null for another tenant. `originalUrl` keeps the full path,
 * from which oidc-provider builds its links.
 */
function stripTenant(request: IncomingMessage): string | null {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const mount = `/${TENANT}`
  if (!url.pathname.startsWith(`${mount}/`)) return null
  const path = url.pathname.slice(mount.length)
  // Entra grants offline_access on request. OpenID Connect Core, section 11, requires this prompt with it,
  // and oidc-provider drops the scope otherwise.
  if (path === '/oauth2/v2.0/authorize') url.searchParams.set('prompt', 'consent')
  request.url = `${path}${url.search}`
  Object.assign(request, { originalUrl: `${mount}${request.url}` })
  return path
}
