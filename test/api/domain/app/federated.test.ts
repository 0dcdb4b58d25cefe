import { describe, expect, it } from 'vitest'
import { readFederatedIdentity } from '../../../../api/domain/app/federated.ts'
import { createWorld, PUBLIC_URL } from '../../harness.ts'

const identityOf = async ({ services }: Awaited<ReturnType<typeof createWorld>>) =>
  readFederatedIdentity(services, await services.store.integrations.read())

describe('the federated identity of a deployment', () => {
  it('is known before anything is saved, and stays the same', async () => {
    const world = await createWorld()

    const [first, second] = await Promise.all([identityOf(world), identityOf(world)])
    await world.activate()

    expect(first).toEqual({
      issuer: PUBLIC_URL,
      subject: expect.stringMatching(/^mailgrant:dp_[a-z2-7]{26}$/),
      audience: 'api://AzureADTokenExchange',
    })
    expect(second).toEqual(first)
    expect(await identityOf(world)).toEqual(first)
  })

  it.each([
    ['us_gov_high', 'api://AzureADTokenExchangeUSGov'],
    ['us_gov_dod', 'api://AzureADTokenExchangeUSGov'],
    ['china', 'api://AzureADTokenExchangeChina'],
  ] as const)('reports the audience of the cloud %s', async (cloud, audience) => {
    const { services } = await createWorld()

    const identity = await readFederatedIdentity(services, { deploymentId: null, cloud })

    expect(identity.audience).toBe(audience)
  })
})
