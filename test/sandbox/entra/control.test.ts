import { describe, expect, it } from 'vitest'
import { createEntra, type Entra } from './entra.ts'
import { AUTHORITY, IMAP, MAIL_SEND, obtainCode, redeem } from './test-client.ts'

const alice = 'alice@contoso.test'

const post = async (entra: Entra, body: unknown) => {
  const response = await entra.fetch(`${AUTHORITY}/sandbox/control`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const send = async (entra: Entra, scope = '') => {
  const body = new URLSearchParams({ grant_type: 'refresh_token', scope })
  return entra.fetch(`${AUTHORITY}/contoso.test/oauth2/v2.0/token`, { method: 'POST', body })
}

describe('/sandbox/control', () => {
  it.each([{ tokenLifetime: 60 }, { faults: [{ kind: 'earthquake' }] }, 'nonsense', null])(
    'refuses %o',
    async (body) => {
      expect((await post(createEntra(), body)).status).toBe(422)
    },
  )
})

describe('faults', () => {
  it('can be for the calls of one resource', async () => {
    const entra = createEntra()
    await post(entra, { faults: [{ kind: 'server_error', resource: 'graph' }] })
    expect((await send(entra, IMAP)).status).toBe(400)
    expect((await send(entra, MAIL_SEND)).status).toBe(500)
  })
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
