import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { validateMailAccount } from '../../../../api/domain/checks/validations.ts'
import { refreshGrant } from '../../../../api/domain/tokens/delegated.ts'
import { UNLIMITED } from '../../../../api/model/access.ts'
import type { Call } from '../../../../api/services.ts'
import { activeMailWorld, imapForm } from '../../mail-world.ts'

const call: Call = { actor: { type: 'key', id: 'root' }, accessScope: UNLIMITED, defer: () => {} }

/** Creates a world with a saved account whose access token expires in `seconds`. */
async function accountWorld(seconds: number) {
  const world = await activeMailWorld()
  const grant = await world.grant('alice@contoso.test')
  const { id } = await world.save(imapForm(grant))
  const { services } = world
  const stored = async () => {
    const found = await services.store.grants.readWithToken(grant, 'outlook')
    if (!found) throw new Error('the grant is gone')
    return found
  }
  const { accessTokenExpiresAt } = await stored()
  world.advance(
    ((accessTokenExpiresAt?.getTime() ?? 0) - world.clock.now.getTime()) / 1000 - seconds,
  )
  world.entra.control.resetCounts()
  const validate = async (since: () => Promise<unknown>) => {
    const { loginContexts } = services.store
    const readAccount: typeof loginContexts.readAccount = async (...args) => {
      const context = await loginContexts.readAccount(...args)
      await since()
      return context
    }
    const store = { ...services.store, loginContexts: { ...loginContexts, readAccount } }
    return validateMailAccount({ ...services, store }, call, id)
  }
  const asked = () => world.entra.counts().token.refresh_token
  return { world, grant, stored, validate, asked }
}

describe('a validation of an account that was read a moment ago', () => {
  it('logs in with the token that another request has fetched since', async () => {
    const { world, stored, validate, asked } = await accountWorld(-1)
    const result = await validate(async () => refreshGrant(world.services, call, await stored()))
    expect(result).toMatchObject({ ok: true, value: { outcome: 'passed' } })
    const token = await (await stored()).openAccessToken()
    expect(world.probes).toMatchObject([{ credential: { type: 'oauth', access_token: token } }])
    expect(asked()).toBe(1)
  })

  it('does not log in if the person must sign in again since', async () => {
    const { world, validate, asked } = await accountWorld(-1)
    const result = await validate(() =>
      env.DB.batch([
        env.DB.prepare("UPDATE grant_tokens SET state = 'reconnect_required'"),
        env.DB.prepare('UPDATE grants SET version = version + 1'),
      ]),
    )
    expect(result).toMatchObject({ ok: true, value: { outcome: 'failed' } })
    expect(world.probes).toEqual([])
    expect(asked()).toBe(0)
  })

  it('has no result if the grant was deleted since', async () => {
    const { world, grant, validate } = await accountWorld(-1)
    const result = await validate(() => world.call('DELETE', `/v1/grants/${grant}?detach=true`))
    expect(result).toMatchObject({ ok: false, error: { code: 'not_found' } })
    expect(world.probes).toEqual([])
  })

  it('does not become the last one of an account that was changed since', async () => {
    const { world, grant, validate } = await accountWorld(3000)
    const { data } = await (await world.call('GET', '/v1/mail-accounts')).json<{
      data: { id: string }[]
    }>()
    const id = data[0]?.id ?? ''
    const result = await validate(() =>
      world.replace(id, imapForm(grant, { delegate: 'a@b.test' })),
    )
    expect(result).toMatchObject({ ok: true, value: { outcome: 'passed' } })
    expect((await world.read(id)).last_validation).toBeNull()
  })
})
