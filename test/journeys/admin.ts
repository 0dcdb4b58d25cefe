/**
 * An admin and a mail worker as callers of the API: steps that all journeys share. `savedAccounts` are
 * the accounts to delete at the end, `facts` describes the running sandbox.
 */
import { randomBytes } from 'node:crypto'
import { type Schemas, unwrap } from '../examples/client.ts'
import type { SandboxFacts } from '../sandbox/facts.ts'
import type { Api } from './api.ts'
import { type createSandboxClient, type SignInOptions, signIn } from './sandbox-client.ts'
import { check, fail, waitUntil } from './steps.ts'

export type Sandbox = ReturnType<typeof createSandboxClient>
type Form = Schemas['MailAccountInput']
type SignIn = Omit<Schemas['AuthorizationInput'], 'provider'>

export const ALICE = 'alice@contoso.test'
export const SHARED = 'support@contoso.test'
export const HEIDI = 'heidi@contoso.test'
export const HEIDI_SIGNS_IN_AS = 'heidi.h@contoso.test'

export type Admin = ReturnType<typeof createAdmin>

export function createAdmin(api: Api, sandbox: Sandbox) {
  const runId = randomBytes(4).toString('hex')
  const savedAccounts: string[] = []
  const { client } = api
  let facts: SandboxFacts

  const settings = (secret: string, clientId = facts.client_id) => ({
    client_id: clientId,
    credential: { type: 'client_secret', client_secret: secret },
    home_tenant: facts.home_tenant,
  })

  const account = (
    protocol: Schemas['Protocol'],
    grantId: string,
    more: Partial<Form> = {},
  ): Form => {
    // The server of an account at Graph follows from its cloud.
    const servers = protocol === 'graph_send' ? [null] : facts.mail[protocol]
    const [server = fail(`the sandbox has no ${protocol} server`)] = servers
    return {
      owner:
        protocol === 'imap' ? { type: 'department', id: `smoke-${runId}` } : { type: 'global' },
      protocol,
      ...server,
      username: ALICE,
      authentication: { type: 'oauth', provider: 'microsoft', grant_id: grantId },
      ...more,
    }
  }

  const authorize = (body: SignIn) =>
    unwrap(client.POST('/v1/authorizations', { body: { provider: 'microsoft', ...body } }))

  /** Starts an authorization, signs in, and reads the outcome. */
  async function getAccessToken(body: SignIn, as: string, options: SignInOptions = {}) {
    const { id, url, status_url: statusUrl } = await authorize(body)
    const end = await signIn(url, as, api, options)
    const status = await fetch(statusUrl)
    const progress = (await status.json()) as { status: string }
    const params = { path: { id } }
    const state = await unwrap(client.GET('/v1/authorizations/{id}', { params }))
    check(progress.status === state.status, 'the status URL and the API disagree')
    return { ...end, state, id, statusUrl }
  }

  function grantOf(authorization: Schemas['Authorization']): Schemas['Grant'] {
    if (authorization.status === 'completed' && authorization.grant) return authorization.grant
    const { problem } = { problem: null, ...authorization }
    return fail(`the authorization is ${authorization.status}: ${problem?.detail ?? ''}`)
  }

  async function validate(body: Form) {
    const result = await unwrap(client.POST('/v1/validations', { body }))
    const { steps } = result
    const last = steps.find(
      ({ outcome, detail }) => outcome !== 'passed' && (outcome !== 'skipped' || detail !== null),
    )
    check(
      result.outcome === 'passed',
      `${result.outcome} at ${last?.name}: ${last?.detail ?? 'no reason given'}`,
    )
    return `passed in ${result.duration_ms} ms (${steps.map(({ name }) => name).join(', ')})`
  }

  async function save(body: Form): Promise<string> {
    const { id } = await unwrap(client.POST('/v1/mail-accounts', { body }))
    savedAccounts.push(id)
    return id
  }

  /** Saves an IMAP account whose token expires in a few seconds; `expired` waits until it has. */
  async function saveShortLived(username: string) {
    await sandbox.control({ token_lifetime: 4 })
    const { state } = await getAccessToken({ username }, username)
    await sandbox.control({ token_lifetime: null })
    const { id: grant, access_token_expires_at } = grantOf(state)
    const id = await save(account('imap', grant, { username }))
    const expiry = Date.parse(access_token_expires_at ?? '')
    return { id, grant, expired: () => waitUntil(expiry) }
  }

  const issueToken = (id: string, body: Schemas['AccessTokenInput'] = {}) =>
    unwrap(client.POST('/v1/mail-accounts/{id}/access-token', { params: { path: { id } }, body }))

  return {
    savedAccounts,
    settings,
    account,
    getAccessToken,
    grantOf,
    grantIdOf: (authorization: Schemas['Authorization']) => grantOf(authorization).id,
    validate,
    save,
    saveShortLived,
    issueToken,
    facts: () => facts,
    /** Loads the facts of the sandbox and removes leftover faults and token lifetimes. */
    async prepareSandbox(): Promise<void> {
      facts = await sandbox.facts()
      await sandbox.control({ token_lifetime: null, clear_faults: true })
    },
  }
}
