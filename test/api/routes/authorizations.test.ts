import { describe, expect, it } from 'vitest'
import { activeWorld, createWorld, PUBLIC_URL, problemOf, type World } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { accountWorld } from '../saved-account.ts'
import {
  type AnyAuthorization,
  authorize,
  browserOf,
  readAuthorization,
  returnFromMicrosoft,
  rowsOf,
  signIn,
  startSignIn,
} from '../sign-in.ts'
import { eventsOf } from '../sql.ts'

const ALICE = 'alice@contoso.test'

const createAuthorization = (world: World, body: Record<string, unknown>) =>
  world.call('POST', '/v1/authorizations', { provider: 'microsoft', ...body })

/** Returns the problem of a sign-in for Alice's mailbox, which must be refused. */
const refusalForAlice = (world: World, body: Record<string, unknown> = {}) =>
  problemOf(createAuthorization(world, { username: ALICE, ...body }))

/** Creates a world with an account that sends from a shared mailbox. */
const sharedWorld = () =>
  accountWorld({}, { protocol: 'smtp', username: 'support@contoso.test', delegate: ALICE })

describe('creating an authorization', () => {
  it('returns two links with different secrets, stored only as hashes', async () => {
    const world = await activeWorld()
    const response = await createAuthorization(world, { username: ALICE })
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { id, url, status_url, expires_at } = await response.json<Record<string, string>>()
    expect(id).toMatch(/^az_[a-z2-7]{26}$/)
    expect(expires_at).toBe('2026-11-24T09:10:00.000Z')
    const link = new URL(url ?? '')
    expect(link.origin + link.pathname).toBe(`${PUBLIC_URL}/oauth/microsoft/authorize`)
    expect(link.searchParams.get('authorization')).toBe(id)
    const status = new URL(status_url ?? '')
    expect(status.origin + status.pathname).toBe(`${PUBLIC_URL}/oauth/status/${id}`)
    const secrets = [link, status].map((address) => address.searchParams.get('secret') ?? '')
    expect(new Set(secrets).size).toBe(2)
    const dump = await world.dump()
    for (const secret of secrets) {
      expect(secret).toMatch(/^[\w-]{43}$/)
      expect(dump).not.toContain(secret)
      expect(world.lines.join()).not.toContain(secret)
    }
    expect(await eventsOf(id ?? '')).toEqual(['authorization.created'])
  })

  it('fails while the integration is inactive or not configured', async () => {
    const world = await createWorld()
    const off = await refusalForAlice(world)
    expect(off).toMatchObject({ status: 409, code: 'integration_inactive' })
    await world.call('POST', '/v1/integrations/microsoft/activate')
    const bare = await refusalForAlice(world)
    expect(bare).toMatchObject({ status: 409, code: 'integration_not_configured' })
    expect(await rowsOf(world, 'authorizations')).toEqual([])
  })

  it.each([
    [{}, '/username'],
    [{ username: 'not an address' }, '/username'],
    [{ username: 'a@b.test', protocols: [] }, '/protocols'],
    [{ username: 'a@b.test', protocols: ['imap', 'imap'] }, '/protocols'],
    [{ username: 'a@b.test', protocols: ['pop3'] }, '/protocols/0'],
    [{ username: 'a@b.test', expires_in: 59 }, '/expires_in'],
    [{ username: 'a@b.test', expires_in: 259_201 }, '/expires_in'],
    [{ username: 'a@b.test', apply: 'at_once' }, '/mail_account_id'],
    [{ username: 'a@b.test', surprise: 1 }, '/surprise'],
    [{ mail_account_id: `ma_${'a'.repeat(26)}` }, '/mail_account_id'],
  ])('points to the invalid field of %j', async (body, pointer) => {
    const world = await activeWorld()
    const problem = await problemOf(createAuthorization(world, body))
    expect(problem).toMatchObject({ status: 422, code: 'validation_failed' })
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
  })

  it('lets a link be valid for up to 72 hours', async () => {
    const world = await activeWorld()
    const { expires_at } = await authorize(world, { expires_in: 259_200 })
    expect(expires_at).toBe('2026-11-27T09:00:00.000Z')
  })
})

describe('the origin and return URL', () => {
  it.each([
    'https://helpdesk.test.evil.test',
    'https://helpdesk.test@evil.test',
    'https://evil.test/https://helpdesk.test',
    'https://evil.test\\@helpdesk.test',
    'https://helpdesk.test:444',
    'http://helpdesk.test',
    'https://sub.helpdesk.test',
    'https://user@helpdesk.test',
    'https://user:word@helpdesk.test/',
    'https://:word@helpdesk.test/',
    '//helpdesk.test',
    '/relative',
    'javascript:alert(1)//https://helpdesk.test',
    'data:text/html,https://helpdesk.test',
    'blob:https://helpdesk.test/x',
    'null',
    '',
    '*',
    'https://*.test',
    'https://helpdesk.test%2eevil.test',
    'https://helpdesk\u3002test.evil.test',
  ])('reject %j', async (target) => {
    const world = await activeWorld()
    for (const name of ['origin', 'return_url']) {
      expect(await refusalForAlice(world, { [name]: target })).toMatchObject({
        status: 422,
        code: 'origin_not_allowed',
        errors: [{ pointer: `/${name}` }],
      })
    }
    expect(await rowsOf(world, 'authorizations')).toEqual([])
  })

  it('are named by the refusal, so that another scheme, port or path is seen at once', async () => {
    const world = await activeWorld()
    expect(await refusalForAlice(world, { origin: 'http://helpdesk.test' })).toMatchObject({
      detail: `\`origin\` must be one of the allowed origins, without a path. Allowed: ${PUBLIC_URL}, https://helpdesk.test. Your Mailgrant administrator can add others to ALLOWED_ORIGINS.`,
    })
  })

  it('accept allowed origins and our own; an origin has no path', async () => {
    const world = await activeWorld()
    await authorize(world, {
      origin: 'https://HELPDESK.test:443/',
      return_url: 'https://helpdesk.test/settings?tab=mail#oauth',
    })
    await authorize(world, { origin: PUBLIC_URL, return_url: `${PUBLIC_URL}/console/` })
    const withPath = await refusalForAlice(world, { origin: 'https://helpdesk.test/settings' })
    expect(withPath.status).toBe(422)
    const rows = await rowsOf(world, 'authorizations')
    expect(rows.map((row) => row.origin)).toEqual(['https://helpdesk.test', PUBLIC_URL])
  })
})

describe('an authorization for a mail account', () => {
  it('uses the mailbox, delegate and protocol of the account', async () => {
    const { world, id: mail_account_id } = await sharedWorld()
    const { id } = await authorize(world, { mail_account_id })
    expect(await readAuthorization(world, id)).toMatchObject({
      username: 'support@contoso.test',
      delegate: ALICE,
      protocols: ['smtp'],
      apply: 'on_save',
      mail_account_id,
    })
  })

  it('lets the caller override them', async () => {
    const { world, id: mail_account_id } = await sharedWorld()
    const { id } = await authorize(world, {
      mail_account_id,
      username: 'bob@contoso.test',
      protocols: ['imap', 'smtp'],
    })
    expect(await readAuthorization(world, id)).toMatchObject({
      username: 'bob@contoso.test',
      protocols: ['imap', 'smtp'],
    })
  })

  it('requests at least all protocols of the grant when it applies at once', async () => {
    const { world, id: mail_account_id } = await sharedWorld()
    const { id } = await authorize(world, { mail_account_id, apply: 'at_once' })
    expect(await readAuthorization(world, id)).toMatchObject({ protocols: ['imap', 'smtp'] })
    const body = { mail_account_id, apply: 'at_once', protocols: ['smtp'] }
    const less = await problemOf(createAuthorization(world, body))
    expect(less).toMatchObject({ status: 422, errors: [{ pointer: '/protocols' }] })
  })

  it('cannot apply at once to an account without a grant', async () => {
    const { world, id: mail_account_id, grant } = await sharedWorld()
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    const body = { mail_account_id, apply: 'at_once' }
    const problem = await problemOf(createAuthorization(world, body))
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: '/apply' }] })
  })
})

describe('reading an authorization', () => {
  it('shows that it has expired, even if it was never opened', async () => {
    const world = await activeWorld()
    const { id } = await authorize(world)
    expect(await readAuthorization(world, id)).toEqual({
      id,
      status: 'pending',
      customer: null,
      username: ALICE,
      delegate: null,
      protocols: ['imap', 'smtp'],
      apply: 'on_save',
      mail_account_id: null,
      sent: false,
      own: true,
      created_at: '2026-11-24T09:00:00.000Z',
      expires_at: '2026-11-24T09:10:00.000Z',
    })
    world.advance(600)
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'expired',
      problem: { code: 'authorization_expired', since: '2026-11-24T09:10:00.000Z' },
    })
  })
})

describe('the list of authorizations', () => {
  it('is filtered by status and mailbox, newest first, and shows what each has led to', async () => {
    const world = await activeWorld()
    const made: Record<string, string> = {}
    for (const [status, username] of [
      ['completed', ALICE],
      ['failed', 'bob@contoso.test'],
      ['expired', 'carol@contoso.test'],
      ['pending', 'Dave@contoso.test'],
    ] as const) {
      world.advance(1)
      const body = { username, expires_in: status === 'expired' ? 60 : 3600 }
      const { id, url } = await authorize(world, body)
      made[status] = id
      if (status === 'completed') await signIn(world, browserOf(world), url)
      if (status === 'failed') await world.call('DELETE', `/v1/authorizations/${id}`)
    }
    world.advance(60)
    const list = (query: string) =>
      world.get<{ data: AnyAuthorization[] }>(`/v1/authorizations${query}`)
    const ids = async (query: string) => (await list(query)).data.map(({ id }) => id)
    const { pending = '', expired = '', failed = '', completed = '' } = made
    expect(await ids('')).toEqual([pending, expired, failed, completed])
    for (const [status, id] of Object.entries(made)) {
      expect(await ids(`?status=${status}`)).toEqual([id])
      expect((await list(`?status=${status}`)).data).toEqual([await readAuthorization(world, id)])
    }
    expect(await ids('?username=dave@contoso.test')).toEqual([pending])
    expect(await ids(`?username=${ALICE}&status=pending`)).toEqual([])
  })

  it('shows a limited key the sign-ins of its accounts only', async () => {
    const { world, id: mail_account_id } = await sharedWorld()
    const { key } = await createKey(world, { mail_accounts: [mail_account_id] })
    const { id } = await authorize(world, { mail_account_id })
    const foreign = await authorize(world)
    const list = await world.call('GET', '/v1/authorizations', undefined, bearer(key))
    expect(await list.json()).toMatchObject({ data: [{ id }], next_cursor: null })
    const writer = await createKey(world, { scopes: ['write'], mail_accounts: [mail_account_id] })
    const end = (link: string) =>
      world.call('DELETE', `/v1/authorizations/${link}`, undefined, bearer(writer.key))
    expect((await end(foreign.id)).status).toBe(404)
    expect((await end(id)).status).toBe(200)
  })
})

describe('ending an authorization', () => {
  it('stops its link, also while the person is at Microsoft, and changes nothing afterwards', async () => {
    const world = await activeWorld()
    const { id, url, browser, back } = await startSignIn(world)
    const end = async () => (await world.call('DELETE', `/v1/authorizations/${id}`)).json()
    const ended = await end()
    expect(ended).toMatchObject({ status: 'failed', problem: { code: 'authorization_ended' } })
    expect(await end()).toEqual(ended)
    for (const page of [await returnFromMicrosoft(browser, back), await browser.visit(url)]) {
      expect([page.status, page.title]).toEqual([410, 'The link no longer works'])
    }
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect(await eventsOf(id)).toEqual(['authorization.created', 'authorization.ended'])
  })

  it('leaves a completed one and its grant', async () => {
    const world = await activeWorld()
    const { id, url } = await authorize(world)
    await signIn(world, browserOf(world), url)
    const response = await world.call('DELETE', `/v1/authorizations/${id}`)
    expect(await response.json()).toEqual(await readAuthorization(world, id))
    expect(await rowsOf(world, 'grants')).toHaveLength(1)
  })
})

describe('open links', () => {
  it('of one requester for one mailbox are the newest only', async () => {
    const world = await activeWorld()
    const { key } = await createKey(world, { scopes: ['write'] })
    const older = await authorize(world)
    const foreign = await authorize(world, {}, bearer(key))
    const other = await authorize(world, { username: 'bob@contoso.test' })
    const newer = await authorize(world, { username: ALICE.toUpperCase() })
    expect(await readAuthorization(world, older.id)).toMatchObject({
      status: 'failed',
      problem: { code: 'authorization_ended', detail: expect.stringContaining('A newer link') },
    })
    for (const { id } of [foreign, other, newer]) {
      expect(await readAuthorization(world, id)).toMatchObject({ status: 'pending' })
    }
  })

  it('of one requester are at most 50', async () => {
    const world = await activeWorld()
    const { key } = await createKey(world, { scopes: ['write'] })
    const links = Array.from({ length: 50 }, (_, index) =>
      authorize(world, { username: `user${index}@contoso.test` }, bearer(key)),
    )
    const [first] = await Promise.all(links)
    const body = { provider: 'microsoft', username: ALICE }
    const one = () => world.call('POST', '/v1/authorizations', body, bearer(key))
    expect(await problemOf(one())).toMatchObject({ status: 409, code: 'too_many_links' })
    await authorize(world, { username: 'user7@contoso.test' }, bearer(key))
    await authorize(world)
    await world.call('DELETE', `/v1/authorizations/${first?.id}`)
    expect((await one()).status).toBe(201)
  })
})

describe('the customer of a sign-in', () => {
  it('is the one that is named, else that of the email account or of the key', async () => {
    const { world, id: mail_account_id } = await sharedWorld()
    const { key } = await createKey(world, { scopes: ['write'], customer: 'acme' })
    const customerOf = async (body: object, headers = {}) => {
      const { id } = await authorize(world, { ...body }, headers)
      return (await readAuthorization(world, id)).customer
    }
    expect(await customerOf({ customer: 'acme' })).toBe('acme')
    expect(await customerOf({}, bearer(key))).toBe('acme')
    expect(await customerOf({ mail_account_id })).toBeNull()
    const other = { mail_account_id, customer: 'acme' }
    expect(await problemOf(createAuthorization(world, other))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/customer' }],
    })
  })

  it('filters the list, and divides the links for one mailbox', async () => {
    const world = await activeWorld()
    const { key } = await createKey(world, { scopes: ['write'], customer: 'acme' })
    const { id: none } = await authorize(world)
    const { id: globex } = await authorize(world, { customer: 'globex' })
    const { id: acme } = await authorize(world, {}, bearer(key))
    const ids = async (query: string, headers = {}) => {
      const path = `/v1/authorizations?status=pending${query}`
      const response = await world.call('GET', path, undefined, headers)
      return (await response.json<{ data: { id: string }[] }>()).data.map(({ id }) => id).toSorted()
    }
    expect(await ids('')).toEqual([none, globex, acme].toSorted())
    expect(await ids('&customer=')).toEqual([none])
    expect(await ids('&customer=globex')).toEqual([globex])
    expect(await ids(`&customer=globex&username=${ALICE}`)).toEqual([globex])
    expect(await ids('', bearer(key))).toEqual([acme])
  })
})
