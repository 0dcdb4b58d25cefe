import { expect, it } from 'vitest'
import { clientSecretPost } from '../../../api/entra/client-auth.ts'

it('adds client id and secret to the body, with form encoding as the only change', async () => {
  const body = new URLSearchParams({ grant_type: 'refresh_token' })
  await clientSecretPost('the-client', ' a~b+c&d=e% ')(
    body,
    'https://login.example/token',
    new Date(),
  )
  expect(body.toString()).toBe(
    'grant_type=refresh_token&client_id=the-client&client_secret=+a%7Eb%2Bc%26d%3De%25+',
  )
})
