import { describe, expect, it } from 'vitest'
import { createEntra, type Entra } from './entra.ts'
import { AUTHORITY, obtainCode, redeem } from './test-client.ts'

const alice = 'alice@contoso.test'

const post = async (entra: Entra, body: unknown) => {
  const response = await entra.fetch(`${AUTHORITY}/sandbox/control`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('/sandbox/control', () => {
  it.each([{ tokenLifetime: 60 }, { faults: [{ kind: 'earthquake' }] }, 'nonsense', null])(
    'refuses %o',
    async (body) => {
      expect((await post(createEntra(), body)).status).toBe(422)
    },
  )
})

it('lists every secret that it issued, so that tests can search logs for them', async () => {
  const entra = createEntra()
  const code = await obtainCode(entra, alice)
  const { body } = await redeem(entra, code)
  const issued = entra.issuedSecrets()
  for (const secret of [code, body.access_token, body.refresh_token, body.id_token]) {
    expect(issued).toContain(secret)
  }
})
