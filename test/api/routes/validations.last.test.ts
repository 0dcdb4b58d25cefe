import { describe, expect, it } from 'vitest'
import { replaceMailAccount } from '../../../api/domain/mail-accounts/mail-accounts.ts'
import { MailAccountInput } from '../../../schema/mail-account.ts'
import {
  activeMailWorld,
  createMailWorld,
  grantWorld,
  imapForm,
  passes,
  passwordAccountWorld,
  passwordForm,
  refuses,
  withoutPassword,
} from '../mail-world.ts'
import { system } from '../system-call.ts'

describe('the last validation of an account', () => {
  it('is the validation of the form if that is saved within an hour', async () => {
    const { world, grant } = await grantWorld({ saved: false })
    const { id } = await world.validate(imapForm(grant, { name: 'a name does not count' }))
    world.advance(3599)
    expect(await world.save(imapForm(grant))).toMatchObject({
      health: 'ok',
      last_validation: { id, outcome: 'passed', checked_at: '2026-11-24T09:00:00.000Z' },
    })
  })

  it('is the newest of several validations of the form, and the response shows what failed', async () => {
    const world = await createMailWorld()
    await world.validate(passwordForm())
    world.advance(1)
    world.login.probe = refuses
    const { id: failed } = await world.validate(passwordForm())
    const account = await world.save(passwordForm())
    expect(account).toMatchObject({ health: 'failing', last_validation: { id: failed } })
    expect(await world.read(account.id)).toEqual(account)
    world.advance(1)
    world.login.probe = passes
    const { id: passed } = await world.validate(passwordForm())
    const saved = await world.replace(account.id, passwordForm({ name: 'renamed' }))
    expect(saved).toMatchObject({ health: 'ok', last_validation: { id: passed } })
    expect(await world.read(account.id)).toEqual(saved)
  })

  it('is missing if the form was validated more than an hour before', async () => {
    const world = await createMailWorld()
    await world.validate(passwordForm())
    world.advance(3601)
    const account = await world.save(passwordForm())
    expect(account.health).toBe('unverified')
    expect(account.last_validation).toBeNull()
  })

  it('is missing if the form was validated with another password', async () => {
    const world = await createMailWorld()
    await world.validate(passwordForm())
    const other = { authentication: { type: 'password', password: 'another' } }
    expect((await world.save(passwordForm(other))).last_validation).toBeNull()
    expect((await world.save(passwordForm())).last_validation?.outcome).toBe('passed')
  })

  it('is updated by validating the saved account, and shows what failed', async () => {
    const world = await activeMailWorld({ probe: refuses })
    const { id } = await world.save(imapForm(await world.grant('alice@contoso.test')))
    const failed = await world.validateSaved(id)
    expect(await world.read(id)).toMatchObject({
      health: 'failing',
      problem: {
        code: 'login_failed',
        detail: 'The server rejected the login: NO AUTHENTICATE failed.',
        since: failed.checked_at,
        diagnosis: failed.diagnosis,
      },
      last_validation: { id: failed.id, outcome: 'failed' },
    })
    const found = (health: string) => world.get(`/v1/mail-accounts?health=${health}`)
    expect(await found('failing')).toMatchObject({ data: [{ id }] })
    expect(await found('unverified')).toMatchObject({ data: [] })
    world.login.probe = (request) => ({ ...refuses(request), outcome: 'passed', failure: null })
    await world.validateSaved(id)
    const account = await world.read(id)
    expect(account.health).toBe('ok')
    expect(account.problem).toBeNull()
  })

  it('is updated by validating its form only if the form has the same values', async () => {
    const { world, id } = await passwordAccountWorld()
    const other = passwordForm({ mail_account_id: id, port: 143 })
    await world.validate(other)
    expect((await world.read(id)).last_validation).toBeNull()
    const same = passwordForm({ mail_account_id: id, ...withoutPassword })
    const validation = await world.validate(same)
    expect((await world.read(id)).last_validation?.id).toBe(validation.id)
  })

  it('survives a change of name, but not of the server', async () => {
    const { world, id } = await passwordAccountWorld()
    const { id: validation } = await world.validateSaved(id)
    world.advance(7200)
    const renamed = await world.replace(id, passwordForm({ name: 'x', ...withoutPassword }))
    expect(renamed.last_validation?.id).toBe(validation)
    const same = await world.replace(id, passwordForm())
    expect(same.last_validation?.id).toBe(validation)
    const moved = await world.replace(id, passwordForm({ host: 'mail.example.net' }))
    expect(moved).toMatchObject({ health: 'unverified' })
    expect(moved.last_validation).toBeNull()
  })

  it('is not overwritten by a concurrent change of name', async () => {
    const { world, id } = await passwordAccountWorld()
    await world.validateSaved(id)
    world.advance(60)
    const form = MailAccountInput.parse(passwordForm({ name: 'renamed' }))
    const { mailAccounts } = world.services.store
    let newest = ''
    const read: typeof mailAccounts.read = async (...args) => {
      const stored = await mailAccounts.read(...args)
      newest = (await world.validateSaved(id)).id
      return stored
    }
    const store = { ...world.services.store, mailAccounts: { ...mailAccounts, read } }
    await replaceMailAccount({ ...world.services, store }, system, id, form, null)
    expect(await world.read(id)).toMatchObject({ name: 'renamed', last_validation: { id: newest } })
  })

  it('is not replaced by an older one that is stored later', async () => {
    const { world, id } = await passwordAccountWorld()
    const { validations } = world.services.store
    const { add } = validations
    let newest = ''
    validations.add = async (...args) => {
      validations.add = add
      world.advance(1)
      newest = (await world.validateSaved(id)).id
      return add(...args)
    }
    await world.validateSaved(id)
    expect((await world.read(id)).last_validation?.id).toBe(newest)
  })

  it('is removed when another grant is saved', async () => {
    const world = await activeMailWorld()
    const { id } = await world.save(imapForm(await world.grant('alice@contoso.test')))
    await world.validateSaved(id)
    const fresh = await world.grant('alice@contoso.test', { saved: false })
    expect((await world.replace(id, imapForm(fresh))).last_validation).toBeNull()
  })
})
