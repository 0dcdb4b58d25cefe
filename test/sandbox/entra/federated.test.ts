import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { app, tenants } from '../personas.ts'
import { createEntra } from './entra.ts'

const ISSUER = 'https://mail.example.com'
const TRUSTED = {
  issuer: ISSUER,
  subject: 'mailgrant:dp_1',
  audience: 'api://AzureADTokenExchange',
}
const keys = await generateKeyPair('RS256', { extractable: true })
const jwks = {
  keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }],
}
const JWKS = `${ISSUER}/keys`

type Changes = Partial<{ issuer: string; subject: string; audience: string; kid: string }> & {
  jti?: string | null
  expiresIn?: number
  issuedAgo?: number
}

async function assertionWith(changes: Changes = {}): Promise<string> {
  const { issuer, subject, audience, kid, jti, expiresIn, issuedAgo } = {
    ...TRUSTED,
    kid: 'k1',
    jti: crypto.randomUUID() as string | null,
    expiresIn: 300,
    issuedAgo: 0,
    ...changes,
  }
  const iat = Math.floor(Date.now() / 1000) - issuedAgo
  const jwt = new SignJWT(jti === null ? {} : { jti })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(issuer)
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt(iat)
    .setNotBefore(iat)
    .setExpirationTime(iat + expiresIn)
  return jwt.sign(keys.privateKey)
}

/** Serves the documents of the issuer; undefined for one that cannot be read. */
function trustingEntra(
  documents: { discovery?: object | undefined; keys?: object | undefined } = {},
) {
  const served = {
    discovery: { issuer: ISSUER, jwks_uri: JWKS } as object | undefined,
    keys: jwks as object | undefined,
    ...documents,
  }
  const entra = createEntra({
    fetchIssuer: async (url) => {
      const body = url === JWKS ? served.keys : served.discovery
      return body === undefined ? new Response(null, { status: 502 }) : Response.json(body)
    },
  })
  entra.control.addFederatedCredential(TRUSTED)
  return entra
}

async function request(entra: ReturnType<typeof createEntra>, assertion: string) {
  const url = `https://login.example/${tenants.contoso.id}/oauth2/v2.0/token`
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: app.clientId,
    scope: 'https://outlook.office365.com/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
  const response = await entra.fetch(url, { method: 'POST', body })
  const { error_codes: [number] = [null] } = (await response.json()) as { error_codes?: number[] }
  return { status: response.status, number }
}

describe('a federated credential at the simulated Entra', () => {
  it('accepts an assertion of the trusted issuer, once', async () => {
    const entra = trustingEntra()
    const assertion = await assertionWith()

    expect(await request(entra, assertion)).toEqual({ status: 200, number: null })
    expect(await request(entra, assertion)).toMatchObject({ number: 700027 })
  })

  it.each<[string, Changes, number]>([
    ['another issuer', { issuer: `${ISSUER}/` }, 700211],
    ['another subject', { subject: 'Mailgrant:dp_1' }, 700213],
    ['another audience', { audience: 'api://AzureADTokenExchangeUSGov' }, 700212],
    ['an unknown key', { kid: 'k2' }, 700027],
    ['an expired assertion', { issuedAgo: 400 }, 700024],
    ['an assertion from the future', { issuedAgo: -400 }, 700024],
    ['an assertion that lives for an hour', { expiresIn: 3600 }, 700027],
    ['an assertion without jti', { jti: null }, 700027],
  ])('refuses %s', async (_, changes, number) => {
    expect(await request(trustingEntra(), await assertionWith(changes))).toMatchObject({ number })
  })

  it.each<[string, Parameters<typeof trustingEntra>[0], number]>([
    ['a discovery document that does not answer', { discovery: undefined }, 50166],
    ['that of another issuer', { discovery: { issuer: `${ISSUER}/`, jwks_uri: JWKS } }, 50166],
    ['one without jwks_uri', { discovery: { issuer: ISSUER } }, 501661],
    ['a key set that does not answer', { keys: undefined }, 501661],
  ])('cannot verify with %s', async (_, documents, number) => {
    const entra = trustingEntra(documents)

    expect(await request(entra, await assertionWith())).toMatchObject({ number })
  })
})
