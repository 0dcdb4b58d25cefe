/**
 * App-only access: the app itself opens the mailbox, without a sign-in. Each missing permission in
 * Exchange is diagnosed first.
 */
import { type Admin, type Sandbox, SHARED } from './admin.ts'
import { type Api, createApi } from './api.ts'
import { expectFirstCause } from './first-cause.ts'
import { logInOverImap } from './imap-login.ts'
import { check, fail } from './steps.ts'

const HOUR_MS = 3_600_000
const TENANT = 'contoso.test'
const authentication = {
  type: 'oauth',
  provider: 'microsoft',
  flow: 'app_only',
  tenant: TENANT,
} as const
/** A mailbox without a permission for the app. */
const WITHOUT_PERMISSION = 'carol@contoso.test'

export function appOnlyJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  const account = (protocol: 'imap' | 'smtp', username = SHARED) =>
    admin.account(protocol, '', { username, authentication })

  async function validate(username: string): Promise<Record<string, unknown>> {
    return api.expect(201, 'POST', '/v1/validations', account('imap', username))
  }

  let saved = ''

  /** Fetches the token with a new limited key; returns its mailbox or the code of the refusal. */
  async function tokenWithKey(input: object): Promise<unknown> {
    const key = await api.expect(201, 'POST', '/v1/api-keys', {
      name: 'Smoke test, app-only worker',
      scopes: ['tokens'],
      mail_accounts: [saved],
      expires_at: new Date(Date.now() + HOUR_MS).toISOString(),
      ...input,
    })
    const worker = createApi(api.origin, String(key.key), api.onResponse)
    const { body } = await worker.call('POST', `/v1/mail-accounts/${saved}/access-token`, {})
    await api.expect(204, 'DELETE', `/v1/api-keys/${key.id}`)
    return body.mailbox ?? body.code
  }

  return [
    [
      'App-only: "common" is refused as the organisation',
      async () => {
        const body = { ...account('imap'), authentication: { ...authentication, tenant: 'common' } }
        const { errors } = await api.expect(422, 'POST', '/v1/mail-accounts', body)
        const [first] = errors as { pointer: string; message: string }[]
        check(first?.pointer === '/authentication/tenant', `the error points at ${first?.pointer}`)
        return first.message
      },
    ],
    [
      'App-only: a missing service principal and a missing mailbox permission have different diagnoses',
      async () => {
        await sandbox.control({ exchange: { tenant: TENANT, registered: false } })
        const unregistered = expectFirstCause(
          await validate(SHARED),
          'sp-not-registered-in-exchange',
        )
        await sandbox.control({ exchange: { tenant: TENANT, registered: true } })
        const noPermission = expectFirstCause(
          await validate(WITHOUT_PERMISSION),
          'sp-mailbox-permission-missing',
        )
        return `${unregistered}; ${noPermission}`
      },
    ],
    [
      'App-only: IMAP and SMTP work for the shared mailbox without a sign-in',
      async () => {
        await sandbox.control({ reset_counts: true })
        await admin.validate(account('imap'))
        await admin.validate(account('smtp'))
        const imap = await admin.save(account('imap'))
        const smtp = await admin.save(account('smtp'))
        const { health, grant } = await api.expect(200, 'GET', `/v1/mail-accounts/${imap}`)
        check(health === 'ok' && grant === null, `health ${health}, grant ${grant}`)
        const token = await admin.issueToken(smtp)
        check(token.username === SHARED, `SMTP would log in as ${token.username}`)
        const login = await logInOverImap(await admin.issueToken(imap), admin.facts().ca)
        const { counts } = await sandbox.control({})
        const requests = counts.token.client_credentials
        check(requests <= 1, `${requests} token requests to Entra`)
        check(counts.authorize === 0, 'a sign-in was started')
        saved = imap
        return `${login} as ${SHARED}, with a single token for everything`
      },
    ],
    [
      'App-only: three accounts in one request, of which one is wrong, and the same once more',
      async () => {
        const right = account('imap')
        const items = [right, { ...right, username: 'no address' }, account('smtp')]
        const save = async () => {
          const { data, error } = await api.client.POST('/v1/mail-accounts/bulk', {
            params: { header: { 'idempotency-key': `smoke ${saved}` } },
            body: { items },
          })
          if (!data) return fail(`the request is refused: ${error?.detail}`)
          return data
        }
        const { created, failed, results } = await save()
        check(created === 2 && failed === 1, `${created} created, ${failed} failed`)
        const [, wrong] = results
        const pointer = wrong?.status === 'failed' && wrong.problem.errors?.[0]?.pointer
        check(pointer === '/username', `the error points at ${pointer}`)
        const again = await save()
        check(JSON.stringify(again.results) === JSON.stringify(results), 'the repetition differs')
        for (const result of results) {
          if (result.status !== 'created') continue
          await api.expect(204, 'DELETE', `/v1/mail-accounts/${result.mail_account.id}`)
        }
        return `2 created, 1 refused at ${pointer}; the repetition created none`
      },
    ],
    [
      'App-only: a key limited to the account gets the token only with the right by name',
      async () => {
        const code = await tokenWithKey({})
        check(code === 'app_only_not_allowed', `without the right the response is ${code}`)
        const mailbox = await tokenWithKey({ app_only: true })
        check(mailbox === SHARED, `with the right the response is ${mailbox}`)
        return `without it 403 ${code}; with it a token for ${mailbox}`
      },
    ],
  ] as const
}
