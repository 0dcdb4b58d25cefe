/**
 * The main job of an admin and of a mail worker, against the demo: from an inactive integration to
 * mailboxes that work, and the ways in which it must say no.
 */
import { randomBytes } from 'node:crypto'
import type { SandboxFacts } from '../sandbox/facts.ts'
import type { Api } from './api.ts'
import { logInOverImap } from './imap-login.ts'
import { type createSandboxClient, signIn } from './sandbox-client.ts'
import { check, fail } from './steps.ts'

type Sandbox = ReturnType<typeof createSandboxClient>
type Account = Record<string, unknown> & { protocol: 'imap' | 'smtp'; username: string }

const ALICE = 'alice@contoso.test'
const SHARED = 'support@contoso.test'
const HEIDI = 'heidi@contoso.test'

export function mainJourney(api: Api, sandbox: Sandbox) {
  const run = randomBytes(4).toString('hex')
  const made: string[] = []
  let facts: SandboxFacts
  let grant = ''
  let imapAccount = ''

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
  async function getAccessToken(body: object, as: string) {
    const started = await authorize(body)
    const end = await signIn(String(started.url), as)
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
    const last = steps.findLast(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped')
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

  const handOut = (id: string, body: object = {}) =>
    api.expect(200, 'POST', `/v1/mail-accounts/${id}/access-token`, body)

  return [
    [
      'Activate the integration',
      async () => {
        facts = await sandbox.facts()
        await sandbox.control({ token_lifetime: null, clear_faults: true })
        const { status } = await api.expect(200, 'POST', '/v1/integrations/microsoft/activate')
        return String(status)
      },
    ],
    [
      'The ID of a secret in place of its value is refused',
      async () => {
        const path = '/v1/integrations/microsoft/settings'
        const answer = await api.expect(422, 'PUT', path, settings(facts.client_secret_id))
        check(answer.code === 'client_secret_is_an_id', `the code is ${answer.code}`)
        return String(answer.detail)
      },
    ],
    [
      'Enter the app registration, and verify it at Entra',
      async () => {
        const path = '/v1/integrations/microsoft/settings'
        const saved = await api.expect(200, 'PUT', path, settings(facts.client_secret))
        check(!JSON.stringify(saved).includes(facts.client_secret), 'the secret came back')
        const verified = await api.expect(200, 'POST', `${path}/verify`, {})
        check(verified.outcome === 'passed', `${verified.outcome}: ${verified.detail}`)
        return String(verified.detail)
      },
    ],
    [
      'Get an access token as alice, through the pages',
      async () => {
        const { state, page } = await getAccessToken({ username: ALICE }, ALICE)
        grant = grantOf(state)
        const { status, signed_in_as } = state.grant as Record<string, string>
        check(status === 'unsaved', `the grant is ${status} before the form was saved`)
        return `signed in as ${signed_in_as}; the last page says "${page.title}"`
      },
    ],
    ['Validate IMAP before saving', () => validate(account('imap', grant))],
    ['Validate SMTP before saving', () => validate(account('smtp', grant))],
    [
      'Save both accounts',
      async () => {
        imapAccount = await save(account('imap', grant))
        await save(account('smtp', grant))
        const read = await api.expect(200, 'GET', `/v1/mail-accounts/${imapAccount}`)
        check(read.health === 'ok', `the health of a validated account is ${read.health}`)
        const { status } = await api.expect(200, 'GET', `/v1/grants/${grant}`)
        check(status === 'active', `the grant is ${status}`)
        return `grant active, health ${read.health}`
      },
    ],
    [
      'Hand out a token, and log in over IMAP with it',
      async () => logInOverImap(await handOut(imapAccount), facts.ca),
    ],
    [
      'A token that runs out is refreshed once, however many ask',
      async () => {
        await sandbox.control({ token_lifetime: 4 })
        const { state } = await getAccessToken({ username: ALICE }, ALICE)
        const id = await save(account('imap', grantOf(state)))
        await sandbox.control({ token_lifetime: null, reset_counts: true })
        await until(
          Date.parse((state.grant as Record<string, string>).access_token_expires_at ?? ''),
        )
        const answers = await Promise.all(Array.from({ length: 50 }, () => handOut(id)))
        const tokens = new Set(answers.map(({ access_token }) => access_token))
        const refreshes = await sandbox.refreshes()
        check(tokens.size === 1, `${tokens.size} different tokens were handed out`)
        check(refreshes === 1, `Entra was asked ${refreshes} times`)
        return '50 answers, one call to Entra'
      },
    ],
    [
      'Reset the access token: the old grant works until another is saved',
      async () => {
        const { state } = await getAccessToken({ username: ALICE }, ALICE)
        const next = grantOf(state)
        await handOut(imapAccount)
        for (const [index, protocol] of (['imap', 'smtp'] as const).entries()) {
          await api.expect(200, 'PUT', `/v1/mail-accounts/${made[index]}`, account(protocol, next))
        }
        await api.expect(404, 'GET', `/v1/grants/${grant}`)
        grant = next
        return 'the old grant went with the last account that used it'
      },
    ],
    [
      'A shared mailbox: its delegate signs in',
      async () => {
        const shared = { username: SHARED, delegate: ALICE }
        const { state } = await getAccessToken(shared, ALICE)
        const id = grantOf(state)
        await validate(account('imap', id, shared))
        await validate(account('smtp', id, shared))
        const smtp = await save(account('smtp', id, shared))
        const token = await handOut(smtp)
        check(
          token.username === ALICE && token.mailbox === SHARED,
          'SMTP must log in as the delegate',
        )
        return `IMAP as ${SHARED}, SMTP as ${token.username}`
      },
    ],
    [
      'Another account signs in, and is discarded',
      async () => {
        const { browser, page, state, id } = await getAccessToken(
          { username: HEIDI },
          'heidi.h@contoso.test',
        )
        check(state.status === 'pending', `it is ${state.status} before a decision`)
        check(
          page.text.includes(HEIDI) && page.text.includes('heidi.h@contoso.test'),
          'the page does not name both accounts',
        )
        await browser.submit(page, { decision: 'discard' })
        const { status, problem } = await api.expect(200, 'GET', `/v1/authorizations/${id}`)
        check(status === 'failed', `after the discard it is ${status}`)
        return String((problem as { code: string }).code)
      },
    ],
    [
      'Another account signs in, and is kept: saving asks for the delegate',
      async () => {
        const { browser, page, id } = await getAccessToken(
          { username: HEIDI },
          'heidi.h@contoso.test',
        )
        await browser.submit(page, { decision: 'keep' })
        const state = await api.expect(200, 'GET', `/v1/authorizations/${id}`)
        const form = account('imap', grantOf(state), { username: HEIDI })
        const refused = await api.expect(409, 'POST', '/v1/mail-accounts', form)
        check(refused.code === 'account_mismatch', `the code is ${refused.code}`)
        await save({ ...form, delegate: 'heidi.h@contoso.test' })
        return String(refused.detail)
      },
    ],
    [
      'A form that is never submitted keeps no token',
      async () => {
        const { state } = await getAccessToken({ username: ALICE }, ALICE)
        const { status, expires_at } = state.grant as Record<string, string>
        const minutes = (Date.parse(expires_at ?? '') - Date.now()) / 60_000
        check(status === 'unsaved' && minutes > 0 && minutes <= 60, `${status}, ${minutes} minutes`)
        await api.expect(200, 'DELETE', `/v1/grants/${grantOf(state)}`)
        return `unsaved, gone within ${Math.ceil(minutes)} minutes, or at once when deleted`
      },
    ],
    [
      'Another client ID is refused while grants depend on this one',
      async () => {
        const other = settings(facts.client_secret, '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11')
        const answer = await api.expect(409, 'PUT', '/v1/integrations/microsoft/settings', other)
        check(answer.code === 'grants_depend', `the code is ${answer.code}`)
        return String(answer.detail)
      },
    ],
    [
      'Deactivate: nothing is handed out, nothing is lost',
      async () => {
        await api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
        const path = `/v1/mail-accounts/${imapAccount}/access-token`
        const { code } = await api.expect(409, 'POST', path, {})
        check(code === 'integration_inactive', `the code is ${code}`)
        await api.expect(200, 'POST', '/v1/integrations/microsoft/activate')
        await handOut(imapAccount)
        return '409 integration_inactive, and a token again after activating'
      },
    ],
    [
      'Clean up',
      async () => {
        for (const id of made) await api.expect(204, 'DELETE', `/v1/mail-accounts/${id}`)
        await api.expect(404, 'GET', `/v1/grants/${grant}`)
        return `${made.length} accounts deleted, and their grants with them`
      },
    ],
  ] as const
}

const until = (time: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, time - Date.now())))
