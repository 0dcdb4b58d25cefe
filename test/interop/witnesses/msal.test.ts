/**
 * Microsoft's own client for Node, unmodified, against the sandbox under Microsoft's names. This client is known to
 * work with Entra, so a flow that fails here shows that the sandbox differs from Entra.
 */
import { createHash, randomUUID, X509Certificate } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { serveHttp } from '../../sandbox/http-server.ts'
import { issue } from '../../sandbox/mail/certificates.ts'
import { secrets, tenants } from '../../sandbox/personas.ts'
import { type Microsoft, startMicrosoft } from './microsoft.ts'
import type { Settings } from './msal-client.ts'

const CLIENT = fileURLToPath(new URL('msal-client.ts', import.meta.url))
const MAIL = 'https://outlook.office.com'
const AUTHORITY = 'https://login.microsoftonline.com'

let microsoft: Microsoft
beforeAll(async () => {
  microsoft = await startMicrosoft()
})
afterAll(() => microsoft?.stop())

type Flow = 'sign-in' | 'sign-in-and-refresh' | 'client-credentials'

/** Runs a flow in its own process, in which `username` signs in and consents. Returns what MSAL returned. */
async function run(
  flow: Flow,
  { auth, ...more }: Partial<Omit<Settings, 'auth'>> & { auth?: Partial<Settings['auth']> } = {},
) {
  const { world } = microsoft
  const settings: Settings = {
    auth: {
      clientId: world.app.clientId,
      authority: `${AUTHORITY}/common`,
      ...(auth === undefined && { clientSecret: secrets.current }),
      ...auth,
    },
    scopes: [`${MAIL}/IMAP.AccessAsUser.All`, `${MAIL}/SMTP.Send`],
    redirectUri: world.app.redirectUris[0] ?? '',
    username: 'alice@contoso.test',
    ...more,
  }
  const output = await microsoft.run(
    [process.execPath, CLIENT, flow, JSON.stringify(settings)],
    async (line) => {
      if (!line.startsWith('open ')) return null
      const redirect = await world.entra.signIn(line.slice('open '.length), {
        as: settings.username,
      })
      return redirect.searchParams.get('code')
    },
  )
  // MSAL goes on without some documents, so a missing one would not be noticed.
  expect(microsoft.requests.filter(({ status }) => status === 404)).toEqual([])
  return JSON.parse(output.split('\n').at(-1) ?? '')
}

const scopes = ['https://outlook.office365.com/.default']
const authority = `${AUTHORITY}/${tenants.contoso.id}`

describe('MSAL for Node', () => {
  it.each([
    ['alice@contoso.test', tenants.contoso.id],
    ['grace@outlook.test', tenants.personal.id],
  ])('signs %s in, uses the cached token, and refreshes it', async (username, tenantId) => {
    const [first, cached, refreshed] = await run('sign-in-and-refresh', { username })

    expect(first).toMatchObject({ username, tenantId, tokenType: 'Bearer', fromCache: false })
    expect(first.homeAccountId).toBe(`${first.oid}.${tenantId}`)
    expect(cached).toMatchObject({ fromCache: true, accessToken: first.accessToken })
    expect(refreshed).toMatchObject({ username, fromCache: false, scopes: first.scopes })
    expect(refreshed.accessToken).not.toBe(first.accessToken)
    expect(microsoft.world.entra.checkToken(refreshed.accessToken)).toMatchObject({
      audience: MAIL,
    })
  })

  it('signs in with scopes of Outlook and Graph, and gets a token for the first', async () => {
    const both = [`${MAIL}/IMAP.AccessAsUser.All`, 'https://graph.microsoft.com/Mail.Send']
    const result = await run('sign-in', { scopes: both, tokenScopes: both.slice(0, 1) })

    expect(microsoft.world.entra.checkToken(result[0].accessToken)).toMatchObject({
      audience: MAIL,
    })
  })

  it('gets an app-only token with a secret', async () => {
    const [{ accessToken }] = await run('client-credentials', {
      scopes,
      auth: { authority, clientSecret: secrets.current },
    })

    expect(microsoft.world.entra.checkToken(accessToken)).toMatchObject({ person: null })
  })

  it('gets an app-only token with a certificate', async () => {
    const { world } = microsoft
    const { key, cert } = await issue({ names: ['mailgrant'], rsaBits: 2048 })
    world.entra.control.uploadCertificate(cert)
    const der = new X509Certificate(cert).raw
    const clientCertificate = {
      thumbprintSha256: createHash('sha256').update(der).digest('hex'),
      privateKey: key,
    }
    const [{ accessToken }] = await run('client-credentials', {
      scopes,
      auth: { authority, clientCertificate },
    })

    expect(world.entra.checkToken(accessToken)).toMatchObject({ person: null })
  })

  it('gets an app-only token with an assertion of a federated credential', async () => {
    const { world } = microsoft
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
    const issuer = await serveHttp((request) => {
      const { origin, pathname } = new URL(request.url)
      return Response.json(
        pathname === '/keys' ? { keys: [jwk] } : { issuer: origin, jwks_uri: `${origin}/keys` },
      )
    })
    onTestFinished(issuer.stop)
    const audience = 'api://AzureADTokenExchange'
    const credential = { issuer: issuer.url, subject: 'mailgrant:dp_1', audience }
    world.entra.control.addFederatedCredential(credential)
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(credential.issuer)
      .setSubject(credential.subject)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime('5m')
      .sign(privateKey)
    const [{ accessToken }] = await run('client-credentials', {
      scopes,
      auth: { authority },
      assertion,
    })

    expect(world.entra.checkToken(accessToken)).toMatchObject({ person: null })
  })

  it('takes a wrong secret for an error of the client', async () => {
    const auth = { authority, clientSecret: 'wrong' }

    expect(await run('client-credentials', { scopes, auth })).toMatchObject({
      name: 'ServerError',
      errorCode: 'invalid_client',
      errorNo: 7000215,
    })
  })

  it('takes a refresh that requires MFA for one that needs the user, with the claims to ask for', async () => {
    expect(await run('sign-in-and-refresh', { username: 'erin@contoso.test' })).toMatchObject({
      name: 'InteractionRequiredAuthError',
      errorNo: 50076,
      claims: expect.stringContaining('capolids'),
    })
  })

  it('takes a refresh token that has expired through inactivity for an invalid grant', async () => {
    expect(await run('sign-in-and-refresh', { username: 'frank@contoso.test' })).toMatchObject({
      errorCode: 'invalid_grant',
      errorNo: 700082,
    })
  })
})
