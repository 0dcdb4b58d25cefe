/**
 * Signing keys. As at Entra, each key states the issuer whose tokens it may sign: the literal `{tenantid}`
 * for work tenants, the fixed tenant for personal accounts.
 */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { PERSONAL_TENANT_ID } from '../personas.ts'

type Pair = Awaited<ReturnType<typeof generateKeyPair>>

// RSA keys are slow to generate and need no secrecy here: all instances of a process share them.
const pool: Promise<Pair>[] = []
function keyPairAt(index: number): Promise<Pair> {
  pool[index] ??= generateKeyPair('RS256', { extractable: true })
  return pool[index]
}

type KeyUse = 'work' | 'personal'
const uses: readonly KeyUse[] = ['work', 'personal']

export function createKeys() {
  /** Number of rotations. Each replaces both keys and drops the old ones, as Entra may do. */
  let generation = 0
  const index = (use: KeyUse) => generation * uses.length + uses.indexOf(use)
  const kid = (use: KeyUse) => `sandbox-${use}-${generation}`

  return {
    async sign(use: KeyUse, payload: JWTPayload, header: Record<string, string> = {}) {
      const { privateKey } = await keyPairAt(index(use))
      return new SignJWT(payload)
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: kid(use), ...header })
        .sign(privateKey)
    },

    async jwks(base: string, only?: KeyUse) {
      const keys = uses
        .filter((use) => only === undefined || use === only)
        .map(async (use) => {
          const { n, e } = await exportJWK((await keyPairAt(index(use))).publicKey)
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
