import { describe, expect, it } from 'vitest'
import type { ApiKey } from '../../../schema/api-key.ts'
import { appOnly, appOnlyAccountWorld, createAppOnlyWorld } from '../app-only-world.ts'
import { problemOf } from '../harness.ts'
import { callerOf, createKey } from '../keys.ts'
import { imapForm } from '../mail-world.ts'

type AppOnlyWorld = Awaited<ReturnType<typeof createAppOnlyWorld>>

/** Creates a key limited to these accounts that fetches tokens, with further members of its input. */
const limitedKey = (world: AppOnlyWorld, ids: string[], input: object = {}) =>
  createKey(world, { scopes: ['tokens'], mail_accounts: ids, ...input })

const readKey = async (world: AppOnlyWorld, id: string) =>
  (await world.call('GET', `/v1/api-keys/${id}`)).json<ApiKey>()

describe('a key limited to an app-only account', () => {
  it('gets no token of the app, which would open other mailboxes, and no request reaches Entra', async () => {
    const { world, id, path } = await appOnlyAccountWorld()
    const { id: keyId, key } = await limitedKey(world, [id])
    const before = world.tokenRequests()
    const problem = await problemOf(callerOf(world, key)('POST', path, {}))
    expect(problem).toMatchObject({ status: 403, code: 'app_only_not_allowed' })
    expect(world.tokenRequests()).toBe(before)
    const events = await world.call('GET', '/v1/events?type=access.refused')
    expect(await events.json()).toMatchObject({
      data: [{ actor: { id: keyId }, data: { code: 'app_only_not_allowed' } }],
    })
  })

  it('gets it with the right by name, which its view and its event state', async () => {
    const { world, id, path } = await appOnlyAccountWorld()
    const { key, ...created } = await limitedKey(world, [id], { app_only: true })
    expect((await callerOf(world, key)('POST', path, {})).status).toBe(200)
    expect(created).toMatchObject({ app_only: true })
    expect(await readKey(world, created.id)).toMatchObject({ app_only: true })
    const events = await world.call('GET', `/v1/events?subject=${created.id}`)
    expect(await events.json()).toMatchObject({ data: [{ data: { app_only: true } }] })
  })

  it('is refused before anything is said about the integration', async () => {
    const { world, id, path } = await appOnlyAccountWorld()
    const { key } = await limitedKey(world, [id])
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect((await callerOf(world, key)('POST', path, {})).status).toBe(403)
  })

  it('keeps the tokens of its other accounts', async () => {
    const world = await createAppOnlyWorld()
    const delegated = await world.save(imapForm(await world.grant('alice@contoso.test')))
    const { id } = await world.saveAccount()
    const call = callerOf(world, (await limitedKey(world, [id, delegated.id])).key)
    expect((await call('POST', `/v1/mail-accounts/${delegated.id}/access-token`, {})).status).toBe(
      200,
    )
  })

  it('loses the token when the account becomes app-only later', async () => {
    const world = await createAppOnlyWorld()
    const form = imapForm(await world.grant('alice@contoso.test'))
    const { id } = await world.save(form)
    const call = callerOf(world, (await limitedKey(world, [id])).key)
    const path = `/v1/mail-accounts/${id}/access-token`
    expect((await call('POST', path, {})).status).toBe(200)
    await world.replace(id, { ...form, authentication: appOnly('contoso.test') })
    expect((await call('POST', path, {})).status).toBe(403)
  })
})
