import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { interceptD1 } from '../../intercept-d1.ts'
import { bearer, callerOf, createKey } from '../../keys.ts'
import { createMailWorld, imapForm, passwordForm, smtpForm } from '../../mail-world.ts'
import {
  type AnyAuthorization,
  authorize,
  browserOf,
  readAuthorization,
  signIn,
} from '../../sign-in.ts'
import { rows } from '../../sql.ts'

const WRITES = /^(?:update|insert into|delete from) "(?:mail_accounts|grants)"/i

/**
 * Two accounts of customer a that share a grant, and another account with its own grant. `race` moves the two to b just
 * before the next write of an account or grant.
 */
async function twoAccounts() {
  let meanwhile: (() => Promise<unknown>) | null = null
  const db = interceptD1(env.DB, async ({ statements, run }) => {
    const work = statements.some(({ sql }) => WRITES.test(sql)) ? meanwhile : null
    if (work) meanwhile = null
    await work?.()
    return run()
  })
  const world = await createMailWorld({ db })
  await world.activate()
  const [grant, other] = [
    await world.grant('alice@contoso.test'),
    await world.grant('alice@contoso.test'),
  ]
  await rows("UPDATE grants SET customer = 'a'")
  const imap = await world.save(imapForm(grant))
  const smtp = await world.save(smtpForm(grant))
  const desk = await world.save(passwordForm({ customer: 'a' }))
  const { key } = await createKey(world, { scopes: ['write'], customer: 'a' })
  const move = () => world.replace(imap.id, imapForm(grant, { customer: 'b' }))
  return {
    world,
    grant,
    other,
    imap,
    smtp,
    desk,
    key,
    asCustomer: callerOf(world, key),
    move,
    race: () => {
      meanwhile = move
    },
  }
}

type Accounts = Awaited<ReturnType<typeof twoAccounts>>
type Request = [method: string, path: string, body?: object]

/** The grant of each customer, and the accounts that have it. */
const customersOf = (grant: string) =>
  rows(
    'SELECT customer FROM grants WHERE id = ?1 UNION ALL SELECT customer FROM mail_accounts WHERE grant_id = ?1',
    grant,
  )
const ofB = Array.from({ length: 3 }, () => ({ customer: 'b' }))

describe('accounts whose grant has moved to another customer meanwhile', () => {
  it.each<[string, number, (accounts: Accounts) => Request]>([
    [
      'are not moved back',
      404,
      ({ grant, smtp }) => [
        'PUT',
        `/v1/mail-accounts/${smtp.id}`,
        smtpForm(grant, { name: 'Mine' }),
      ],
    ],
    [
      'are not moved back with another grant',
      404,
      ({ other, smtp }) => ['PUT', `/v1/mail-accounts/${smtp.id}`, smtpForm(other)],
    ],
    [
      'are not moved back by another account that is to have their grant',
      422,
      ({ grant, desk }) => ['PUT', `/v1/mail-accounts/${desk.id}`, imapForm(grant)],
    ],
    [
      'get no other beside them',
      422,
      ({ grant }) => [
        'POST',
        '/v1/mail-accounts',
        imapForm(grant, { owner: { type: 'other', id: 'x' } }),
      ],
    ],
    ['are not deleted', 404, ({ smtp }) => ['DELETE', `/v1/mail-accounts/${smtp.id}`]],
    ['keep their grant', 404, ({ grant }) => ['DELETE', `/v1/grants/${grant}?detach=true`]],
  ])('%s by a key of the former one', async (_what, status, requestOf) => {
    const accounts = await twoAccounts()
    accounts.race()
    const response = await accounts.asCustomer(...requestOf(accounts))
    expect(response.status).toBe(status)
    expect(await customersOf(accounts.grant)).toEqual(ofB)
  })

  it('are saved where they are now by a form that names no customer', async () => {
    const { world, grant, smtp, race } = await twoAccounts()
    race()
    const saved = await world.replace(smtp.id, smtpForm(grant, { name: 'Orders' }))
    expect(saved).toMatchObject({ name: 'Orders', customer: 'b' })
    expect(await customersOf(grant)).toEqual(ofB)
  })

  it.each(['before', 'while'] as const)(
    'keep their tokens if they move %s a link of the former one reconnects them',
    async (when) => {
      const { world, grant, imap, key, move, race } = await twoAccounts()
      const body = { mail_account_id: imap.id, apply: 'at_once' }
      const link = await authorize(world, body, bearer(key))
      if (when === 'before') await move()
      else race()
      await signIn(world, browserOf(world), link.url)
      expect(await readAuthorization(world, link.id)).toMatchObject({
        status: 'failed',
        problem: { detail: expect.stringContaining('nothing to reconnect') },
      })
      expect(await customersOf(grant)).toEqual(ofB)
    },
  )

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
