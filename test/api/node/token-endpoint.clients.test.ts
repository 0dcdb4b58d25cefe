/** The token endpoint over HTTP, used by the OAuth client of nodemailer as programs ship it. */
import XOAuth2 from 'nodemailer/lib/xoauth2'
import { describe, expect, it } from 'vitest'
import { app, secrets } from '../../sandbox/cast.ts'
import { createEntra } from '../../sandbox/entra/entra.ts'
import { ROOT_KEY, startInProcess } from './in-process-server.ts'
import { sendRaw } from './raw-connection.ts'

type Created = { id: string; key: string }

async function startWithAccount() {
  const { fetch } = createEntra()
  const server = await startInProcess({
    outside: { fetch: (input, init) => fetch(new Request(input, init)) },
  })
  async function call(method: string, path: string, body?: object): Promise<Created> {
    const response = await globalThis.fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${ROOT_KEY}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    expect(response.status).toBeLessThan(300)
    return response.json() as Promise<Created>
  }
  await call('POST', '/v1/integrations/microsoft/activate')
  await call('PUT', '/v1/integrations/microsoft/settings', {
    client_id: app.clientId,
    credential: { type: 'client_secret', client_secret: secrets.current },
  })
  const { id } = await call('POST', '/v1/mail-accounts', {
    owner: { type: 'department', id: 'dep_1' },
    protocol: 'imap',
    username: 'support@contoso.test',
    authentication: {
      type: 'oauth',
      provider: 'microsoft',
      flow: 'app_only',
      tenant: 'contoso.test',
    },
  })
  const { key } = await call('POST', '/v1/api-keys', { name: 'Mailer', scopes: ['tokens'] })
  return { server, id, key, accessUrl: `${server.url}/oauth/token`, call }
}

describe('nodemailer', () => {
  const clientOf = (accessUrl: string, id: string, key: string) =>
    new XOAuth2({
      user: 'support@contoso.test',
      clientId: id,
      clientSecret: 'unused',
      refreshToken: key,
      accessUrl,
    })

  const tokenOf = (client: XOAuth2) =>
    new Promise<string>((resolve, reject) => {
      client.getToken(true, (error, token) => (error ? reject(error) : resolve(token)))
    })

  it('fetches its access token with an API key as its refresh token', async () => {
    const { server, id, key, accessUrl } = await startWithAccount()
    await using _ = server
    expect(await tokenOf(clientOf(accessUrl, id, key))).toMatch(/^eyJ/)
    expect(server.lines.join()).not.toContain(key)
  })

  it('shows what to do when it is refused', async () => {
    const { server, id, key, accessUrl, call } = await startWithAccount()
    await using _ = server
    await expect(tokenOf(clientOf(accessUrl, id, `${key}x`))).rejects.toThrow(
      'invalid_grant: The API key is unknown, expired or was revoked. Use a valid one.',
    )
    await call('POST', '/v1/integrations/microsoft/deactivate')
    await expect(tokenOf(clientOf(accessUrl, id, key))).rejects.toThrow(
      /^interaction_required: .*\(integration_inactive\)/,
    )
  })
})

it('answers under a host name that PUBLIC_URL does not name', async () => {
  const { server, id, key } = await startWithAccount()
  await using _ = server
  const form = `grant_type=client_credentials&client_id=${id}&client_secret=${key}`
  const answer = await sendRaw(
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
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
})
