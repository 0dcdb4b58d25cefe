/**
 * Reads the claims of an access token, for the diagnosis only. Tokens for Exchange are opaque by contract (Microsoft.
 * "access tokens", section on validation): work accounts currently get a JWT, personal accounts an opaque string, and
 * either may change. Nothing here is verified and nothing may rely on it.
 */
import { decodeBase64UrlText } from '../../schema/base64.ts'
import type { AccessTokenClaims } from '../model/validation.ts'

const MAX_PAYLOAD = 16_384

/** Returns null unless the token is readable as a JWT. */
export function readAccessTokenClaims(accessToken: string): AccessTokenClaims | null {
  const [, payload, signature] = accessToken.split('.')
  if (!payload || signature === undefined || payload.length > MAX_PAYLOAD) return null
  const claims = parseClaims(payload)
  if (!claims) return null
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : null)
  const roles = Array.isArray(claims.roles)
    ? claims.roles.filter((role) => typeof role === 'string').join(' ')
    : null
  return {
    audience: text('aud'),
    permissions: text('scp') ?? roles,
    username: text('upn') ?? text('preferred_username') ?? text('unique_name'),
    tenantId: text('tid'),
    appId: text('appid') ?? text('azp'),
    appOnly: claims.idtyp === 'app',
    expiresAt: typeof claims.exp === 'number' ? claims.exp * 1000 : null,
  }
}

function parseClaims(payload: string): Record<string, unknown> | null {
  try {
    const claims: unknown = JSON.parse(decodeBase64UrlText(payload))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
      ? (claims as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
