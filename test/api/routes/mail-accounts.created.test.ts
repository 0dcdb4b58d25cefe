import { describe, expect, it } from 'vitest'
import { appOnlyForm } from '../app-only-world.ts'
import { activeMailWorld, imapForm, type MailWorld, passwordForm, refuses } from '../mail-world.ts'

describe('the answer to a new account', () => {
  it.each<[string, (world: MailWorld) => Promise<object>]>([
    ['with a grant', async (world) => imapForm(await world.grant('alice@contoso.test'))],
    [
      'with an unsaved grant',
      async (world) => imapForm(await world.grant('alice@contoso.test', { saved: false })),
    ],
    ['of the app', async () => appOnlyForm()],
    ['with a password', async () => passwordForm()],
  ])('%s is what a later read answers, also after a failed validation', async (_, body) => {
    const world = await activeMailWorld()
    const form = await body(world)
    const created = await world.save(form)
    expect(await world.read(created.id)).toEqual(created)
    world.login.probe = refuses
    await world.validate(form)
    const failing = await world.save(form)
    expect(failing.last_validation).toMatchObject({ outcome: 'failed' })
    expect(failing.problem).toMatchObject({ diagnosis: expect.anything() })
    expect(await world.read(failing.id)).toEqual(failing)
  })
})
