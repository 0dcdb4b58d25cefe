/** A stored token of either kind, and an Entra whose responses a test chooses. */

import { env } from 'cloudflare:workers'
import { appToken, fetchAppToken } from '../../../../api/domain/tokens/app-only.ts'
import { grantToken, refreshGrant } from '../../../../api/domain/tokens/delegated.ts'
import { mailScopes } from '../../../../api/entra/scopes.ts'
import type { TokenResponse } from '../../../../api/entra/token.ts'
import { UNLIMITED } from '../../../../api/model/access.ts'
import { app } from '../../../sandbox/personas.ts'
import { activeWorld, type WorldOptions } from '../../harness.ts'
import { GRANTS_WITH_TOKENS } from '../../sql.ts'
import { system } from '../../system-call.ts'

export const refused = (
  error: string,
  aadsts: number | null,
  claims: string | null = null,
): TokenResponse => ({
  ok: false,
  failure: {
    kind: 'refused',
    retryAfter: null,
    refusal: { error, aadsts, suberror: null, claims, traceId: null, correlationId: null },
  },
})

export const outage: TokenResponse = {
  ok: false,
  failure: { kind: 'unavailable', status: 503, retryAfter: null, aadsts: null },
}

export const NEW_TOKEN = 'a new token'

const issue = (accessToken: string): TokenResponse => ({
  ok: true,
  tokens: {
    accessToken,
    expiresIn: 3600,
    refreshToken: 'a rotated refresh token',
    idToken: null,
    scope: mailScopes('global', ['imap', 'smtp']).join(' '),
  },
})

export const issued = issue(NEW_TOKEN)

export type Kind = 'delegated' | 'app-only'
export const kinds: Kind[] = ['delegated', 'app-only']

type Row = Record<string, unknown>

export async function worldOf(kind: Kind, options: WorldOptions = {}) {
  const world = await activeWorld({
    ...options,
    outside: { pause: async () => {}, ...options.outside },
  })
  const { services } = world
  const { store } = services
  const response: { is: TokenResponse | Error; asked: number; meanwhile?: () => unknown } = {
    is: issue('the stored token'),
    asked: 0,
  }
  const ask = async () => {
    response.asked += 1
    await response.meanwhile?.()
    if (response.is instanceof Error) throw response.is
    return response.is
  }
  services.entra = { ...services.entra, refresh: ask, clientCredentials: ask }

  const delegated = kind === 'delegated'
  const key = {
    clientId: app.clientId,
    cloud: 'global',
    tenant: 'contoso.test',
    resource: 'outlook',
  } as const
  const id = delegated ? await world.grant('alice@contoso.test') : Object.values(key).join('|')
  if (!delegated)
    await appToken(services, system, { ...key, stored: null }, await store.integrations.read(), {
      rejected: null,
    })
  const table = delegated ? 'grants' : 'app_tokens'
  const tokenTable = delegated ? 'grant_tokens' : 'app_tokens'

  return {
    world,
    response,
    id,
    /** The row and column of the sealed access token. */
    place: {
      table: tokenTable,
      row: delegated ? `${id}|outlook` : id,
      column: 'access_token',
    },
    issuedAt: delegated ? 'issued_at' : 'fetched_at',
    leases: delegated ? store.grants.leases : store.appTokens.leases,
    acquire: (version: number, owner: string, now: Date, until: Date) =>
      delegated
        ? store.grants.leases.acquire(id, 'outlook', version, owner, now, until)
        : store.appTokens.leases.acquire(key, version, owner, now, until),
    /** Changes the row with the lease. */
    set: (columns: string) => env.DB.prepare(`UPDATE ${table} SET ${columns}`).run(),
    /** Changes the row with the access token and its state. */
    setToken: (columns: string) => env.DB.prepare(`UPDATE ${tokenTable} SET ${columns}`).run(),
    async row(): Promise<Row> {
      const from = delegated ? GRANTS_WITH_TOKENS : table
      return (await env.DB.prepare(`SELECT * FROM ${from}`).first<Row>()) ?? {}
    },
    /** Issues a token as to a mail worker; returns it, or the code of the refusal. */
    async issue(rejected: Date | null = null, by = system): Promise<string> {
      const integration = await store.integrations.read()
      const grant = delegated ? await store.grants.readWithToken(id, 'outlook') : null
      const result = grant
        ? await grantToken(services, by, grant, integration, { rejected })
        : await appToken(
            services,
            by,
            { ...key, stored: await store.appTokens.read(key) },
            integration,
            { rejected },
          )
      return result.ok ? result.value.accessToken : result.error.code
    },
    /** Refreshes at once, as maintenance does. */
    async refresh(): Promise<string | null> {
      const grant = delegated ? await store.grants.read(id, UNLIMITED) : null
      const token = delegated ? null : await store.appTokens.read(key)
      const result = grant
        ? await refreshGrant(services, system, grant)
        : token && (await fetchAppToken(services, system, { ...key, ...token }))
      if (!result) return null
      return result.ok ? result.value.accessToken : result.error.code
    },
  }
}
