/**
 * An admin and a mail worker at the API: what both journeys do again and again. `made` are the
 * accounts to delete in the end, `facts` is what the sandbox says of itself.
 */
import { randomBytes } from 'node:crypto'
import type { SandboxFacts } from '../sandbox/facts.ts'
import type { Api } from './api.ts'
import { type createSandboxClient, signIn } from './sandbox-client.ts'
import { check, fail, until } from './steps.ts'

export type Sandbox = ReturnType<typeof createSandboxClient>
type Account = Record<string, unknown> & { protocol: 'imap' | 'smtp'; username: string }

export const ALICE = 'alice@contoso.test'
export const SHARED = 'support@contoso.test'
export const HEIDI = 'heidi@contoso.test'
export const HEIDI_SIGNS_IN_AS = 'heidi.h@contoso.test'

export type Admin = ReturnType<typeof createAdmin>

export function createAdmin(api: Api, sandbox: Sandbox) {
  const run = randomBytes(4).toString('hex')
  const made: string[] = []
  let facts: SandboxFacts

  const settings = (secret: string, clientId = facts.client_id) => ({
    client_id: clientId,
    credential: { type: 'client_secret', client_secret: secret },
    home_tenant: facts.home_tenant,
  })

  const account = (protocol: 'imap' | 'smtp', grantId: string, more: object = {}): Account => {
    const server = facts.mail[protocol][0] ?? fail(`the sandbox has no ${protocol} server`)
    return {
      owner: protocol === 'imap' ? { type: 'department', id: `smoke-${run}` } : { type: 'global' },
      protocol,
      ...server,
      username: ALICE,
      authentication: { type: 'oauth', provider: 'microsoft', grant_id: grantId },
      ...more,
    }
  }

  const authorize = (body: object) =>
    api.expect(201, 'POST', '/v1/authorizations', { provider: 'microsoft', ...body })

  /** Starts an authorization, signs in, and reads how it ended. */
  async function getAccessToken(body: object, as: string, how: { goesBack?: boolean } = {}) {
    const started = await authorize(body)
    const end = await signIn(String(started.url), as, api, how)
    const status = await fetch(String(started.status_url))
    const progress = (await status.json()) as { status: string }
    const state = await api.expect(200, 'GET', `/v1/authorizations/${started.id}`)
    check(progress.status === state.status, 'the status URL and the API tell different things')
    return { ...end, state, id: String(started.id), statusUrl: String(started.status_url) }
  }

  const grantOf = (state: Record<string, unknown>) =>
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
      `${result.outcome} at ${last?.name}: ${last?.detail ?? 'no reason was given'}`,
    )
    return `passed in ${result.duration_ms} ms (${steps.map(({ name }) => name).join(', ')})`
  }

  async function save(body: Account): Promise<string> {
    const { id } = await api.expect(201, 'POST', '/v1/mail-accounts', body)
    made.push(String(id))
    return String(id)
  }

  /** A saved IMAP account whose token has a few seconds to live; `ended` waits for its end. */
  async function saveShortLived(who: string) {
    await sandbox.control({ token_lifetime: 4 })
    const { state } = await getAccessToken({ username: who }, who)
    await sandbox.control({ token_lifetime: null })
    const grant = grantOf(state)
    const id = await save(account('imap', grant, { username: who }))
    const { access_token_expires_at } = state.grant as Record<string, string>
    const end = Date.parse(access_token_expires_at ?? '')
    return { id, grant, ended: () => until(end) }
  }

  const handOut = (id: string, body: object = {}) =>
    api.expect(200, 'POST', `/v1/mail-accounts/${id}/access-token`, body)

  return {
    made,
    settings,
    account,
    getAccessToken,
    grantOf,
    validate,
    save,
    saveShortLived,
    handOut,
    facts: () => facts,
    /** Reads what the sandbox says of itself, and puts its clock and weather right. */
    async meetSandbox(): Promise<void> {
      facts = await sandbox.facts()
      await sandbox.control({ token_lifetime: null, clear_faults: true })
    },
  }
}
