import { describe, expect, it } from 'vitest'
import { replaceMailAccount } from '../../../api/domain/mail-accounts/mail-accounts.ts'
import { UNLIMITED } from '../../../api/model/access.ts'
import { MailAccountInput } from '../../../schema/mail-account.ts'
import {
  createMailWorld,
  grantWorld,
  imapAccountWorld,
  imapForm,
  type MailWorld,
  oauth,
  smtpForm,
} from '../mail-world.ts'
import { rows } from '../sql.ts'

describe('a grant and its accounts', () => {
  it('serves several accounts and is deleted with the last', async () => {
    const { world, grant } = await grantWorld()
    const imap = await world.save(imapForm(grant))
    const smtp = await world.save(smtpForm(grant))
    const remove = (id: string) => world.call('DELETE', `/v1/mail-accounts/${id}`)
    expect((await remove(imap.id)).status).toBe(204)
    expect(await world.grantStatus(grant)).toBe('active')
    expect((await remove(smtp.id)).status).toBe(204)
    expect(await world.grantStatus(grant)).toBe('gone')
    expect((await remove(smtp.id)).status).toBe(404)
    const events = await world.events()
    expect(events.filter((type) => type === 'grant.deleted')).toHaveLength(1)
  })

  it('is deleted when its last account is saved with another grant', async () => {
    const world = await createMailWorld()
    const old = await world.grant('alice@contoso.test')
    const imap = await world.save(imapForm(old))
    const smtp = await world.save(smtpForm(old))
    const fresh = await world.grant('alice@contoso.test', { saved: false })
    await world.replace(imap.id, imapForm(fresh))
    expect(await world.grantStatus(old)).toBe('active')
    await world.replace(smtp.id, smtpForm(fresh))
    expect(await world.grantStatus(old)).toBe('gone')
    expect(await world.grantStatus(fresh)).toBe('active')
  })

  it('is kept when an account is saved again with the same grant', async () => {
    const { world, grant, id } = await imapAccountWorld()
    await world.replace(id, imapForm(grant, { name: 'renamed' }))
    expect(await world.grantStatus(grant)).toBe('active')
    expect(await world.events()).not.toContain('grant.deleted')
  })

  it('is deleted exactly once when all its accounts are deleted concurrently', async () => {
    const { world, grant } = await grantWorld()
    const saved = await Promise.all([1, 2, 3, 4].map(() => world.save(imapForm(grant))))
    await Promise.all(saved.map(({ id }) => world.call('DELETE', `/v1/mail-accounts/${id}`)))
    expect(await world.grantStatus(grant)).toBe('gone')
    const deleted = (await world.events()).filter((type) => type === 'grant.deleted')
    expect(deleted).toHaveLength(1)
  })

  it('leaves its accounts in reconnect_required when it is detached', async () => {
    const { world, grant, id } = await imapAccountWorld()
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    const account = await world.read(id)
    expect(account).toMatchObject({
      health: 'reconnect_required',
      problem: { code: 'reconnect_required' },
      authentication: { type: 'oauth', grant_id: null },
    })
    expect(account.grant).toBeNull()
    const fresh = await world.grant('alice@contoso.test', { saved: false })
    expect(await world.replace(id, imapForm(fresh))).toMatchObject({ health: 'unverified' })
  })
})

describe('a grant that is deleted while an account is saved', () => {
  const root = {
    actor: { type: 'key' as const, id: 'root' },
    accessScope: UNLIMITED,
    defer: () => {},
  }

  /** Returns services whose grant is deleted right after it was read for the save. */
  function deletingGrant(world: MailWorld, grant: string) {
    const { grants } = world.services.store
    const readMany: typeof grants.readMany = async (ids, scope) => {
      const found = await grants.readMany(ids, scope)
      await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
      return found
    }
    const store = { ...world.services.store, grants: { ...grants, readMany } }
    return { ...world.services, store }
  }

  it('leaves an existing account detached and otherwise unchanged', async () => {
    const { world, grant, id } = await imapAccountWorld()
    const form = MailAccountInput.parse(imapForm(grant, { name: 'renamed' }))
    const services = deletingGrant(world, grant)
    const result = await replaceMailAccount(services, root, id, form, null)
    expect(result.ok).toBe(false)
    expect(await world.read(id)).toMatchObject({ name: null, authentication: { grant_id: null } })
  })

  it('never leaves an account without its grant, in either order of two concurrent writes', async () => {
    const world = await createMailWorld()
    const old = await world.grant('alice@contoso.test')
    const { id } = await world.save(imapForm(old))
    const fresh = await world.grant('alice@contoso.test', { saved: false })
    const [put, post] = await Promise.all([
      world.call('PUT', `/v1/mail-accounts/${id}`, imapForm(fresh)),
      world.call('POST', '/v1/mail-accounts', smtpForm(old)),
    ])
    expect(put.status).toBe(200)
    expect([201, 422]).toContain(post.status)
    expect(await world.grantStatus(old)).toBe(post.status === 201 ? 'active' : 'gone')
  })
})

describe('saving an account with an unusable grant', () => {
  const breakGrant = (db: D1Database, id: string, state: string, code = state) =>
    db
      .prepare(
        'UPDATE grant_tokens SET state = ?, problem_code = ?, problem_detail = ?, problem_since = ? WHERE grant_id = ?',
      )
      .bind(state, code, 'The password was changed.', Date.UTC(2026, 10, 24), id)
      .run()

  it.each(['reconnect_required', 'blocked'])('fails if the grant is %s', async (state) => {
    const { world, grant } = await grantWorld()
    await breakGrant(world.db, grant, state)
    const problem = await world.problem('POST', '/v1/mail-accounts', imapForm(grant))
    expect(problem).toMatchObject({ status: 409, code: 'grant_not_usable' })
    expect(problem.detail).toContain('The password was changed.')
  })

  it('works if the account already has that grant and is only renamed', async () => {
    const { world, grant, id } = await imapAccountWorld()
    await breakGrant(world.db, grant, 'reconnect_required')
    const renamed = await world.replace(id, imapForm(grant, { name: 'renamed' }))
    expect(renamed).toMatchObject({
      name: 'renamed',
      health: 'reconnect_required',
      problem: {
        code: 'reconnect_required',
        detail: 'The password was changed.',
        since: '2026-11-24T00:00:00.000Z',
      },
      grant: { status: 'reconnect_required' },
    })
  })

  it('works while the grant is cooling down, since that is temporary', async () => {
    const { world, grant } = await grantWorld()
    await breakGrant(world.db, grant, 'cooling_down', 'provider_unavailable')
    expect(await world.save(imapForm(grant))).toMatchObject({ health: 'cooling_down' })
  })
})

describe('an account whose user signed in under another name', () => {
  it('is rejected, naming both addresses, until the delegate is set', async () => {
    const world = await createMailWorld()
    const grant = await world.grant('heidi.h@contoso.test')
    const form = imapForm(grant, { username: 'heidi@contoso.test' })
    const problem = await world.problem('POST', '/v1/mail-accounts', form)
    expect(problem).toMatchObject({
      status: 409,
      code: 'account_mismatch',
      diagnosis: { candidates: [{ cause: 'account-mismatch' }] },
    })
    expect(problem.detail).toContain('heidi.h@contoso.test signed in')
    expect(problem.detail).toContain('the mailbox is heidi@contoso.test')
    expect(problem.detail).toContain('(delegate)')
    const wrong = { ...form, delegate: 'alice@contoso.test' }
    expect((await world.problem('POST', '/v1/mail-accounts', wrong)).detail).toContain(
      'alice@contoso.test',
    )
    await world.save({ ...form, delegate: 'heidi.h@contoso.test' })
  })

  it('is recognised regardless of case', async () => {
    const { world, grant } = await grantWorld()
    const account = await world.save(imapForm(grant, { username: 'Alice@Contoso.Test' }))
    expect(account.username).toBe('Alice@Contoso.Test')
  })

  it('is checked again when the mailbox of a saved account is changed', async () => {
    const { world, grant, id } = await imapAccountWorld()
    const other = imapForm(grant, { username: 'support@contoso.test' })
    expect(await world.problem('PUT', `/v1/mail-accounts/${id}`, other)).toMatchObject({
      code: 'account_mismatch',
    })
    await world.replace(id, { ...other, delegate: 'alice@contoso.test' })
  })

  it('can still be saved after the user was renamed at Microsoft', async () => {
    const { world, grant, id } = await imapAccountWorld()
    await rows("UPDATE grants SET signed_in_as = 'alice.new@contoso.test' WHERE id = ?", grant)
    await world.replace(id, imapForm(grant, { name: 'still hers', authentication: oauth(grant) }))
  })
})
