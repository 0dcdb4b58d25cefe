import { describe, expect, it } from 'vitest'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Problem } from '../../../../schema/problem.ts'
import { secrets } from '../../../sandbox/personas.ts'
import { createWorld } from '../../harness.ts'
import { savedAccount } from '../../saved-account.ts'

const first = (holder: { diagnosis?: Problem['diagnosis'] | undefined } | null | undefined) =>
  holder?.diagnosis?.candidates[0]?.cause

/** Creates an account whose access token was fetched once and has expired. */
async function accountWithExpiredToken(username: string) {
  const world = await createWorld()
  const saved = await savedAccount(world, { username })
  world.advance(86_400)
  return { world, ...saved }
}

describe('a refused refresh', () => {
  it.each([
    ['erin@contoso.test', 'mfa-or-interaction-required'],
    ['frank@contoso.test', 'refresh-token-expired'],
  ])(
    'is explained with the token request, the grant and the account: %s',
    async (username, cause) => {
      const { world, path, grant, id } = await accountWithExpiredToken(username)
      for (const _ of ['from Microsoft', 'from the stored problem']) {
        const problem = await (await world.call('POST', path)).json<Problem>()
        expect(problem.code).toBe('reconnect_required')
        expect(first(problem)).toBe(cause)
      }
      expect(first((await world.get<Grant>(`/v1/grants/${grant}`)).problem)).toBe(cause)
      const account = await world.get<MailAccount>(`/v1/mail-accounts/${id}`)
      expect(first(account.problem)).toBe(cause)
      const { data } = await world.get<{ data: Grant[] }>('/v1/grants')
      expect(first(data[0]?.problem)).toBe(cause)
    },
  )

  it.each([
    ['outage', 'server-transient'],
    ['rate_limit', 'throttled'],
  ] as const)('is not confused with %s', async (kind, cause) => {
    const { world, path, grant } = await accountWithExpiredToken('alice@contoso.test')
    world.entra.control.faultNext({ kind })
    const problem = await (await world.call('POST', path)).json<Problem>()
    expect(problem.code).toBe('provider_unavailable')
    expect(first(problem)).toBe(cause)
    world.advance(3601)
    expect((await world.call('POST', path)).status).toBe(200)
    expect((await world.get<Grant>(`/v1/grants/${grant}`)).problem).toBeNull()
  })

  it('reports the expired client secret without blaming the grant', async () => {
    const { world, path, grant } = await accountWithExpiredToken('alice@contoso.test')
    const settings = await world.get<{ client_id: string }>('/v1/integrations/microsoft/settings')
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: settings.client_id,
      credential: { type: 'client_secret', client_secret: secrets.expired },
    })
    for (const _ of ['from Microsoft', 'from the stored problem']) {
      const problem = await (await world.call('POST', path)).json<Problem>()
      expect(problem.code).toBe('credential_rejected')
      expect(first(problem)).toBe('client-secret-expired')
      expect(JSON.stringify(problem)).not.toContain(secrets.expired)
    }
    expect((await world.get<Grant>(`/v1/grants/${grant}`)).problem).toBeNull()
  })
})
