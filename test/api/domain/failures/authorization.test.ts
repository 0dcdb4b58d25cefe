import { describe, expect, it } from 'vitest'
import type { AuthorizationProgress } from '../../../../schema/authorization.ts'
import type { Diagnosis } from '../../../../schema/diagnosis.ts'
import { activeWorld, PUBLIC_URL, type World } from '../../harness.ts'
import {
  type AnyAuthorization,
  authorize,
  browserOf,
  continueToMicrosoft,
  readAuthorization,
  rowsOf,
  signIn,
} from '../../sign-in.ts'

const DAVE = 'dave@contoso.test'

const causes = (diagnosis: Diagnosis | undefined) =>
  diagnosis?.candidates.map(({ cause }) => cause) ?? []

type Progress = AuthorizationProgress & Pick<AnyAuthorization, 'hint'>

const poll = async (world: World, statusUrl: string): Promise<Progress> =>
  (await world.send(new Request(statusUrl))).json()

const linksIn = (diagnosis: Diagnosis | undefined) =>
  new Set(
    diagnosis?.candidates
      .flatMap(({ fixes }) => fixes.map(({ url }) => url))
      .filter((url) => url?.includes('/adminconsent?')),
  )

describe('a failed sign-in', () => {
  it('reports the admin who must act, with the same link on the page and in the API', async () => {
    const world = await activeWorld()
    const { id, url, status_url } = await authorize(world, { username: DAVE })
    const page = await signIn(world, browserOf(world), url, DAVE)
    expect(page.text).toContain('your Microsoft 365 admin')
    expect(page.text).toContain('/adminconsent?')
    const { problem } = await readAuthorization(world, id)
    expect(causes(problem?.diagnosis)[0]).toBe('admin-consent-required')
    expect(await poll(world, status_url)).toEqual({ status: 'failed', problem })
    const [link] = linksIn(problem?.diagnosis)
    expect(page.text).toContain(link)
  })

  it('names both accounts when another one was discarded', async () => {
    const world = await activeWorld()
    const { id, url } = await authorize(world, { username: 'heidi@contoso.test' })
    const browser = browserOf(world)
    const page = await signIn(world, browser, url, 'heidi.h@contoso.test')
    await browser.submit(page, { decision: 'discard' })
    const { problem } = await readAuthorization(world, id)
    expect(problem?.code).toBe('account_mismatch')
    for (const text of [problem?.detail, problem?.diagnosis?.candidates[0]?.explanation]) {
      expect(text).toContain('heidi.h@contoso.test')
      expect(text).toContain('heidi@contoso.test')
    }
    expect(causes(problem?.diagnosis)[0]).toBe('account-mismatch')
  })

  it('asks for the delegate again, because a shared mailbox cannot sign in', async () => {
    const world = await activeWorld()
    const shared = { username: 'support@contoso.test', delegate: 'alice@contoso.test' }
    const { url } = await authorize(world, shared)
    const browser = browserOf(world)
    const question = await signIn(world, browser, url, 'bob@contoso.test')
    const page = await browser.submit(question, { decision: 'discard' })
    expect(page.text).toContain('Sign in again as alice@contoso.test')
    expect(page.text).not.toContain('Sign in again as support@contoso.test')
  })

  it.each([
    [{ kind: 'no_refresh_token' }, 'refresh-token-missing'],
    [{ kind: 'fewer_scopes', scopes: [] }, 'user-consent-missing'],
    [{ kind: 'outage' }, 'server-transient'],
  ] as const)('explains why the code could not be redeemed: %j', async (fault, cause) => {
    const world = await activeWorld()
    const { id, url } = await authorize(world)
    world.entra.control.faultNext(
      fault.kind === 'fewer_scopes' ? { ...fault, scopes: ['openid'] } : fault,
    )
    const page = await signIn(world, browserOf(world), url)
    const { problem } = await readAuthorization(world, id)
    expect(causes(problem?.diagnosis)[0]).toBe(cause)
    expect(page.text).toContain('Next step')
  })
})

describe('a sign-in that never returns', () => {
  async function abandoned() {
    const world = await activeWorld()
    const created = await authorize(world, { username: 'mallory@contoso.test' })
    await continueToMicrosoft(browserOf(world), created.url)
    return { world, ...created }
  }

  it('has a hint after one minute, the same in the API and on the status URL', async () => {
    const { world, id, status_url } = await abandoned()
    world.advance(59)
    expect((await readAuthorization(world, id)).hint).toBeUndefined()
    expect(await poll(world, status_url)).toEqual({ status: 'pending' })
    world.advance(1)
    const { status, hint } = await readAuthorization(world, id)
    expect(status).toBe('pending')
    expect(hint?.verdict).toBe('ambiguous')
    expect(causes(hint)).toEqual(
      expect.arrayContaining([
        'admin-consent-required',
        'redirect-uri-mismatch',
        'conditional-access-block',
      ]),
    )
    expect(hint?.ask[0]?.text).toContain('page')
    expect(JSON.stringify(hint)).toContain(`${PUBLIC_URL}/oauth/microsoft/callback`)
    expect(await poll(world, status_url)).toEqual({ status: 'pending', hint })
  })

  it('creates one admin-consent link, however often it is polled at once', async () => {
    const { world, id, status_url } = await abandoned()
    const linksCreated = () =>
      rowsOf(world, 'events').then(
        (rows) => rows.filter(({ type }) => type === 'admin_consent.created').length,
      )
    expect(await linksCreated()).toBe(0)
    world.advance(60)
    const polls = await Promise.all(Array.from({ length: 5 }, () => poll(world, status_url)))
    const hints = [...polls, await readAuthorization(world, id)].map(({ hint }) => linksIn(hint))
    const [[first = ''] = []] = hints
    for (const links of hints) expect(links).toEqual(new Set([first]))
    expect(await linksCreated()).toBe(1)
    // The state in the link is secret. It cannot be read from the database.
    const state = new URL(first).searchParams.get('state') ?? 'missing'
    expect(await world.dump()).not.toContain(state)
    const admin = browserOf(world)
    const picker = await admin.visit(first)
    const consent = await admin.submit(picker, { account: 'admin@contoso.test' })
    expect((await admin.submit(consent, { decision: 'accept' })).title).toBe('Consent received')
  })

  it('says that the link has not been opened yet', async () => {
    const world = await activeWorld()
    const { id, url } = await authorize(world)
    world.advance(60)
    expect((await readAuthorization(world, id)).hint?.candidates[0]?.title).toContain(
      'not been opened',
    )
    await continueToMicrosoft(browserOf(world), url)
    expect((await readAuthorization(world, id)).hint).toBeUndefined()
  })

  it('keeps its diagnosis after it has expired', async () => {
    const { world, id } = await abandoned()
    world.advance(601)
    const { status, problem, hint } = await readAuthorization(world, id)
    expect([status, problem?.code, hint]).toEqual(['expired', 'authorization_expired', undefined])
    expect(causes(problem?.diagnosis)).toContain('conditional-access-block')
    expect(linksIn(problem?.diagnosis).size).toBe(1)
  })

  it('has no hint while the user decides about the account', async () => {
    const world = await activeWorld()
    const { id, url } = await authorize(world, { username: 'heidi@contoso.test' })
    await signIn(world, browserOf(world), url, 'heidi.h@contoso.test')
    world.advance(61)
    expect((await readAuthorization(world, id)).hint).toBeUndefined()
    world.advance(600)
    const { problem } = await readAuthorization(world, id)
    expect(causes(problem?.diagnosis)[0]).toBe('account-mismatch')
  })
})
