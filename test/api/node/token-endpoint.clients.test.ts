/** The token endpoint over HTTP, used by the OAuth client of nodemailer as programs ship it. */
import XOAuth2 from 'nodemailer/lib/xoauth2'
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
    await using _ = server
    expect(await tokenOf(clientOf(server.url, id, key))).toMatch(/^eyJ/)
    expect(server.lines.join()).not.toContain(key)
  })

  it('shows what to do when it is refused', async () => {
    const { server, id, key, call } = await startWithAccount()
    await using _ = server
    await expect(tokenOf(clientOf(server.url, id, `${key}x`))).rejects.toThrow(
      'invalid_grant: The API key is unknown, expired or was revoked. Use a valid one.',
    )
    await call('POST', '/v1/integrations/microsoft/deactivate')
    await expect(tokenOf(clientOf(server.url, id, key))).rejects.toThrow(
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
