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

const send = async (entra: Entra) => {
  const body = new URLSearchParams({ grant_type: 'refresh_token' })
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
  it('apply as often as requested, in order, and only to their grant type', async () => {
    const entra = createEntra()
    await post(entra, {
      faults: [
        { kind: 'server_error', grant_type: 'client_credentials' },
        { kind: 'outage', times: 2, retry_after: 3 },
        { kind: 'rate_limit', retry_after: 7 },
      ],
    })
    const outage = await send(entra)
    expect(outage.status).toBe(503)
    expect(outage.headers.get('retry-after')).toBe('3')
    expect(await outage.json()).toMatchObject({ error: 'temporarily_unavailable' })
    expect((await send(entra)).status).toBe(503)
    const limited = await send(entra)
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBe('7')
    expect(await limited.text()).toBe('Too many requests')
    expect((await send(entra)).status).toBe(400)
    const left = await post(entra, { clear_faults: true })
    expect(left.body.faults).toEqual([])
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
