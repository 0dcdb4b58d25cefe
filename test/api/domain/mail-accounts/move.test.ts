import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { interceptD1 } from '../../intercept-d1.ts'
import { bearer, callerOf, createKey } from '../../keys.ts'
import { createMailWorld, imapForm, smtpForm } from '../../mail-world.ts'
import { type AnyAuthorization, authorize, browserOf, signIn } from '../../sign-in.ts'
import { rows } from '../../sql.ts'

const WRITES_ACCOUNTS = /^(?:update|insert into|delete from) "mail_accounts"/i

/** Two accounts of customer a with one grant. `race` moves them to b just before the next write of an account. */
async function twoAccounts() {
  let meanwhile: (() => Promise<unknown>) | null = null
  const db = interceptD1(env.DB, async ({ statements, run }) => {
    const work = statements.some(({ sql }) => WRITES_ACCOUNTS.test(sql)) ? meanwhile : null
    if (work) meanwhile = null
    await work?.()
    return run()
  })
  const world = await createMailWorld({ db })
  await world.activate()
  const grant = await world.grant('alice@contoso.test')
  await rows("UPDATE grants SET customer = 'a' WHERE id = ?", grant)
  const imap = await world.save(imapForm(grant))
  const smtp = await world.save(smtpForm(grant))
  const { key } = await createKey(world, { scopes: ['write'], customer: 'a' })
  return {
    world,
    grant,
    smtp,
    key,
    asCustomer: callerOf(world, key),
    race: () => {
      meanwhile = () => world.replace(imap.id, imapForm(grant, { customer: 'b' }))
    },
  }
}

/** What belongs to each customer. */
const customers = () =>
  rows('SELECT customer FROM grants UNION ALL SELECT customer FROM mail_accounts')
const ofB = (count: number) => Array.from({ length: count }, () => ({ customer: 'b' }))

describe('accounts whose grant has moved to another customer meanwhile', () => {
  it('are not moved back by a key of the former one', async () => {
    const { grant, smtp, asCustomer, race } = await twoAccounts()
    race()
    const form = smtpForm(grant, { name: 'Mine' })
    const response = await asCustomer('PUT', `/v1/mail-accounts/${smtp.id}`, form)
    expect(response.status).toBe(404)
    expect(await customers()).toEqual(ofB(3))
  })

  it('are saved where they are now by a form that names no customer', async () => {
    const { world, grant, smtp, race } = await twoAccounts()
    race()
    const saved = await world.replace(smtp.id, smtpForm(grant, { name: 'Orders' }))
    expect(saved).toMatchObject({ name: 'Orders', customer: 'b' })
    expect(await customers()).toEqual(ofB(3))
  })

  it('get no other beside them from a key of the former one', async () => {
    const { grant, asCustomer, race } = await twoAccounts()
    race()
    const form = imapForm(grant, { owner: { type: 'other', id: 'x' } })
    const response = await asCustomer('POST', '/v1/mail-accounts', form)
    expect(response.status).toBe(422)
    expect(await customers()).toEqual(ofB(3))
  })

  it('are not deleted by a key of the former one', async () => {
    const { smtp, asCustomer, race } = await twoAccounts()
    race()
    expect((await asCustomer('DELETE', `/v1/mail-accounts/${smtp.id}`)).status).toBe(404)
    expect(await customers()).toEqual(ofB(3))
  })

  it('take their grant from the authorization that the former one reads', async () => {
    const { world, key, asCustomer } = await twoAccounts()
    const { id, url } = await authorize(world, {}, bearer(key))
    await signIn(world, browserOf(world), url)
    const read = async () =>
      (await asCustomer('GET', `/v1/authorizations/${id}`)).json<AnyAuthorization>()
    const grant = (await read()).grant?.id ?? ''
    const account = await world.save(imapForm(grant))
    await world.replace(account.id, imapForm(grant, { customer: 'b' }))
    expect(await read()).toMatchObject({ status: 'completed' })
    expect(await read()).not.toHaveProperty('grant')
  })
})
