/** The token endpoint over HTTP, used by the OAuth clients of nodemailer and openid-client as programs ship them. */
import XOAuth2 from 'nodemailer/lib/xoauth2'
import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  clientCredentialsGrant,
  customFetch,
  discovery,
  None,
  refreshTokenGrant,
} from 'openid-client'
import { describe, expect, it } from 'vitest'
import { sendRaw } from './raw-connection.ts'
import { startWithAccount } from './server-with-account.ts'

describe('nodemailer', () => {
  const clientOf = (url: string, id: string, key: string) =>
    new XOAuth2({
      user: 'support@contoso.test',
      clientId: id,
      clientSecret: 'unused',
      refreshToken: key,
      accessUrl: `${url}/oauth/token`,
    })

  const tokenOf = (client: XOAuth2) =>
    new Promise<string>((resolve, reject) => {
      client.getToken(true, (error, token) => (error ? reject(error) : resolve(token)))
    })

  it('fetches its access token with an API key as its refresh token', async () => {
    const { server, id, key } = await startWithAccount()
    expect(await tokenOf(clientOf(server.url, id, key))).toMatch(/^eyJ/)
    expect(server.lines.join()).not.toContain(key)
  })

  it('shows what to do when it is refused', async () => {
    const { server, id, key, call } = await startWithAccount()
    await expect(tokenOf(clientOf(server.url, id, `${key}x`))).rejects.toThrow(
      'invalid_grant: The API key is unknown, expired or revoked. Use a valid one.',
    )
    await call('POST', '/v1/integrations/microsoft/deactivate')
    await expect(tokenOf(clientOf(server.url, id, key))).rejects.toThrow(
      /^interaction_required: .*\(integration_inactive\)/,
    )
  })
})

describe('openid-client', () => {
  const issuer = 'https://mail.example.com'

  /**
   * Discovers the endpoint from the issuer. Requests to the issuer reach the server as if a TLS proxy forwarded
   * them.
   */
  const discover = (url: string, id: string, auth: ClientAuth, algorithm: 'oidc' | 'oauth2') =>
    discovery(new URL(issuer), id, undefined, auth, {
      algorithm,
      [customFetch]: (target, { body, ...init }) =>
        fetch(target.replace(issuer, url), { ...init, body: body?.toString() ?? null }),
    })

  const documents = ['oidc', 'oauth2'] as const
  const authentications = { form: ClientSecretPost, Basic: ClientSecretBasic }
  const ways = documents.flatMap((document) =>
    (['form', 'Basic'] as const).map((place) => ({ document, place })),
  )

  it.each(ways)(
    'finds the endpoint by its $document document and sends its secret by $place',
    async ({ document, place }) => {
      const { server, id, key } = await startWithAccount()
      const withSecret = (secret: string) =>
        discover(server.url, id, authentications[place](secret), document)
      const byCredentials = await clientCredentialsGrant(await withSecret(key))
      const byRefresh = await refreshTokenGrant(await withSecret('unused'), key)
      for (const token of [byCredentials, byRefresh]) {
        expect(token.access_token).toMatch(/^eyJ/)
        expect(token.expiresIn()).toBeGreaterThan(3000)
        expect(token.scope).toBe('https://outlook.office365.com/.default')
        expect(token.refresh_token).toBeUndefined()
      }
      expect(server.lines.join()).not.toContain(key)
    },
  )

  it('works as a public client', async () => {
    const { server, id, key } = await startWithAccount()
    const config = await discover(server.url, id, None(), 'oauth2')
    expect((await refreshTokenGrant(config, key)).access_token).toMatch(/^eyJ/)
  })
})

it('responds under a host name that PUBLIC_URL does not name', async () => {
  const { server, id, key } = await startWithAccount()
  const form = `grant_type=client_credentials&client_id=${id}&client_secret=${key}`
  const response = await sendRaw(
    server.port,
    [
      'POST /oauth/token HTTP/1.1',
      'Host: mailgrant.lan',
      'Connection: close',
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${form.length}`,
      '',
      form,
    ].join('\r\n'),
  )
  expect(response).toMatch(/^HTTP\/1\.1 200 /)
})
