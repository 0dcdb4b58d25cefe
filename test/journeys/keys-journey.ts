/** A mail worker's own key: good for the token of one account, and for nothing once it is revoked. */
import type { Admin } from './admin.ts'
import { type Api, createApi } from './api.ts'
import { check } from './steps.ts'

const HOUR = 3_600_000

/** `accountOf` is asked when the step runs: before, the account is not saved. */
export function keysJourney(api: Api, admin: Admin, accountOf: () => string) {
  let id = ''
  let worker: Api

  return [
    [
      'Make an API key for the tokens of one mail account',
      async () => {
        const made = await api.expect(201, 'POST', '/v1/api-keys', {
          name: 'Smoke test, mail worker',
          scopes: ['tokens'],
          mail_accounts: [accountOf()],
          // So that nothing stays open behind a journey that ends half-way.
          expires_at: new Date(Date.now() + HOUR).toISOString(),
        })
        id = String(made.id)
        const key = String(made.key)
        check(key.startsWith(`mg_${id}_`), 'the key does not begin with mg_ and its id')
        worker = createApi(api.origin, key, api.hear)
        const read = await api.expect(200, 'GET', `/v1/api-keys/${id}`)
        check(read.status === 'active', `the key is ${read.status}`)
        check(!JSON.stringify(read).includes(key.slice(-43)), 'the secret is shown a second time')
        return `${id}, scope tokens, shown once`
      },
    ],
    [
      'It is handed the token of its account, and sees nothing else',
      async () => {
        const ofThis = `/v1/mail-accounts/${accountOf()}/access-token`
        const { mailbox } = await worker.expect(200, 'POST', ofThis, {})
        const other = admin.made.find((each) => each !== accountOf())
        await worker.expect(404, 'POST', `/v1/mail-accounts/${other}/access-token`, {})
        const { code } = await worker.expect(403, 'GET', '/v1/mail-accounts')
        check(code === 'insufficient_scope', `the code is ${code}`)
        return `a token for ${mailbox}; another account 404, the list 403 ${code}`
      },
    ],
    [
      'Revoked, it opens nothing any more, at once',
      async () => {
        await api.expect(204, 'DELETE', `/v1/api-keys/${id}`)
        const path = `/v1/mail-accounts/${accountOf()}/access-token`
        const { code } = await worker.expect(401, 'POST', path, {})
        const { status } = await api.expect(200, 'GET', `/v1/api-keys/${id}`)
        check(status === 'revoked', `the key is ${status}`)
        return `401 ${code}`
      },
    ],
  ] as const
}
