/**
 * An admin and a mail worker as callers of the API: steps that all journeys share. `savedAccounts` are
 * the accounts to delete at the end, `facts` describes the running sandbox.
 */
import { randomBytes } from 'node:crypto'
import type { SandboxFacts } from '../sandbox/facts.ts'
import type { Api } from './api.ts'
import { type createSandboxClient, signIn } from './sandbox-client.ts'
import { check, fail, waitUntil } from './steps.ts'

export type Sandbox = ReturnType<typeof createSandboxClient>
type Account = Record<string, unknown> & { protocol: 'imap' | 'smtp'; username: string }

export const ALICE = 'alice@contoso.test'
export const SHARED = 'support@contoso.test'
export const HEIDI = 'heidi@contoso.test'
export const HEIDI_SIGNS_IN_AS = 'heidi.h@contoso.test'

export type Admin = ReturnType<typeof createAdmin>

export function createAdmin(api: Api, sandbox: Sandbox) {
  const runId = randomBytes(4).toString('hex')
  const savedAccounts: string[] = []
  let facts: SandboxFacts

  const settings = (secret: string, clientId = facts.client_id) => ({
    client_id: clientId,
    credential: { type: 'client_secret', client_secret: secret },
    home_tenant: facts.home_tenant,
  })

  const account = (protocol: 'imap' | 'smtp', grantId: string, more: object = {}): Account => {
    const server = facts.mail[protocol][0] ?? fail(`the sandbox has no ${protocol} server`)
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

  const authorize = (body: object) =>
    api.expect(201, 'POST', '/v1/authorizations', { provider: 'microsoft', ...body })

  /** Starts an authorization, signs in, and reads the outcome. */
  async function getAccessToken(
    body: object,
    as: string,
    options: { returnWithoutConsent?: boolean } = {},
  ) {
    const started = await authorize(body)
    const end = await signIn(String(started.url), as, api, options)
    const status = await fetch(String(started.status_url))
    const progress = (await status.json()) as { status: string }
    const state = await api.expect(200, 'GET', `/v1/authorizations/${started.id}`)
    check(progress.status === state.status, 'the status URL and the API disagree')
    return { ...end, state, id: String(started.id), statusUrl: String(started.status_url) }
  }

  const grantIdOf = (state: Record<string, unknown>) =>
    (state.grant as { id: string } | undefined)?.id ??
    fail(`the authorization is ${state.status}: ${JSON.stringify(state.problem ?? {})}`)

  async function validate(body: Account) {
    const result = await api.expect(201, 'POST', '/v1/validations', body)
    const steps = result.steps as { name: string; outcome: string; detail: string | null }[]
    const last = steps.find(
      ({ outcome, detail }) => outcome !== 'passed' && (outcome !== 'skipped' || detail !== null),
    )
    check(
      result.outcome === 'passed',
      `${result.outcome} at ${last?.name}: ${last?.detail ?? 'no reason given'}`,
    )
    return `passed in ${result.duration_ms} ms (${steps.map(({ name }) => name).join(', ')})`
  }

  async function save(body: Account): Promise<string> {
    const { id } = await api.expect(201, 'POST', '/v1/mail-accounts', body)
    savedAccounts.push(String(id))
    return String(id)
  }

  /** Saves an IMAP account whose token expires in a few seconds; `expired` waits until it has. */
  async function saveShortLived(username: string) {
    await sandbox.control({ token_lifetime: 4 })
    const { state } = await getAccessToken({ username }, username)
    await sandbox.control({ token_lifetime: null })
    const grant = grantIdOf(state)
    const id = await save(account('imap', grant, { username }))
    const { access_token_expires_at } = state.grant as Record<string, string>
    const expiry = Date.parse(access_token_expires_at ?? '')
    return { id, grant, expired: () => waitUntil(expiry) }
  }

  const handOut = (id: string, body: object = {}) =>
    api.expect(200, 'POST', `/v1/mail-accounts/${id}/access-token`, body)

  return {
    savedAccounts,
    settings,
    account,
    getAccessToken,
    grantIdOf,
    validate,
    save,
    saveShortLived,
    handOut,
    facts: () => facts,
    /** Loads the facts of the sandbox and removes leftover faults and token lifetimes. */
    async prepareSandbox(): Promise<void> {
      facts = await sandbox.facts()
      await sandbox.control({ token_lifetime: null, clear_faults: true })
    },
  }
}
