/**
 * The Entra client: all functions that require the network, bound to one `fetch`. Create one per isolate,
 * since it caches signing keys. Pure functions are imported from their own files.
 */
import type { Cloud } from '../../schema/mail-servers.ts'
import { authorityOf } from './authority.ts'
import { createIdTokenVerifier } from './id-token.ts'
import { clientCredentials, exchangeCode, refreshTokens } from './token.ts'

type Input<F extends (http: never, input: never) => unknown> = Parameters<F>[1]

export function createEntra(options: {
  fetch: typeof fetch
  authorityOverride?: string
  timeoutMs?: number
}) {
  const { authorityOverride, ...http } = options
  return {
    authority: (cloud: Cloud, tenant: string) => authorityOf(cloud, tenant, authorityOverride),
    exchangeCode: (input: Input<typeof exchangeCode>) => exchangeCode(http, input),
    refresh: (input: Input<typeof refreshTokens>) => refreshTokens(http, input),
    clientCredentials: (input: Input<typeof clientCredentials>) => clientCredentials(http, input),
    verifyIdToken: createIdTokenVerifier(http),
  }
}

export type Entra = ReturnType<typeof createEntra>
