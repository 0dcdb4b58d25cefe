/**
 * Signing keys. As at Entra each key says whose tokens it may sign: `issuer` holds the literal
 * `{tenantid}` for work tenants and the fixed tenant for personal accounts.
 */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { PERSONAL_TENANT_ID } from '../cast.ts'

type Pair = Awaited<ReturnType<typeof generateKeyPair>>

// RSA keys are slow to make and secret to nobody: all instances of a process share them.
const pool: Promise<Pair>[] = []
function pairNumber(index: number): Promise<Pair> {
  pool[index] ??= generateKeyPair('RS256', { extractable: true })
  return pool[index]
}

type Use = 'work' | 'personal'
const uses: readonly Use[] = ['work', 'personal']

export function createKeys() {
  /** Roll-over replaces both keys at once and drops the old ones, which Entra may do too. */
  let generation = 0
  const index = (use: Use) => generation * uses.length + uses.indexOf(use)
  const kid = (use: Use) => `sandbox-${use}-${generation}`

  return {
    async sign(use: Use, payload: JWTPayload, header: Record<string, string> = {}) {
      const { privateKey } = await pairNumber(index(use))
      return new SignJWT(payload)
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: kid(use), ...header })
        .sign(privateKey)
    },

    async jwks(base: string, only?: Use) {
      const keys = uses
        .filter((use) => only === undefined || use === only)
        .map(async (use) => {
          const { n, e } = await exportJWK((await pairNumber(index(use))).publicKey)
          const tenant = use === 'work' ? '{tenantid}' : PERSONAL_TENANT_ID
          return { kty: 'RSA', use: 'sig', kid: kid(use), n, e, issuer: `${base}/${tenant}/v2.0` }
        })
      return { keys: await Promise.all(keys) }
    },

    rotate() {
      generation += 1
    },
  }
}

export type Keys = ReturnType<typeof createKeys>
