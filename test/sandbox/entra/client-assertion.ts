/**
 * Validation of a client assertion (RFC 7523): signed with the key of an uploaded certificate, or by another
 * issuer that a federated credential of the app names.
 */
import { base64url, decodeJwt, decodeProtectedHeader, importX509, jwtVerify } from 'jose'
import type { ClientResult } from './client-auth.ts'
import { entraError } from './errors.ts'
import { checkFederated } from './federated.ts'
import type { State } from './state.ts'

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

async function thumbprint(pem: string): Promise<string> {
  const base64 = pem.replace(/-----[^-]+-----|\s/g, '')
  const der = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', der)))
}

export async function checkAssertion(
  state: State,
  assertion: string,
  type: string | null,
  endpoint: string,
): Promise<ClientResult> {
  const { clientId: client } = state.app
  const invalid = (why: string): ClientResult => ({
    ok: false,
    failure: entraError(700027, { client, why }),
  })
  if (type !== TYPE) return invalid('client_assertion_type is not jwt-bearer')
  try {
    const claims = decodeJwt(assertion)
    // Awaited, so that a failed verification is handled below.
    if (claims.iss !== client) return await checkFederated(state, assertion, claims)
    const { alg, typ, 'x5t#S256': x5t } = decodeProtectedHeader(assertion)
    if (alg !== 'PS256' || typ !== 'JWT') return invalid(`alg ${alg}, typ ${typ}`)
    const thumbprints = await Promise.all(state.certificates.map(thumbprint))
    const pem = state.certificates[thumbprints.indexOf(String(x5t))]
    if (pem === undefined) return invalid('the key was not found by its thumbprint')
    const { payload } = await jwtVerify(assertion, await importX509(pem, 'PS256'), {
      issuer: client,
      subject: client,
      audience: endpoint,
      currentDate: new Date(state.now()),
      // MSAL rounds `nbf` to the nearest second, which can be the next one. Entra tolerates minutes.
      clockTolerance: 1,
      requiredClaims: ['exp', 'nbf', 'jti'],
    })
    // RFC 7523 section 3 allows a server to refuse a reused assertion.
    if (state.assertions.has(String(payload.jti))) return invalid('the assertion was used before')
    state.assertions.add(String(payload.jti))
    return { ok: true }
  } catch (error) {
    const code = (error as { code?: string }).code
    const outsideValidity =
      code === 'ERR_JWT_EXPIRED' || (error as { claim?: string }).claim === 'nbf'
    return outsideValidity
      ? { ok: false, failure: entraError(700024) }
      : invalid(code ?? 'malformed')
  }
}
