/** Delegated tokens, app-only tokens and imports with the federated credential, and what must not leak of it. */
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { runMaintenance } from '../../../api/domain/operations/maintenance/maintenance.ts'
import type { Grant } from '../../../schema/grant.ts'
import type { Problem } from '../../../schema/problem.ts'
import { readForm } from '../../sandbox/entra/state.ts'
import { secrets, tenants } from '../../sandbox/personas.ts'
import { createAppOnlyWorld } from '../app-only-world.ts'
import { encodingsOf } from '../encodings.ts'
import { imapForm } from '../mail-world.ts'
import { rows } from '../sql.ts'
import { system } from '../system-call.ts'

const ISSUER = 'https://mail.example.com'
const SETTINGS = '/v1/integrations/microsoft/settings'
const ALICE = 'alice@contoso.test'
const DAY_S = 86_400
const HOUR_S = 3600
const TOKEN_LIFETIME_S = 2 * HOUR_S
/** A world whose app has no secret any more. Entra reads the keys while `issuer.reachable`. */
async function federatedWorld() {
  const issuer = { reachable: true }
  const world = await createAppOnlyWorld({
    settings: { publicUrl: ISSUER },
    entra: {
      fetchIssuer: (url) =>
        issuer.reachable
          ? world.send(new Request(url))
          : Promise.reject(new TypeError('unreachable')),
    },
  })
  const forms: URLSearchParams[] = []
  const { fetch } = world.entra
  world.entra.fetch = async (input, init) => {
    const request = new Request(input, init)
    if (request.method === 'POST') forms.push(await readForm(request.clone()))
    return fetch(request)
  }
  const responses: string[] = []
  async function call<Body>(method: string, path: string, body?: object) {
    const response = await world.call(method, path, body)
    const text = await response.text()
    responses.push(text)
    return { status: response.status, body: JSON.parse(text) as Body }
  }
  await call('PUT', `${SETTINGS}/next-credential`, { type: 'federated' })
  const { body: settings } = await call<{
    federated: { issuer: string; subject: string; audience: string }
  }>('GET', SETTINGS)
  const { issuer: name, subject, audience } = settings.federated
  world.entra.control.addFederatedCredential({ issuer: name, subject, audience })
  const tried = { credential: 'next', tenant: tenants.contoso.id }
  expect(await call('POST', `${SETTINGS}/verify`, tried)).toMatchObject({
    body: { outcome: 'passed' },
  })
  expect((await call('POST', `${SETTINGS}/promote`)).status).toBe(200)
  forms.length = 0
  return {
    ...world,
    issuer,
    forms,
    responses,
    call,
    /** A refresh token that another product holds, in the body of an import. */
    imported: () => ({
      refresh_token: world.entra.control.signInElsewhere({ username: ALICE }),
      username: ALICE,
    }),
    issueToken: (path: string) => call<Problem & { access_token: string }>('POST', path, {}),
    async problems() {
      const { body } = await call<{ problems: { code: string }[] }>(
        'GET',
        '/v1/integrations/microsoft',
      )
      return body.problems.map(({ code }) => code)
    },
    async eventsAbout(pattern: RegExp) {
      return (await world.events()).filter((type) => pattern.test(type))
    },
  }
}

/** Returns the stored app-only tokens without the record of their last request. */
const appTokens = () =>
  rows('SELECT state, failures, retry_at, problem_code, access_token_sealed FROM app_tokens')

describe('an app-only token', () => {
  it('is requested with an assertion, and with a new one when it has expired', async () => {
    const world = await federatedWorld()
    const { path } = await world.saveAccount()
    const first = await world.issueToken(path)
    world.advance(TOKEN_LIFETIME_S)
    const second = await world.issueToken(path)

    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.body.access_token).not.toBe(first.body.access_token)
    expect(world.forms.map((form) => form.get('grant_type'))).toEqual([
      'client_credentials',
      'client_credentials',
    ])
    for (const form of world.forms) {
      expect(form.has('client_secret')).toBe(false)
      const assertion = form.get('client_assertion') ?? ''
      expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'RS256', typ: 'JWT' })
      const { iat = 0, exp } = decodeJwt(assertion)
      expect(exp).toBe(iat + 300)
    }
    expect(new Set(world.forms.map((form) => form.get('client_assertion'))).size).toBe(2)
  })

  it('is neither blocked nor changed while Entra cannot read the keys', async () => {
    const world = await federatedWorld()
    const { path } = await world.saveAccount()
    expect((await world.issueToken(path)).status).toBe(200)
    const before = await appTokens()
    world.issuer.reachable = false
    world.advance(DAY_S + 1)

    for (const _ of [1, 2]) {
      const response = await world.issueToken(path)
      expect(response.status).toBe(503)
      expect(response.body).toMatchObject({
        code: 'provider_unavailable',
        detail: expect.stringContaining(`PUBLIC_URL, ${ISSUER}`),
      })
      world.advance(61)
    }
    expect(await appTokens()).toEqual(before)
    expect(await world.problems()).toEqual(['issuer_unreachable'])

    world.issuer.reachable = true
    expect((await world.issueToken(path)).status).toBe(200)
    expect(await world.problems()).toEqual([])
    expect(await world.eventsAbout(/issuer|accepted|rejected|^grant/)).toEqual([
      'integration.issuer_unreachable',
      'integration.credential_accepted',
    ])
  })
})

describe('an imported refresh token', () => {
  it('stays good while Entra cannot read the keys, which is a problem of the integration', async () => {
    const world = await federatedWorld()
    const body = world.imported()
    world.issuer.reachable = false
    world.advance(DAY_S + 1)

    const refused = await world.call<Problem>('POST', '/v1/grants', body)

    expect(refused.status).toBe(503)
    expect(refused.body).toMatchObject({
      code: 'provider_unavailable',
      detail: expect.stringContaining('Nothing was stored. Import the refresh token again'),
    })
    expect(await rows('SELECT id FROM grants')).toEqual([])
    expect(await world.problems()).toEqual(['issuer_unreachable'])

    world.issuer.reachable = true
    world.advance(1)
    expect((await world.call('POST', '/v1/grants', body)).status).toBe(201)
    expect(await world.problems()).toEqual([])
    expect(await world.eventsAbout(/issuer|accepted|rejected/)).toEqual([
      'integration.issuer_unreachable',
      'integration.credential_accepted',
    ])
  })
})

it('leaves no secret, assertion or private key in the database, the log or a response', async () => {
  const world = await federatedWorld()
  const { path } = await world.saveAccount()
  expect((await world.issueToken(path)).status).toBe(200)
  const imported = world.imported()
  const { body: grant } = await world.call<Grant>('POST', '/v1/grants', imported)
  const { id } = await world.save(imapForm(grant.id))
  await world.validateSaved(id)
  world.issuer.reachable = false
  world.advance(DAY_S + 1)
  expect((await world.issueToken(path)).status).toBe(503)
  expect((await world.call('POST', '/v1/grants', imported)).status).toBe(503)
  world.issuer.reachable = true
  world.advance(88 * DAY_S)
  await runMaintenance(world.services, system)
  expect((await world.issueToken(path)).status).toBe(200)
  await world.call('GET', '/v1/events?limit=200')

  const keys = await world.services.store.signingKeys.list()
  expect(keys).toHaveLength(2)
  const times = [world.clock.now, keys[1]?.signsFrom ?? world.clock.now]
  const signers = await Promise.all(
    times.map((time) => world.services.store.signingKeys.readSigner(time)),
  )
  const privateLines = signers.flatMap(
    (signer) => signer?.privateKey?.split('\n').slice(3, 6) ?? [],
  )
  expect(privateLines).toHaveLength(6)
  const assertions = world.forms.map((form) => form.get('client_assertion') ?? '')
  expect(assertions.length).toBeGreaterThan(4)
  // Only access tokens are issued; all else stays inside.
  const secretsInside = [
    secrets.current,
    imported.refresh_token,
    'PRIVATE KEY',
    ...privateLines,
    ...assertions,
  ]
  const database = await world.dump()
  const kept = `${database}${world.lines.join('\n')}`
  const texts = `${kept}${world.responses.join('\n')}`
  const encoded = (canaries: string[]) => canaries.flatMap((secret) => encodingsOf(secret))
  expect(encoded(secretsInside).filter((secret) => texts.includes(secret))).toEqual([])
  const issued = encoded(world.entra.issuedSecrets())
  expect(issued.filter((secret) => kept.includes(secret))).toEqual([])
})
