import { describe, expect, it } from 'vitest'
import type { Grant } from '../../../../schema/grant.ts'
import { flakyDatabase } from '../../flaky-database.ts'
import { enableGraph } from '../../graph-world.ts'
import { anotherApp, type World, type WorldOptions } from '../../harness.ts'
import { bearer, createKey } from '../../keys.ts'
import { activeMailWorld, imapForm, smtpForm } from '../../mail-world.ts'
import {
  authorize,
  browserOf,
  callbackUrl,
  readAuthorization,
  returnFromMicrosoft,
  rowsOf,
  signIn,
} from '../../sign-in.ts'
import { eventsOf, rows } from '../../sql.ts'

/** Creates a grant of Alice with two mail accounts, and a sign-in that reconnects the IMAP one at once. */
async function connected(options: WorldOptions = {}) {
  const world = await activeMailWorld(options)
  const grant = await world.grant('alice@contoso.test')
  const { id: imap } = await world.save(imapForm(grant))
  await world.save(smtpForm(grant))
  const { id, url } = await authorize(world, { mail_account_id: imap, apply: 'at_once' })
  /** Signs in at Microsoft. Returns a function that visits the callback. */
  const returning = async () => {
    const browser = browserOf(world)
    const back = await callbackUrl(world, browser, url)
    return () => returnFromMicrosoft(browser, back)
  }
  const signInAs = (as?: string) => signIn(world, browserOf(world), url, as)
  return { world, grant, imap, id, returning, signInAs }
}

const grantRow = async (world: World, id: string) =>
  (await rowsOf(world, 'grants')).find((row) => row.id === id)

describe('reconnecting at once', () => {
  it('leaves the grant unchanged when the app registration changes during the exchange', async () => {
    const { world, grant, id, signInAs } = await connected()
    const { exchangeCode } = world.services.entra
    world.services.entra.exchangeCode = async (input) => {
      const response = await exchangeCode(input)
      const path = '/v1/integrations/microsoft/settings?confirm=true'
      const changed = await world.call('PUT', path, anotherApp)
      expect(changed.status).toBe(200)
      return response
    }
    const refused = await signInAs()
    expect(refused.text).toContain('The app registration was changed')
    expect(await grantRow(world, grant)).toMatchObject({ state: 'reconnect_required' })
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'sign_in_refused' },
    })
    expect(await eventsOf(grant)).not.toContain('grant.recovered')
  })

  it('stores the new tokens of the same account in the grant that all its mail accounts share', async () => {
    const { world, grant, imap, id, signInAs } = await connected()
    await rows("UPDATE grant_tokens SET state = 'reconnect_required'")
    const before = await grantRow(world, grant)
    const done = await signInAs()
    expect(done.title).toBe('Signed in')
    expect(done.text).toContain('connected again')
    const after = await grantRow(world, grant)
    expect(after?.access_token_sealed).not.toBe(before?.access_token_sealed)
    expect(after?.refresh_token_sealed).not.toBe(before?.refresh_token_sealed)
    expect(after).toMatchObject({ state: 'active', saved_at: before?.saved_at })
    expect(await rowsOf(world, 'grants')).toHaveLength(1)
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'completed',
      grant: { id: grant, status: 'active' },
    })
    expect(await eventsOf(id)).toEqual(['authorization.created', 'authorization.completed'])
    const token = await world.call('POST', `/v1/mail-accounts/${imap}/access-token`, {})
    expect(token.status).toBe(200)
    const { access_token } = await token.json<{ access_token: string }>()
    expect(world.entra.checkToken(access_token)?.person?.username).toBe('alice@contoso.test')
  })

  it('fails for another account without asking, and leaves the old grant unchanged', async () => {
    const { world, grant, id, signInAs } = await connected()
    const before = await grantRow(world, grant)
    const page = await signInAs('bob@contoso.test')
    expect(page.status).toBe(409)
    expect(page.forms).toEqual([])
    expect(page.text).toContain('bob@contoso.test')
    expect(await grantRow(world, grant)).toEqual(before)
    expect(await rowsOf(world, 'grants')).toHaveLength(1)
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'account_mismatch' },
    })
  })

  it('reports the account that must sign in, not the user name of the mail account', async () => {
    const { world, grant, id, signInAs } = await connected()
    // Such a row exists after a rename, or when the login name is not an address of the mailbox.
    await rows("UPDATE grants SET signed_in_as = 'alice.a@contoso.test' WHERE id = ?", grant)
    const page = await signInAs('bob@contoso.test')
    expect(page.text).toContain('Sign in again as alice.a@contoso.test')
    expect(page.text).not.toContain('as alice@contoso.test')
    const { problem } = await readAuthorization(world, id)
    const [fix] = problem?.diagnosis?.candidates[0]?.fixes ?? []
    expect(problem?.detail).toContain('sign in as alice.a@contoso.test')
    expect(fix?.text).toContain('Sign in again as alice.a@contoso.test')
  })

  it('fails for fewer permissions than the grant had, and leaves it unchanged', async () => {
    const { world, grant, id, signInAs } = await connected()
    const before = await grantRow(world, grant)
    world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: ['SMTP.Send'] })
    const page = await signInAs()
    expect(page.status).toBe(409)
    // The account was right; an admin may be able to grant the missing permission.
    expect(page.title).toBe('Access to mail was not granted')
    expect(page.body).toContain('adminconsent?')
    expect(await grantRow(world, grant)).toEqual(before)
    expect(await readAuthorization(world, id)).toMatchObject({
      problem: { code: 'account_mismatch', detail: expect.stringContaining('IMAP') },
    })
  })

  it.each(['during the sign-in', 'at the last moment'])(
    'fails when the grant is deleted %s',
    async (when) => {
      const { db, faults } = flakyDatabase()
      const { world, grant, id, returning } = await connected({ db })
      const finish = await returning()
      const deleteGrant = async () => {
        delete faults.beforeBatch
        await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
      }
      if (when === 'during the sign-in') await deleteGrant()
      else faults.beforeBatch = deleteGrant
      const page = await finish()
      expect(page.status).toBe(409)
      expect(page.text).toContain('deleted in the meantime')
      expect(await rowsOf(world, 'grants')).toEqual([])
      expect(await readAuthorization(world, id)).toMatchObject({
        status: 'failed',
        problem: { code: 'grant_not_usable' },
      })
    },
  )

  it('logs no recovery when the grant was working', async () => {
    const { grant, signInAs } = await connected()
    expect((await signInAs()).title).toBe('Signed in')
    expect(await eventsOf(grant)).toEqual([])
  })

  it('retries after a refresh in between, and the tokens of the sign-in win', async () => {
    const { db, faults } = flakyDatabase()
    const { world, grant, id, returning } = await connected({ db })
    const finish = await returning()
    faults.beforeBatch = async () => {
      delete faults.beforeBatch
      await rows("UPDATE grant_tokens SET state = 'cooling_down' WHERE grant_id = ?", grant)
      await rows('UPDATE grants SET version = version + 1 WHERE id = ?', grant)
    }
    expect((await finish()).title).toBe('Signed in')
    expect(await grantRow(world, grant)).toMatchObject({ state: 'active', written_by: id })
    expect(await eventsOf(grant)).toEqual(['grant.recovered'])
  })

  it('gives up when the grant keeps changing', async () => {
    const { db, faults } = flakyDatabase()
    const { world, grant, id, returning } = await connected({ db })
    const finish = await returning()
    faults.beforeBatch = async () => {
      await rows('UPDATE grants SET version = version + 1')
    }
    expect((await finish()).status).toBe(409)
    expect(await grantRow(world, grant)).toMatchObject({ state: 'active', written_by: null })
    expect(await readAuthorization(world, id)).toMatchObject({
      problem: { code: 'grant_not_usable' },
    })
  })

  it('stores nothing once the sign-in has expired', async () => {
    const { world, grant, id, returning } = await connected()
    const finish = await returning()
    const before = await grantRow(world, grant)
    const { exchangeCode } = world.services.entra
    world.services.entra.exchangeCode = async (input) => {
      world.advance(61)
      return exchangeCode(input)
    }
    const page = await finish()
    expect(page.text).toContain('This sign-in had already ended')
    expect(await grantRow(world, grant)).toEqual(before)
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'expired',
      problem: { detail: expect.stringContaining('Nothing was saved') },
    })
  })
})

describe('a sign-in for Microsoft Graph alone', () => {
  const forGraph = { protocols: ['graph_send'], apply: 'at_once' }

  async function adding() {
    const made = await connected()
    const { world, imap } = made
    await enableGraph(world)
    const start = () => authorize(world, { mail_account_id: imap, ...forGraph })
    const outlook = () => rows("SELECT * FROM grant_tokens WHERE resource = 'outlook'")
    const resources = async () =>
      (await world.get<Grant>(`/v1/grants/${made.grant}`)).resources.map(
        ({ resource, protocols, status }) => [resource, protocols.join(' '), status],
      )
    return { ...made, start, outlook, resources }
  }
  const OUTLOOK = ['outlook', 'imap smtp', 'active']

  it('adds to the grant, and leaves the access token for Outlook', async () => {
    const { world, grant, start, outlook, resources } = await adding()
    const before = [await outlook(), await grantRow(world, grant)] as const
    const done = await signIn(world, browserOf(world), (await start()).url)
    expect(done.title).toBe('Signed in')
    expect(await resources()).toEqual([OUTLOOK, ['graph', 'graph_send', 'active']])
    expect(await outlook()).toEqual(before[0])
    const after = await grantRow(world, grant)
    expect(after?.refresh_token_sealed).not.toBe(before[1]?.refresh_token_sealed)
  })

  it('is no recovery of what stays refused', async () => {
    const { grant, world, start, resources } = await adding()
    await rows("UPDATE grant_tokens SET state = 'reconnect_required'")
    await signIn(world, browserOf(world), (await start()).url)
    expect(await resources()).toEqual([
      ['outlook', 'imap smtp', 'reconnect_required'],
      ['graph', 'graph_send', 'active'],
    ])
    expect(await eventsOf(grant)).not.toContain('grant.recovered')
  })

  it('adds nothing for another person, or to a grant that was deleted', async () => {
    const { world, grant, start, resources } = await adding()
    const { id, url } = await start()
    await signIn(world, browserOf(world), url, 'bob@contoso.test')
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'account_mismatch' },
    })
    expect(await resources()).toEqual([OUTLOOK])
    const late = await start()
    const browser = browserOf(world)
    const back = await callbackUrl(world, browser, late.url)
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    await returnFromMicrosoft(browser, back)
    expect(await readAuthorization(world, late.id)).toMatchObject({
      problem: { code: 'grant_not_usable' },
    })
    expect(await rowsOf(world, 'grants')).toEqual([])
  })

  it('adds once when two finish at the same time', async () => {
    const { world, imap, start, resources } = await adding()
    // Uses another key, since a caller's newer link for an account ends the older one.
    const { key } = await createKey(world, { scopes: ['write'] })
    const second = await authorize(world, { mail_account_id: imap, ...forGraph }, bearer(key))
    const ends = await Promise.all(
      [await start(), second].map(async ({ url }) => {
        const browser = browserOf(world)
        const back = await callbackUrl(world, browser, url)
        return () => returnFromMicrosoft(browser, back)
      }),
    )
    const pages = await Promise.all(ends.map((end) => end()))
    expect(pages.map(({ title }) => title)).toContain('Signed in')
    expect(await resources()).toEqual([OUTLOOK, ['graph', 'graph_send', 'active']])
  })
})
