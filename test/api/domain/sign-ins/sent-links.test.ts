/** Links that are sent to the owner of a mailbox, who signs in later. */
import { describe, expect, it } from 'vitest'
import { endSessionsOf, openPersonSession } from '../../../../api/domain/access/console-session.ts'
import { hashSecret } from '../../../../api/hash.ts'
import type { AuthorizationCreated } from '../../../../schema/authorization.ts'
import { SESSION_COOKIE } from '../../../../schema/console-session.ts'
import { app, secrets, tenants } from '../../../sandbox/personas.ts'
import { configure, headersWith } from '../../console-sign-in.ts'
import { PUBLIC_URL } from '../../harness.ts'
import { bearer, createKey } from '../../keys.ts'
import { activeMailWorld, imapForm } from '../../mail-world.ts'
import {
  authorize,
  browserOf,
  callbackUrl,
  readAuthorization,
  returnFromMicrosoft,
  rowsOf,
  signIn,
} from '../../sign-in.ts'
import { rows } from '../../sql.ts'
import { DAY, HOUR, runAfter } from '../operations/maintenance/run.ts'

const ALICE = 'alice@contoso.test'

/** Creates a link of a key that is valid for this many seconds, and a function to sign in with it. */
async function sentLink(expires_in = 3 * DAY) {
  const world = await activeMailWorld()
  const desk = await createKey(world, { scopes: ['write'] })
  const link = await authorize(world, { expires_in }, bearer(desk.key))
  return {
    world,
    desk,
    link,
    signInAs: (as: string) => signIn(world, browserOf(world), link.url, as),
  }
}

describe('a link that is sent', () => {
  it('ends if another account signs in, asks nothing and stores nothing', async () => {
    const { world, link, signInAs } = await sentLink()
    const page = await signInAs('bob@contoso.test')
    expect([page.status, page.title, page.forms]).toEqual([
      409,
      'A different account signed in',
      [],
    ])
    expect(page.text).toContain('ask that person for a new one')
    expect(await readAuthorization(world, link.id)).toMatchObject({
      status: 'failed',
      problem: {
        code: 'account_mismatch',
        detail: expect.stringContaining(`bob@contoso.test signed in, not ${ALICE}`),
      },
    })
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect((await browserOf(world).visit(link.url)).status).toBe(410)
  })

  it('of an hour is for the person at the form, who can keep another account', async () => {
    const { signInAs } = await sentLink(HOUR)
    expect((await signInAs('bob@contoso.test')).title).toBe('Is this the right account?')
  })

  it('gives its requester alone a day to validate and save the grant', async () => {
    const { world, desk, link, signInAs } = await sentLink()
    world.advance(2 * DAY)
    expect(await readAuthorization(world, link.id)).toMatchObject({ sent: true, own: false })
    const own = await world.call(
      'GET',
      `/v1/authorizations/${link.id}`,
      undefined,
      bearer(desk.key),
    )
    expect(await own.json()).toMatchObject({ sent: true, own: true })
    const page = await signInAs(ALICE)
    expect(page.text).toContain('The person who sent you the link will finish the rest.')
    const { grant } = await readAuthorization(world, link.id)
    await runAfter(world, DAY - 1)
    const form = imapForm(grant?.id ?? '')
    for (const path of ['/v1/validations', '/v1/mail-accounts']) {
      const problem = await world.problem('POST', path, form)
      expect(problem).toMatchObject({
        code: 'validation_failed',
        errors: [{ pointer: '/authentication/grant_id' }],
      })
      expect(problem.detail).toContain('another API key or person')
      expect((await world.call('POST', path, form, bearer(desk.key))).status).toBe(201)
    }
    await runAfter(world, DAY)
    expect(await world.grantStatus(grant?.id ?? '')).toBe('active')
  })

  it('leaves nothing if the grant is not saved within a day', async () => {
    const { world, signInAs } = await sentLink()
    await signInAs(ALICE)
    await runAfter(world, DAY - 1)
    expect(await rowsOf(world, 'grants')).toHaveLength(1)
    await runAfter(world, 2)
    expect(await rowsOf(world, 'grants')).toEqual([])
  })

  it('is reported once when it ends unused, with its time or with its key, unlike others', async () => {
    const { world, desk, link } = await sentLink()
    world.advance(DAY)
    const [bob, carol] = ['bob@contoso.test', 'carol@contoso.test'] as const
    const later = await authorize(world, { username: bob, expires_in: 3 * DAY }, bearer(desk.key))
    await authorize(world, { username: carol }, bearer(desk.key))
    await runAfter(world, 2 * DAY - 1)
    const own = await authorize(world, { username: carol }, bearer(desk.key))
    await runAfter(world, 1)
    await runAfter(world, 60)
    expect((await world.call('DELETE', `/v1/api-keys/${desk.id}`)).status).toBe(204)
    const reports = await rows(
      "SELECT subject, data FROM events WHERE type = 'authorization.failed' ORDER BY rowid",
    )
    const report = (id: string, username: string, code: string) => ({
      subject: id,
      data: expect.stringContaining(
        JSON.stringify({ id, username, mail_account_id: null, code }).slice(0, -1),
      ),
    })
    expect(reports).toEqual([
      report(link.id, ALICE, 'authorization_expired'),
      report(later.id, bob, 'authorization_ended'),
    ])
    expect(await readAuthorization(world, link.id)).toMatchObject({ status: 'expired' })
    for (const { id } of [later, own]) {
      expect(await readAuthorization(world, id)).toMatchObject({
        status: 'failed',
        problem: { code: 'authorization_ended', detail: expect.stringContaining('was revoked') },
      })
    }
  })
})

const operator = {
  id: '01a7e000-7e57-4a11-9d3c-5b1f2c64e801',
  name: 'Olga Operator',
  role: 'write' as const,
  roleSource: 'app_role' as 'app_role' | 'setting',
  clientId: app.clientId,
  cloud: 'global' as const,
  tenantId: tenants.contoso.id,
}

/** Creates a link in the console of a person whose role comes from there. */
async function linkOfPerson(
  roleSource: typeof operator.roleSource = 'app_role',
  role: 'write' | 'admin' = 'write',
) {
  const world = await activeMailWorld({ settings: { consoleAdmins: [operator.id] } })
  await configure(world)
  const session = await openPersonSession(world.services, { ...operator, role, roleSource })
  const headers = headersWith(`${SESSION_COOKIE}=${session.id}`)
  const send = (method: string, path: string, body: object = {}) =>
    world.send(new Request(PUBLIC_URL + path, { method, headers, body: JSON.stringify(body) }))
  const input = { provider: 'microsoft', username: ALICE, expires_in: 3 * DAY }
  const link = await (await send('POST', '/v1/authorizations', input)).json<AuthorizationCreated>()
  return { world, link, send }
}

type PersonWorld = Awaited<ReturnType<typeof linkOfPerson>>['world']

describe('a link that a person sends', () => {
  it('shows the name of the person, and outlives the session', async () => {
    const { world, link, send } = await linkOfPerson()
    expect((await send('DELETE', '/console/session')).status).toBe(204)
    await runAfter(world, DAY)
    expect((await browserOf(world).visit(link.url)).body).toContain(operator.name)
    expect((await signIn(world, browserOf(world), link.url)).title).toBe('Signed in')
  })

  it('works on after the person ends their own session of another device', async () => {
    const { world, link, send } = await linkOfPerson('app_role', 'admin')
    await openPersonSession(world.services, { ...operator, role: 'admin' })
    const { data } = await world.get<{ data: { id: string }[] }>('/v1/console-sessions')
    for (const { id } of data) await send('DELETE', `/v1/console-sessions/${id}`)
    expect((await signIn(world, browserOf(world), link.url)).title).toBe('Signed in')
  })

  it.each<[string, (world: PersonWorld) => Promise<unknown>, typeof operator.roleSource?]>([
    [
      'an administrator ends the session',
      async (world) => {
        const { data } = await world.get<{ data: { id: string }[] }>('/v1/console-sessions')
        await world.call('DELETE', `/v1/console-sessions/${data[0]?.id}`)
      },
    ],
    [
      'the person signs in with a role that does not allow it',
      (world) => openPersonSession(world.services, { ...operator, role: 'read' }),
    ],
    ['the person has no role any more', (world) => endSessionsOf(world.services, operator)],
    [
      'the person leaves CONSOLE_ADMINS',
      async (world) => {
        world.services.settings.consoleAdmins = []
      },
      'setting',
    ],
    [
      'the app changes whose roles count',
      (world) =>
        configure(world, {
          client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
          credential: { type: 'client_secret', client_secret: secrets.next },
        }),
    ],
  ])('ends once %s', async (_what, happen, roleSource) => {
    const { world, link } = await linkOfPerson(roleSource)
    const browser = browserOf(world)
    const back = await callbackUrl(world, browser, link.url)
    await happen(world)
    for (const page of [await returnFromMicrosoft(browser, back), await browser.visit(link.url)]) {
      expect([page.status, page.title]).toEqual([410, 'The link no longer works'])
    }
    expect(await rowsOf(world, 'grants')).toEqual([])
  })
})

describe('a link that is requested', () => {
  it('ends with its key, also for a person who is at Microsoft or decides about another account', async () => {
    const { world, desk, link } = await sentLink(HOUR)
    const [returning, deciding] = [browserOf(world), browserOf(world)]
    const other = await authorize(world, { username: 'bob@contoso.test' }, bearer(desk.key))
    const back = await callbackUrl(world, returning, link.url)
    const question = await signIn(world, deciding, other.url)
    await world.call('DELETE', `/v1/api-keys/${desk.id}`)
    for (const page of [
      await returnFromMicrosoft(returning, back),
      await deciding.submit(question, { decision: 'keep' }),
    ]) {
      expect([page.status, page.title]).toEqual([410, 'The link no longer works'])
    }
    expect(await rowsOf(world, 'grants')).toEqual([])
  })

  it('of ROOT_API_KEY ends when that is replaced', async () => {
    const world = await activeMailWorld()
    const link = await authorize(world)
    const browser = browserOf(world)
    const back = await callbackUrl(world, browser, link.url)
    world.services.settings.rootKeyHash = hashSecret('another root key, of 32 characters')
    expect((await returnFromMicrosoft(browser, back)).status).toBe(400)
    expect((await browser.visit(link.url)).status).toBe(404)
    expect(await rowsOf(world, 'grants')).toEqual([])
  })

  it('of a customer waits while the customer is suspended, and ends with the customer', async () => {
    const world = await activeMailWorld()
    const { url } = await authorize(world, { customer: 'acme', expires_in: 3 * DAY })
    const browser = browserOf(world)
    const status = async () => (await browser.visit(url)).status
    await world.call('POST', '/v1/customers/acme/suspend')
    expect(await status()).toBe(410)
    await world.call('POST', '/v1/customers/acme/resume')
    const back = await callbackUrl(world, browser, url)
    expect((await world.call('DELETE', '/v1/customers/acme?confirm=0')).status).toBe(204)
    expect((await returnFromMicrosoft(browser, back)).status).toBe(400)
    expect(await status()).toBe(404)
    expect(await rowsOf(world, 'grants')).toEqual([])
  })
})
