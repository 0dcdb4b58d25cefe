/** A client assertion (RFC 7523) as Entra judges it: signed by the key of an uploaded certificate. */
import { base64url, decodeProtectedHeader, importX509, jwtVerify } from 'jose'
import type { Client } from './client-auth.ts'
import { entraError } from './errors.ts'
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
): Promise<Client> {
  const { clientId: client } = state.app
  const invalid = (why: string): Client => ({
    ok: false,
    failure: entraError(700027, { client, why }),
  })
  if (type !== TYPE) return invalid('client_assertion_type is not jwt-bearer')
  try {
    const { alg, typ, 'x5t#S256': x5t } = decodeProtectedHeader(assertion)
    if (alg !== 'PS256' || typ !== 'JWT') return invalid(`alg ${alg}, typ ${typ}`)
    const names = await Promise.all(state.certificates.map(thumbprint))
    const pem = state.certificates[names.indexOf(String(x5t))]
    if (pem === undefined) return invalid('the key was not found by its thumbprint')
    const { payload } = await jwtVerify(assertion, await importX509(pem, 'PS256'), {
      issuer: client,
      subject: client,
      audience: endpoint,
      currentDate: new Date(state.now()),
      requiredClaims: ['exp', 'nbf', 'jti'],
    })
    // RFC 7523 section 3 lets a server refuse what it has seen before.
    if (state.assertions.has(String(payload.jti))) return invalid('the assertion was used before')
    state.assertions.add(String(payload.jti))
    return { ok: true }
  } catch (error) {
    const code = (error as { code?: string }).code
    const late = code === 'ERR_JWT_EXPIRED' || (error as { claim?: string }).claim === 'nbf'
    return late ? { ok: false, failure: entraError(700024) } : invalid(code ?? 'malformed')
  }
}
