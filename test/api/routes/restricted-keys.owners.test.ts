import { expect, it } from 'vitest'
import { problemOf } from '../harness.ts'
import { callerOf, createKey } from '../keys.ts'
import { grantWorld, smtpForm } from '../mail-world.ts'

it('a restricted key cannot change the owner of its account, which would let it handle the mail of others', async () => {
  const { world, grant } = await grantWorld()
  const { id } = await world.save(smtpForm(grant))
  const key = await createKey(world, { scopes: ['write'], mail_accounts: [id] })
  const put = (changes: object) =>
    callerOf(world, key.key)('PUT', `/v1/mail-accounts/${id}`, smtpForm(grant, changes))
  expect((await put({ name: 'Renamed' })).status).toBe(200)
  for (const changes of [
    { owner: { type: 'global' } },
    { owner: { type: 'brand', id: 'another' } },
    { owner: { type: 'department', id: 'dep_7' }, protocol: 'imap' },
  ]) {
    expect(await problemOf(put(changes))).toMatchObject({ status: 403, code: 'key_limited' })
  }
})
