import { describe, expect, it } from 'vitest'
import { createEntra } from '../../../../api/entra/client.ts'
import { activeWorld, type World } from '../../harness.ts'
import {
  authorize,
  browserOf,
  callbackUrl,
  readAuthorization,
  returnFromMicrosoft,
  rowsOf,
  signIn,
} from '../../sign-in.ts'

type Fault = Parameters<World['entra']['control']['faultNext']>[0]

async function completeSignIn(world: World, prepare = () => {}) {
  const { id, url } = await authorize(world)
  prepare()
  const page = await signIn(world, browserOf(world), url)
  return { page, authorization: await readAuthorization(world, id), id }
}

const signInUnder = (world: World, fault: Fault) =>
  completeSignIn(world, () => world.entra.control.faultNext(fault))

/** Replaces what Entra's token endpoint responds. */
function respondToTokenRequests({ services }: World, respond: typeof fetch): void {
  services.entra = createEntra({
    fetch: (input, init) =>
      String(input).includes('/token') ? respond(input, init) : services.fetch(input, init),
  })
}

describe('a code that cannot be redeemed', () => {
  it.each<[string, Fault, number, string]>([
    ['Entra is down', { kind: 'outage' }, 503, 'provider_unavailable'],
    ['Entra responds with HTML', { kind: 'html' }, 503, 'provider_unavailable'],
    ['Entra responds with truncated JSON', { kind: 'truncated' }, 503, 'provider_unavailable'],
    ['Entra limits requests', { kind: 'rate_limit' }, 503, 'provider_unavailable'],
    ['Entra responds with status 500', { kind: 'server_error' }, 503, 'provider_unavailable'],
    ['there is no refresh token', { kind: 'no_refresh_token' }, 400, 'sign_in_refused'],
    [
      'no mail scope was granted',
      { kind: 'fewer_scopes', scopes: [] },
      409,
      'protocol_not_granted',
    ],
  ])('shows a page, stores a result and leaves no grant when %s', async (...row) => {
    const [, fault, status, code] = row
    const world = await activeWorld()
    const { page, authorization } = await signInUnder(world, fault)
    expect(page.status).toBe(status)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.headers.get('retry-after')).toBe(status === 503 ? '5' : null)
    expect(authorization).toMatchObject({ status: 'failed', problem: { code } })
    expect(authorization).not.toHaveProperty('grant')
    expect(page.text).toContain(authorization.problem?.detail)
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect(world.entra.counts().token.authorization_code).toBe(1)
  })

  it('says to start again, whereas a stored grant would be retried automatically', async () => {
    const world = await activeWorld()
    const { page } = await signInUnder(world, { kind: 'outage' })
    expect(page.text).toContain('Start the sign-in again')
    expect(page.text).not.toContain('retried automatically')
    const again = await authorize(world)
    expect((await signIn(world, browserOf(world), again.url)).title).toBe('Signed in')
  })

  const refused = () => Promise.reject(new TypeError('canary', { cause: { code: 'ECONNREFUSED' } }))
  it.each<[string, () => Response | Promise<Response>, string]>([
    ['are unavailable', () => new Response('busy', { status: 503 }), 'signing keys could not be'],
    ['are none, with status 200', () => Response.json({ keys: [] }), 'signing keys could not be'],
    [
      'are out of reach',
      refused,
      "can't be reached from this server: your Mailgrant administrator must allow",
    ],
  ])(
    'redeems no code while the signing keys %s, so that a reload works',
    async (_, respond, why) => {
      const world = await activeWorld()
      let broken = true
      world.services.entra = createEntra({
        fetch: async (input, init) =>
          broken && String(input).includes('/keys') ? respond() : world.services.fetch(input, init),
      })
      const created = await authorize(world)
      const browser = browserOf(world)
      const back = await callbackUrl(world, browser, created.url)
      const page = await returnFromMicrosoft(browser, back)
      expect(page.status).toBe(503)
      expect(page.headers.get('retry-after')).toBe('5')
      expect(page.text).toContain(why)
      expect(page.text).toMatch(/Nothing is lost\. Reload this page/)
      // The script would take the code, which a reload requires, out of the URL.
      expect(page.body).not.toContain('data-answered')
      expect(world.lines.some((line) => line.includes('ECONNREFUSED'))).toBe(respond === refused)
      expect(world.entra.counts().token.authorization_code).toBe(0)
      expect(await readAuthorization(world, created.id)).toMatchObject({ status: 'pending' })
      broken = false
      const [again] = page.links
      expect(again?.text).toBe('Try again')
      expect((await browser.visit(again?.href ?? '', { from: page })).title).toBe('Signed in')
    },
  )

  it.each([
    ['common', 700016, 'sign_in_refused'],
    ['organizations', 7000112, 'sign_in_refused'],
    ['organizations', 7000215, 'credential_rejected'],
    ['contoso.test', 700016, 'credential_rejected'],
  ])('reports an app refused at %s (AADSTS%i) as %s', async (tenant, aadsts, code) => {
    const world = await activeWorld()
    const path = '/v1/integrations/microsoft/settings'
    const client_id = 'f0cacc1a-0000-4000-8000-0000c1e47a99'
    expect((await world.call('PUT', path, { client_id, tenant })).status).toBe(200)
    const refusal = { error: 'unauthorized_client', error_description: `AADSTS${aadsts}: No.` }
    respondToTokenRequests(world, async () => Response.json(refusal, { status: 400 }))
    const { page, authorization } = await completeSignIn(world)
    expect(page.status).toBe(code === 'credential_rejected' ? 409 : 400)
    const detail = expect.stringContaining(`AADSTS${aadsts}`)
    expect(authorization).toMatchObject({ status: 'failed', problem: { code, detail } })
    // A problem with the app in one of many tenants does not stop the refreshes of all others.
    expect(await world.get('/v1/integrations/microsoft')).toMatchObject({
      problems: code === 'credential_rejected' ? [{ code }] : [],
    })
  })
})

describe('a response that does not prove who signed in', () => {
  it.each([
    ['it has another nonce', claims({ nonce: 'x' }), 'identity-not-proven'],
    ['it has no nonce', claims({ nonce: null }), 'identity-not-proven'],
    ['it is for another client', claims({ aud: 'x' }), 'identity-not-proven'],
    ['it is from another issuer', claims({ iss: 'x' }), 'identity-not-proven'],
    ['it has no object id', claims({ oid: null }), 'identity-not-proven'],
    ['it has expired', claims({ exp: 1 }), 'clock-wrong'],
    ['it is not yet valid', claims({ nbf: 4_102_444_800 }), 'clock-wrong'],
  ] as [string, Fault, string][])('is diagnosed when %s', async (_name, fault, cause) => {
    const world = await activeWorld()
    const { page, authorization, id } = await signInUnder(world, fault)
    expect(page.status).toBe(400)
    expect(authorization).toMatchObject({ status: 'failed', problem: { code: 'sign_in_refused' } })
    expect(await rowsOf(world, 'grants')).toEqual([])
    const { diagnosis } = authorization.problem ?? {}
    expect(diagnosis?.verdict).toBe('certain')
    expect(diagnosis?.candidates).toMatchObject([{ cause, responsible: 'operator' }])
    expect(page.text).toContain(diagnosis?.candidates[0]?.title)
    const events = await world.call('GET', `/v1/events?subject=${id}`)
    expect(await events.text()).not.toContain('eyJ')
  })

  it('is diagnosed when there is no id_token', async () => {
    const world = await activeWorld()
    respondToTokenRequests(world, async (input, init) => {
      const response = await world.entra.fetch(input, init)
      const { id_token: _, ...others } = await response.json<Record<string, unknown>>()
      return Response.json(others)
    })
    const { authorization } = await completeSignIn(world)
    expect(authorization).toMatchObject({
      problem: { diagnosis: { candidates: [{ cause: 'identity-not-proven' }] } },
    })
  })
})

describe('consent to fewer permissions than requested', () => {
  it('yields a grant for what was granted, with a warning', async () => {
    const world = await activeWorld()
    const { page, authorization } = await signInUnder(world, {
      kind: 'fewer_scopes',
      scopes: ['SMTP.Send'],
    })
    expect(page.title).toBe('Signed in')
    expect(page.text).toContain('sending mail (SMTP)')
    expect(page.text).toContain('granted access for sending mail (SMTP).')
    expect(page.text).toContain('did not grant access for reading mail (IMAP)')
    expect(authorization).toMatchObject({
      status: 'completed',
      grant: { protocols: ['smtp'], warnings: [expect.stringContaining('IMAP')] },
    })
  })
})

function claims(overwritten: Record<string, unknown>): Fault {
  return { kind: 'id_token_claims', claims: overwritten }
}
