import { describe, expect, it } from 'vitest'
import { prefersText } from '../../../api/routes/text.ts'
import { outage } from '../domain/tokens/both-kinds.ts'
import { createWorld, PUBLIC_URL, problemOf, ROOT_KEY, type World } from '../harness.ts'
import { accountWorld, savedAccount } from '../saved-account.ts'

const text = { accept: 'text/plain' }

const send = (world: World, path: string, body: BodyInit | undefined, type?: string) =>
  world.send(
    new Request(PUBLIC_URL + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${ROOT_KEY}`, ...(type && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    }),
  )

describe('the Accept header', () => {
  it.each([
    ['no header, as of PHP and urllib', undefined],
    ['curl, wget and Python requests', '*/*'],
    ['axios', 'application/json, text/plain, */*'],
    [
      'browsers',
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    ],
    ['Java', 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2'],
    ['Ruby', '*/*;q=0.5'],
    ['JSON before text', 'text/plain;q=0.5, application/json'],
    ['a tie with weights', 'text/plain;q=0.5, application/json;q=0.5'],
    ['text refused', 'text/plain;q=0, */*'],
    ['neither', 'image/png'],
    ['nothing', ''],
  ])('of %s gets JSON', (_name, accept) => {
    expect(prefersText(accept)).toBe(false)
  })

  it.each([
    'text/plain',
    'text/plain; charset=utf-8',
    'TEXT/PLAIN',
    'text/*',
    'text/plain, */*;q=0.1',
    'application/json;q=0.9, text/plain',
    '*/*, application/json;q=0.5',
    'application/json;q=0, */*',
  ])('%s gets text', (accept) => {
    expect(prefersText(accept)).toBe(true)
  })
})

describe('a token as text', () => {
  it('is the token alone, or the string that `form` names', async () => {
    const { world, path } = await accountWorld()
    const json = await (await world.call('POST', path)).json<Record<string, string>>()
    for (const [query, member] of [
      ['', 'access_token'],
      ['?form=token', 'access_token'],
      ['?form=xoauth2', 'xoauth2'],
      ['?form=xoauth2_raw', 'xoauth2_raw'],
    ] as const) {
      const response = await world.call('POST', path + query, undefined, text)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; charset=utf-8$/i)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.text()).toBe(json[member])
    }
    expect(atob(json.xoauth2 ?? '')).toBe(json.xoauth2_raw)
  })

  it('is refused in an unknown form, and a form without text', async () => {
    const { world, path } = await accountWorld()
    const unknown = await world.call('POST', `${path}?form=sasl`, undefined, text)
    expect(unknown.status).toBe(422)
    expect(await unknown.text()).toContain('?form')
    const json = await world.problem('POST', `${path}?form=token`)
    expect(json).toMatchObject({ status: 422, errors: [{ pointer: '?form' }] })
  })

  it('comes with problems as one line that ends with their code', async () => {
    const { world, path } = await accountWorld()
    const responses = [
      await world.call('POST', path, undefined, { ...text, authorization: 'Bearer wrong' }),
      await world.call('POST', `/v1/mail-accounts/ma_x/access-token`, undefined, text),
      await world.call('POST', path, { expires: 1 }, text),
      await world.call('GET', path, undefined, text),
      await world.call('POST', path, { long: 'x'.repeat(70_000) }, text),
    ]
    const lines = await Promise.all(responses.map((response) => response.text()))
    expect(responses.map(({ status }) => status)).toEqual([401, 404, 422, 405, 413])
    expect(responses[0]?.headers.get('www-authenticate')).toBe('Bearer realm="mailgrant"')
    expect(lines[1]).toBe(
      'There is nothing with this ID: it must be the id of an email account (ma_...). (not_found)\n',
    )
    for (const line of lines) expect(line).toMatch(/^[^\n]+ \([a-z_]+\)\n$/)
  })

  it('keeps Retry-After during an outage', async () => {
    const { world, path } = await accountWorld()
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'outage' })
    const response = await world.call('POST', path, undefined, text)
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await response.text()).toMatch(/\(provider_unavailable\)\n$/)
  })

  it('is offered by no other route', async () => {
    const world = await createWorld()
    const response = await world.call('GET', '/v1/grants/gr_x', undefined, text)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })
})

describe('the body of a token request', () => {
  const FORM = 'application/x-www-form-urlencoded'

  it.each([
    ['{}', FORM],
    ['{}', 'text/plain'],
    ['{}', undefined],
    ['', FORM],
    ['', 'application/json'],
    [' {"rejected_expires_at": "2026-11-24T10:00:00Z"} ', FORM],
    ['{"rejected_expires_at": null}', 'application/json'],
  ])('is read as JSON whatever its content type: %s as %s', async (body, type) => {
    const { world, path } = await accountWorld()
    expect((await send(world, path, body, type)).status).toBe(200)
  })

  it.each([
    ['rejected_expires_at=2026-11-24T10:00:00Z', FORM],
    ['{"rejected_expires_at": 5}', FORM],
    ['{"rejected": true}', undefined],
    ['null', FORM],
    ['{', 'application/json'],
    [new Uint8Array([0x7b, 0xff, 0x7d]), 'application/json'],
    [new Uint8Array([0xff]), FORM],
  ])('is 422 where it is anything else: %s as %s', async (body, type) => {
    const { world, path } = await accountWorld()
    const problem = await problemOf(send(world, path, body, type))
    expect(problem).toMatchObject({ status: 422, code: 'validation_failed' })
  })
})

describe('the response', () => {
  type Token = { expires_at: string; expires_in: number; refreshed: boolean }

  it('says in seconds when the token expires, and whether this call asked Microsoft', async () => {
    const world = await createWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await savedAccount(world)
    world.advance(100)
    const stored = await (await world.call('POST', path)).json<Token>()
    expect(stored).toMatchObject({ expires_in: 3500, refreshed: false })
    world.advance(3500)
    const fresh = await (await world.call('POST', path)).json<Token>()
    expect(fresh).toMatchObject({ expires_in: 3600, refreshed: true })
    const calls = Array.from({ length: 5 }, () => world.call('POST', path))
    const responses = (await Promise.all(calls)).map((response) => response.json<Token>())
    expect((await Promise.all(responses)).map(({ refreshed }) => refreshed)).not.toContain(true)
  })

  it('never promises more than a lifetime, although the clock was a day ahead when the token was issued', async () => {
    const world = await createWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await savedAccount(world)
    world.advance(-86_400)
    const { refresh } = world.services.entra
    world.services.entra.refresh = async () => outage
    const bridged = await (await world.call('POST', path)).json<Token>()
    expect(bridged).toMatchObject({ expires_in: 3600, refreshed: false })
    world.services.entra.refresh = refresh
    world.advance(60)
    const issued = await (await world.call('POST', path)).json<Token>()
    expect(issued).toMatchObject({ expires_in: 3600, refreshed: true })
  })

  it('says when a refused token that is too young can be replaced', async () => {
    const { world, path } = await accountWorld()
    const { expires_at } = await (await world.call('POST', path)).json<Token>()
    const rejected = { rejected_expires_at: expires_at }
    world.advance(18)
    const early = await world.call('POST', path, rejected)
    expect(early.headers.get('retry-after')).toBe('42')
    expect(await early.json()).toMatchObject({ refreshed: false, expires_at })
    world.advance(42)
    const late = await world.call('POST', path, rejected)
    expect(late.headers.get('retry-after')).toBeNull()
    expect(await late.json()).toMatchObject({ refreshed: true })
    const outdated = await world.call('POST', path, rejected)
    expect(outdated.headers.get('retry-after')).toBeNull()
  })
})
