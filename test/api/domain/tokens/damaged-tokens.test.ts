/** Stored tokens that cannot be decrypted. An access token is replaced, but a damaged refresh token needs a sign-in. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { encodeBase64Url } from '../../../../schema/base64.ts'
import { expiredGrantWorld, scriptedEntraWorld } from '../../expired-grant.ts'
import { refreshes } from '../../saved-account.ts'
import { issued, kinds, NEW_TOKEN, outage, worldOf } from './both-kinds.ts'

/** SQL values for a ciphertext that no key of the ring opens, from the one in `column`. */
const damages = (column: string): [what: string, value: string][] => [
  ['is missing', 'NULL'],
  ['is no ciphertext', "'x'"],
  ['was cut short', `substr(${column}, 1, length(${column}) - 9)`],
  ['was changed', `${column} || 'AAAA'`],
  ['was sealed for another row', `'${sealedElsewhere}'`],
  ['has an unknown format', `'${unknownFormat}'`],
]

const header = (fields: object) => encodeBase64Url(JSON.stringify({ kid: 'k1', ...fields }))
const unknownFormat = `${header({ alg: 'dir', enc: 'A512GCM', v: 2 })}..AAAA.AAAA.AAAA`
const sealedElsewhere = `${header({ alg: 'dir', enc: 'A256GCM', tbl: 'grants', row: 'gr_x', col: 'refresh_token' })}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`

describe.each(kinds)('a stored access token (%s)', (kind) => {
  it.each(damages('access_token_sealed'))('that %s counts as absent', async (_what, value) => {
    const { response, issue, row, setToken, world } = await worldOf(kind)
    await setToken(`access_token_sealed = ${value}`)
    Object.assign(response, { is: issued, asked: 0 })
    expect(await issue()).toBe(NEW_TOKEN)
    expect(response.asked).toBe(1)
    expect(await row()).toMatchObject({ state: 'active', failures: 0, lease_owner: null })
    expect(world.lines.join()).toContain('access_token_damaged')
    // The new one is stored and used.
    expect(await issue()).toBe(NEW_TOKEN)
    expect(response.asked).toBe(1)
  })

  it('that is damaged bridges no outage, and is no reason to ask before the retry time', async () => {
    const { response, issue, setToken, world } = await worldOf(kind)
    await setToken("access_token_sealed = 'x'")
    Object.assign(response, { is: outage, asked: 0 })
    expect(await issue()).toBe('provider_unavailable')
    expect(await issue()).toBe('provider_unavailable')
    expect(response.asked).toBe(1)
    world.advance(31)
    response.is = issued
    expect(await issue()).toBe(NEW_TOKEN)
  })
})

describe('a stored refresh token', () => {
  it.each(damages('refresh_token_sealed'))(
    'that %s needs a sign-in, with its cause and an event',
    async (_what, value) => {
      const { world, grant, refresh, row } = await expiredGrantWorld()
      await env.DB.prepare(`UPDATE grants SET refresh_token_sealed = ${value}`).run()
      const detail = "The sign-in can't be decrypted: sign in again."
      const refusal = { code: 'reconnect_required', detail }
      expect(await refresh()).toMatchObject({ ok: false, error: refusal })
      expect(refreshes(world)).toBe(0)
      expect(await row()).toMatchObject({ state: 'reconnect_required', lease_owner: null })
      const shown = await (await world.call('GET', `/v1/grants/${grant}`)).json()
      expect(shown).toMatchObject({
        status: 'reconnect_required',
        problem: {
          ...refusal,
          diagnosis: {
            verdict: 'certain',
            candidates: [{ cause: 'refresh-token-damaged', responsible: 'user' }],
          },
        },
      })
      const events = await (await world.call('GET', `/v1/events?subject=${grant}`)).json()
      expect(events).toMatchObject({ data: [{ type: 'grant.reconnect_required' }] })
    },
  )

  it('that is damaged is replaced with the help of the previous one', async () => {
    const { world, refresh, row } = await expiredGrantWorld()
    expect((await refresh()).ok).toBe(true)
    const { previous_refresh_token_sealed: previous } = (await row()) ?? {}
    await env.DB.prepare("UPDATE grants SET refresh_token_sealed = 'x'").run()
    world.advance(86_400)
    expect((await refresh()).ok).toBe(true)
    expect(await row()).toMatchObject({
      state: 'active',
      previous_refresh_token_sealed: previous,
      refresh_token_sealed: expect.stringMatching(/^eyJ/),
    })
    expect(world.lines.join()).toContain('refresh_token_damaged')
    world.advance(86_400)
    expect((await refresh()).ok).toBe(true)
  })

  it('that is damaged is replaced by the previous one when Entra sends no new one', async () => {
    const { world, refresh } = await expiredGrantWorld()
    expect((await refresh()).ok).toBe(true)
    await env.DB.prepare("UPDATE grants SET refresh_token_sealed = 'x'").run()
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'no_refresh_token' })
    expect((await refresh()).ok).toBe(true)
    await env.DB.prepare('UPDATE grants SET previous_refresh_token_sealed = NULL').run()
    world.advance(86_400)
    expect((await refresh()).ok).toBe(true)
  })

  it.each([
    ['has expired', 400, { error: 'invalid_grant', error_codes: [700082] }, 'reconnect_required'],
    ['meets an outage', 503, { error: 'temporarily_unavailable' }, 'provider_unavailable'],
  ])('that is damaged and whose previous one %s', async (_what, status, body, code) => {
    const { world, refresh, row, script } = await scriptedEntraWorld()
    expect((await refresh()).ok).toBe(true)
    await env.DB.prepare("UPDATE grants SET refresh_token_sealed = 'x'").run()
    world.advance(86_400)
    script.respond = async () => Response.json(body, { status })
    expect(await refresh()).toMatchObject({ ok: false, error: { code } })
    const { problem_facts: facts } = (await row()) ?? {}
    expect(String(facts).includes('token_damaged')).toBe(code === 'reconnect_required')
  })
})
