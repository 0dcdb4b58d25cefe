import { describe, expect, it } from 'vitest'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { Integration } from '../../../schema/integration.ts'
import { appOnly, createAppOnlyWorld } from '../app-only-world.ts'
import { callerOf, createKey } from '../keys.ts'
import { imapForm } from '../mail-world.ts'

type AppOnlyWorld = Awaited<ReturnType<typeof createAppOnlyWorld>>

/** Creates a key limited to these accounts that fetches tokens, with further members of its input. */
const limitedKey = (world: AppOnlyWorld, ids: string[], input: object = {}) =>
  createKey(world, { scopes: ['tokens'], mail_accounts: ids, ...input })

/** Takes the right's column back to what a version without it stores. */
const forgetRight = (world: AppOnlyWorld, id: string) =>
  world.db.prepare('UPDATE api_keys SET app_only = NULL WHERE id = ?').bind(id).run()

const readKey = async (world: AppOnlyWorld, id: string) =>
  (await world.call('GET', `/v1/api-keys/${id}`)).json<ApiKey>()

const problemsOf = async (world: AppOnlyWorld) => {
  const response = await world.call('GET', '/v1/integrations/microsoft')
  return (await response.json<Integration>()).problems
}

describe('a key limited to an app-only account', () => {
  it('gets no token of the app, which would open other mailboxes, and no request reaches Entra', async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount()
    const { id: keyId, key } = await limitedKey(world, [id])
    const before = world.tokenRequests()
    const response = await callerOf(world, key)('POST', path, {})
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'app_only_not_allowed' })
    expect(world.tokenRequests()).toBe(before)
    const events = await world.call('GET', '/v1/events?type=access.refused')
    expect(await events.json()).toMatchObject({
      data: [{ actor: { id: keyId }, data: { code: 'app_only_not_allowed' } }],
    })
  })

  it('gets it with the right by name, which its view and its event state', async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount()
    const { key, ...created } = await limitedKey(world, [id], { app_only: true })
    expect((await callerOf(world, key)('POST', path, {})).status).toBe(200)
    expect(created).toMatchObject({ app_only: true, warnings: [] })
    expect(await readKey(world, created.id)).toMatchObject({ app_only: true, warnings: [] })
    const events = await world.call('GET', `/v1/events?subject=${created.id}`)
    expect(await events.json()).toMatchObject({ data: [{ data: { app_only: true } }] })
  })

  it('is refused before anything is said about the integration', async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount()
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

  it('must state the right as a boolean', async () => {
    const world = await createAppOnlyWorld()
    const body = { name: 'x', scopes: ['tokens'], app_only: 'yes' }
    const { errors } = await world.problem('POST', '/v1/api-keys', body)
    expect(errors).toMatchObject([{ pointer: '/app_only' }])
  })
})

describe('a key that is not limited', () => {
  it.each([['tokens'], ['admin']])('gets the token with the scope %s alone', async (scope) => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    const { id, key } = await createKey(world, { scopes: [scope] })
    expect((await callerOf(world, key)('POST', path, {})).status).toBe(200)
    await forgetRight(world, id)
    expect((await callerOf(world, key)('POST', path, {})).status).toBe(200)
    expect(await readKey(world, id)).toMatchObject({ warnings: [] })
    expect(await problemsOf(world)).toEqual([])
  })
})

describe('a limited key from before the right existed', () => {
  it('keeps working, with a warning at the key, in the list and at the integration', async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount()
    const key = await limitedKey(world, [id])
    await forgetRight(world, key.id)
    const call = callerOf(world, key.key)
    expect((await call('POST', path, {})).status).toBe(200)
    const warnings = [expect.stringContaining('Create a key with `app_only`')]
    expect(await readKey(world, key.id)).toMatchObject({ app_only: true, warnings })
    const list = await world.call('GET', '/v1/api-keys')
    expect(await list.json()).toMatchObject({ data: [{ id: key.id, warnings }] })
    expect(await problemsOf(world)).toEqual([
      { code: 'app_only_keys', detail: expect.stringMatching(/^1 API key is limited/) },
    ])

    await world.call('DELETE', `/v1/api-keys/${key.id}`)
    expect(await readKey(world, key.id)).toMatchObject({ warnings: [] })
    expect(await problemsOf(world)).toEqual([])
  })

  it.each([
    ['cannot fetch tokens', { scopes: ['write'] }, 0],
    ['has expired', { expires_at: '2026-11-24T09:10:00Z' }, 600],
  ])('has no warning if it %s', async (_name, input, seconds) => {
    const world = await createAppOnlyWorld()
    const { id } = await world.saveAccount()
    const key = await limitedKey(world, [id], input)
    await forgetRight(world, key.id)
    world.advance(seconds)
    expect(await readKey(world, key.id)).toMatchObject({ warnings: [] })
    expect(await problemsOf(world)).toEqual([])
  })

  it('has no warning without an app-only account, and one as soon as an account becomes it', async () => {
    const world = await createAppOnlyWorld()
    const form = imapForm(await world.grant('alice@contoso.test'))
    const { id } = await world.save(form)
    const key = await limitedKey(world, [id])
    await forgetRight(world, key.id)
    expect(await readKey(world, key.id)).toMatchObject({ warnings: [] })
    expect(await problemsOf(world)).toEqual([])
    await world.replace(id, { ...form, authentication: appOnly('contoso.test') })
    expect((await readKey(world, key.id)).warnings).toHaveLength(1)
    expect(await problemsOf(world)).toMatchObject([{ code: 'app_only_keys' }])
  })

  it('is what a previous version creates on the new table', async () => {
    const world = await createAppOnlyWorld()
    const { id } = await world.saveAccount()
    await world.db
      .prepare(
        `INSERT INTO api_keys (id, name, secret_hash, scopes, mail_account_ids, created_at, created_by)
        VALUES (?, 'Worker', 'hash', 'tokens', ?, 1, 'root')`,
      )
      .bind(`key_${'a'.repeat(26)}`, JSON.stringify([id]))
      .run()
    expect(await readKey(world, `key_${'a'.repeat(26)}`)).toMatchObject({ app_only: true })
    expect(await problemsOf(world)).toMatchObject([{ code: 'app_only_keys' }])
  })
})
