/** An API key of a mail worker: limited to the tokens of one account, and useless once revoked. */
import type { Admin } from './admin.ts'
import { type Api, createApi } from './api.ts'
import { check } from './steps.ts'
import { createTokenClient } from './token-client.ts'

const HOUR_MS = 3_600_000

/** `accountOf` is called when a step runs, since the account is saved by an earlier step. */
export function keysJourney(api: Api, admin: Admin, accountOf: () => string) {
  let id = ''
  let worker: Api
  let client: ReturnType<typeof createTokenClient>

  return [
    [
      'Create an API key for the tokens of one mail account',
      async () => {
        const created = await api.expect(201, 'POST', '/v1/api-keys', {
          name: 'Smoke test, mail worker',
          scopes: ['tokens'],
          mail_accounts: [accountOf()],
          // The key must not outlive a journey that fails half-way.
          expires_at: new Date(Date.now() + HOUR_MS).toISOString(),
        })
        id = String(created.id)
        const key = String(created.key)
        check(key.startsWith(`mg_${id}_`), 'the key does not start with mg_ and its ID')
        worker = createApi(api.origin, key, api.onResponse)
        client = createTokenClient(api, key)
        const read = await api.expect(200, 'GET', `/v1/api-keys/${id}`)
        check(read.status === 'active', `the key is ${read.status}`)
        check(!JSON.stringify(read).includes(key.slice(-43)), 'the key is shown a second time')
        return `${id}, scope tokens, shown once`
      },
    ],
    [
      'The key fetches the token of its account and can access nothing else',
      async () => {
        const ownPath = `/v1/mail-accounts/${accountOf()}/access-token`
        const { mailbox } = await worker.expect(200, 'POST', ownPath, {})
        const other = admin.savedAccounts.find((saved) => saved !== accountOf())
        await worker.expect(404, 'POST', `/v1/mail-accounts/${other}/access-token`, {})
        const { code } = await worker.expect(403, 'GET', '/v1/mail-accounts')
        check(code === 'insufficient_scope', `the code is ${code}`)
        return `a token for ${mailbox}; another account 404, the list 403 ${code}`
      },
    ],
    [
      'An OAuth client fetches the token with the key as its refresh token',
      async () => {
        const endpoint = await client.discover()
        const { status, body } = await client.refresh(accountOf())
        check(status === 200, `${endpoint} returned ${status}: ${body.error_description}`)
        check(body.token_type === 'Bearer', `the token type is ${body.token_type}`)
        return `${endpoint}: a token for ${body.expires_in} s`
      },
    ],
    [
      'The key gets another account, and the program keeps it',
      async () => {
        const path = `/v1/api-keys/${id}`
        const [added = ''] = admin.savedAccounts.filter((saved) => saved !== accountOf())
        const { body, headers } = await api.call('GET', path)
        const change = { ...body, mail_accounts: [accountOf(), added] }
        await api.expect(200, 'PUT', path, change, { 'if-match': headers.get('etag') ?? '' })
        await worker.expect(200, 'POST', `/v1/mail-accounts/${added}/access-token`, {})
        return 'its next request gets a token for both'
      },
    ],
    [
      'A revoked key stops working at once',
      async () => {
        await api.expect(204, 'DELETE', `/v1/api-keys/${id}`)
        const path = `/v1/mail-accounts/${accountOf()}/access-token`
        const { code } = await worker.expect(401, 'POST', path, {})
        const { status } = await api.expect(200, 'GET', `/v1/api-keys/${id}`)
        check(status === 'revoked', `the key is ${status}`)
        const { body } = await client.refresh(accountOf())
        check(body.error === 'invalid_grant', `an OAuth client is returned ${body.error}`)
        return `401 ${code}, and ${body.error} to an OAuth client`
      },
    ],
  ] as const
}
