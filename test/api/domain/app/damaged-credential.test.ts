import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { expiredGrantWorld } from '../../expired-grant.ts'
import { createMailWorld, passwordForm } from '../../mail-world.ts'

const damage = (table: string, column: string) =>
  env.DB.prepare(`UPDATE ${table} SET ${column} = 'x'`).run()

const DETAIL = expect.stringMatching(/damaged.*save them with a credential:/)

it('asks for a client credential again that does not decrypt, and changes no grant', async () => {
  const { world, refresh, row } = await expiredGrantWorld()
  await damage('integrations', 'credential_sealed')
  expect(await refresh()).toMatchObject({ error: { code: 'credential_rejected', detail: DETAIL } })
  expect(await row()).toMatchObject({ state: 'active', lease_owner: null })
  const verify = '/v1/integrations/microsoft/settings/verify'
  const verified = await world.call('POST', verify, { tenant: 'contoso.test' })
  expect(await verified.json()).toMatchObject({ outcome: 'failed', detail: DETAIL })
})

it('asks for a mailbox password again that does not decrypt', async () => {
  const world = await createMailWorld()
  const { id } = await world.save(passwordForm())
  await damage('mail_accounts', 'password_sealed')
  const problem = await world.problem('POST', `/v1/mail-accounts/${id}/validate`)
  expect(problem).toMatchObject({ status: 422, code: 'password_required' })
})
