import { describe, expect, it } from 'vitest'
import type { Page } from '../../../sandbox/browser.ts'
import { activeWorld, anotherApp, PUBLIC_URL, type World } from '../../harness.ts'
import {
  authorize,
  type Browser,
  browserOf,
  CALLBACK,
  continueToMicrosoft,
  readAuthorization,
  rowsOf,
  sendForm,
  signIn,
} from '../../sign-in.ts'
import { eventsOf } from '../../sql.ts'

/** Creates a sign-in for Bob in which Alice signed in. */
async function mismatch(body: Record<string, unknown> = {}) {
  const world = await activeWorld()
  const created = await authorize(world, { username: 'bob@contoso.test', ...body })
  const browser = browserOf(world)
  const question = await signIn(world, browser, created.url)
  return { world, ...created, browser, question }
}

const press = (browser: Browser, question: Page, decision: 'keep' | 'discard') =>
  browser.submit(question, { decision })

/** Submits the form of the confirmation page with changed fields and headers. */
async function decide(
  world: World,
  browser: Browser,
  question: Page,
  changes: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const fields = question.forms[0]?.fields.map(({ name, value }) => [name, value]) ?? []
  const body = new URLSearchParams({ ...Object.fromEntries(fields), decision: 'keep', ...changes })
  const cookie = await browser.jar.getCookieString(CALLBACK)
  return sendForm(world, CALLBACK, body, { cookie, ...headers })
}

describe('a sign-in with another account', () => {
  it('names both accounts on the page and stores nothing', async () => {
    const { world, id, question } = await mismatch({ delegate: 'support@contoso.test' })
    expect(question.status).toBe(200)
    expect(question.title).toBe('Is this the right account?')
    for (const address of ['alice@contoso.test', 'bob@contoso.test', 'support@contoso.test']) {
      expect(question.text).toContain(address)
    }
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect(await readAuthorization(world, id)).toMatchObject({ status: 'pending' })
    const seen = question.body + (await world.dump()) + world.lines.join()
    for (const secret of world.entra.issuedSecrets()) expect(seen).not.toContain(secret)
  })

  it('creates a grant with a warning about saving when the account is kept', async () => {
    const { world, id, browser, question } = await mismatch({ origin: 'https://helpdesk.test' })
    const done = await press(browser, question, 'keep')
    expect(done.title).toBe('Signed in')
    expect(done.body).toContain('data-origin="https://helpdesk.test"')
    const authorization = await readAuthorization(world, id)
    expect(authorization).toMatchObject({
      status: 'completed',
      grant: { status: 'unsaved', signed_in_as: 'alice@contoso.test' },
    })
    expect(authorization.grant?.warnings).toEqual([expect.stringContaining('(delegate)')])
    // The tokens survived the form unchanged.
    const loaded = await world.services.store.grants.readWithToken(
      authorization.grant?.id ?? '',
      'outlook',
    )
    const token = (await loaded?.openAccessToken()) ?? ''
    expect(world.entra.checkToken(token)?.person?.username).toBe('alice@contoso.test')
    expect(loaded?.accessTokenExpiresAt?.getTime()).toBe(world.entra.checkToken(token)?.expiresAt)
    expect(await eventsOf(id)).toEqual(['authorization.created', 'authorization.completed'])
  })

  it('leaves nothing but the result when the account is discarded', async () => {
    const { world, id, browser, question } = await mismatch()
    const discarded = await press(browser, question, 'discard')
    expect(discarded.status).toBe(409)
    expect(discarded.text).toContain('Nothing was saved')
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'account_mismatch' },
    })
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect(await eventsOf(id)).toEqual(['authorization.created', 'authorization.failed'])
  })

  it('refuses to keep the account after the app registration changed, because its grant could never work', async () => {
    const { world, id, browser, question } = await mismatch()
    await world.call('PUT', '/v1/integrations/microsoft/settings', anotherApp)
    const refused = await press(browser, question, 'keep')
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('The app registration was changed')
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'sign_in_refused' },
    })
    expect(await eventsOf(id)).toEqual(['authorization.created', 'authorization.failed'])
  })

  it('accepts one decision only', async () => {
    const { world, id, browser, question } = await mismatch()
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, i) => press(browser, question, i % 2 ? 'keep' : 'discard')),
    )
    const { status, grant } = await readAuthorization(world, id)
    expect(await rowsOf(world, 'grants')).toHaveLength(status === 'completed' ? 1 : 0)
    expect(grant === undefined).toBe(status === 'failed')
    // A second press of the same button may get the same result; the other button never does.
    const statuses = responses.map((response) => response.status).filter((code) => code !== 410)
    expect(new Set(statuses)).toEqual(new Set([status === 'completed' ? 200 : 409]))
    expect(await eventsOf(id)).toHaveLength(2)
    const before = await world.dump()
    for (const decision of ['keep', 'discard'] as const) {
      expect((await press(browser, question, decision)).status).toBe(410)
    }
    expect(await world.dump()).toEqual(before)
  })

  it('accepts a decision only from the same browser, from our own page and in time', async () => {
    const { world, id, browser, question } = await mismatch()
    const refusals = [
      await decide(world, browser, question, {}, { cookie: '' }),
      await decide(world, browser, question, {}, { cookie: `__Host-mg_${id}=x` }),
      await decide(world, browser, question, {}, { 'sec-fetch-site': 'cross-site' }),
      await decide(world, browser, question, { decision: 'perhaps' }),
      await decide(world, browser, question, { authorization: `az_${'a'.repeat(26)}` }),
      await decide(world, browser, question, {}, { 'content-type': 'text/plain' }),
    ]
    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400])
    world.advance(600)
    expect((await decide(world, browser, question, {})).status).toBe(410)
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect(await readAuthorization(world, id)).toMatchObject({ status: 'expired' })
  })

  it('does not let the link start again while the decision is pending', async () => {
    const { world, url, browser, question } = await mismatch()
    const opened = await browserOf(world).visit(url)
    expect(opened.status).toBe(410)
    expect((await press(browser, question, 'keep')).status).toBe(200)
  })

  it('does not open what was sealed for another sign-in', async () => {
    const first = await mismatch()
    const { world } = first
    const other = await authorize(world, { username: 'bob@contoso.test' })
    const browser = browserOf(world)
    const question = await signIn(world, browser, other.url)
    const foreign = first.question.forms[0]?.fields.find(({ name }) => name === 'undecided')?.value
    for (const undecided of [foreign ?? '', '', 'x', 'ey.ey.ey.ey.ey']) {
      const response = await decide(world, browser, question, { undecided })
      expect(response.status).toBe(410)
    }
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect((await press(browser, question, 'keep')).status).toBe(200)
  })
})

describe('the sign-in after a mismatch', () => {
  const promptOf = async (world: World, username: string, customer: string | null = null) => {
    const { url } = await authorize(world, { username, customer })
    const picker = await continueToMicrosoft(browserOf(world), url)
    const { searchParams } = new URL(picker.url)
    return [searchParams.get('prompt'), searchParams.get('login_hint')]
  }

  it('shows the account picker for that mailbox only, before the decision and after it', async () => {
    const { world, browser, question } = await mismatch()
    expect(await promptOf(world, 'bob@contoso.test')).toEqual(['select_account', null])
    await press(browser, question, 'discard')
    expect(await promptOf(world, 'BOB@contoso.test')).toEqual(['select_account', null])
    expect(await promptOf(world, 'alice@contoso.test')).toEqual([null, 'alice@contoso.test'])
    expect(await promptOf(world, 'bob@contoso.test', 'acme')).toEqual([null, 'bob@contoso.test'])
  })

  it('does not show the account picker after the account was kept or the right one has signed in', async () => {
    const { world, browser, question } = await mismatch()
    await press(browser, question, 'keep')
    expect(await promptOf(world, 'bob@contoso.test')).toEqual([null, 'bob@contoso.test'])
    const wrong = await authorize(world, { username: 'carol@contoso.test' })
    await signIn(world, browserOf(world), wrong.url)
    world.advance(1)
    const right = await authorize(world, { username: 'carol@contoso.test' })
    await signIn(world, browserOf(world), right.url, 'carol@contoso.test')
    expect(await promptOf(world, 'carol@contoso.test')).toEqual([null, 'carol@contoso.test'])
  })
})

it('reports nothing to other windows while the decision is pending, and works without a script', async () => {
  const { question } = await mismatch({ origin: 'https://helpdesk.test' })
  expect(question.body).not.toMatch(/data-(origin|status|close|next)/)
  expect(question.forms[0]?.action).toBe(`${PUBLIC_URL}/oauth/microsoft/callback`)
})
