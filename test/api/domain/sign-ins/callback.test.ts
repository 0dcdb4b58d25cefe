import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { activeWorld } from '../../harness.ts'
import {
  CALLBACK,
  codeRedemptions,
  getWithCookie,
  readAuthorization,
  rowsOf,
  startSignIn,
} from '../../sign-in.ts'
import { eventsOf } from '../../sql.ts'

describe('a callback that does not belong to this browser', () => {
  it.each([
    ['without a cookie', () => ''],
    ['with a cookie of another value', (cookie: string) => cookie.replace(/=.*/, '=x')],
    ['with an empty cookie', (cookie: string) => cookie.replace(/=.*/, '=')],
    ['with the cookie under another name', (cookie: string) => cookie.replace('az_', 'az_a')],
  ])('shows a page, sends nothing to Microsoft and changes nothing %s', async (_name, change) => {
    const world = await activeWorld()
    const { back, cookie } = await startSignIn(world)
    const before = [await rowsOf(world, 'authorizations'), await rowsOf(world, 'events')]
    const response = await getWithCookie(world, back, change(cookie))
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(await response.text()).toContain('The sign-in was started in another browser')
    expect(codeRedemptions(world)).toBe(0)
    expect([await rowsOf(world, 'authorizations'), await rowsOf(world, 'events')]).toEqual(before)
    // The right browser can still finish.
    expect((await getWithCookie(world, back, cookie)).status).toBe(200)
  })

  it('is refused with the cookie or the state of another sign-in', async () => {
    const world = await activeWorld()
    const [mine, theirs] = [await startSignIn(world), await startSignIn(world)]
    expect((await getWithCookie(world, mine.back, theirs.cookie)).status).toBe(400)
    const swapped = new URL(mine.back)
    swapped.searchParams.set('state', theirs.back.searchParams.get('state') ?? '')
    expect((await getWithCookie(world, swapped, mine.cookie)).status).toBe(400)
    expect(codeRedemptions(world)).toBe(0)
    expect(await rowsOf(world, 'grants')).toEqual([])
  })

  it("cannot put an attacker's code into a victim's sign-in", async () => {
    const world = await activeWorld()
    const attacker = await startSignIn(world, 'bob@contoso.test', { username: 'bob@contoso.test' })
    const victim = await startSignIn(world)
    const forged = new URL(victim.back)
    forged.searchParams.set('code', attacker.back.searchParams.get('code') ?? '')
    const response = await getWithCookie(world, forged, victim.cookie)
    expect(response.status).toBe(400)
    expect(await readAuthorization(world, victim.id)).toMatchObject({ status: 'failed' })
    expect(await rowsOf(world, 'grants')).toEqual([])
  })

  it.each([
    ['no parameter', ''],
    ['no state', 'code=abc'],
    ['an unknown state', 'code=abc&state=abc'],
    ['an error without a state', 'error=access_denied'],
    ['an empty state', 'code=abc&state='],
    ['a huge state', `code=abc&state=${'x'.repeat(5000)}`],
    ['control characters', 'code=abc&state=%00%0d%0a'],
  ])('shows a page and changes nothing with %s', async (_name, query) => {
    const world = await activeWorld()
    const { cookie } = await startSignIn(world)
    const before = await rowsOf(world, 'authorizations')
    expect((await getWithCookie(world, `${CALLBACK}?${query}`, cookie)).status).toBe(400)
    expect(await rowsOf(world, 'authorizations')).toEqual(before)
    expect(codeRedemptions(world)).toBe(0)
  })

  it('is refused with repeated or impossible parameters before the sign-in is consumed', async () => {
    const world = await activeWorld()
    const { back, cookie } = await startSignIn(world)
    for (const name of ['state', 'code', 'error', 'iss']) {
      const twice = new URL(back)
      twice.searchParams.append(name, back.searchParams.get(name) ?? 'x')
      if (!back.searchParams.has(name)) twice.searchParams.append(name, 'x')
      expect((await getWithCookie(world, twice, cookie)).status, name).toBe(400)
    }
    for (const code of ['', 'a b', 'x'.repeat(9000)]) {
      const impossible = new URL(back)
      impossible.searchParams.set('code', code)
      expect((await getWithCookie(world, impossible, cookie)).status).toBe(400)
    }
    expect(codeRedemptions(world)).toBe(0)
    expect((await getWithCookie(world, back, cookie)).status).toBe(200)
  })
})

describe('a repeated callback', () => {
  it('is consumed once even when it arrives many times at once', async () => {
    const world = await activeWorld()
    const { id, back, cookie } = await startSignIn(world)
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => getWithCookie(world, back, cookie)),
    )
    expect(codeRedemptions(world)).toBe(1)
    const statuses = responses.map((response) => response.status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 410)).toHaveLength(49)
    expect(await rowsOf(world, 'grants')).toHaveLength(1)
    expect(await eventsOf(id)).toEqual(['authorization.created', 'authorization.completed'])
  })

  it.each([
    ['success', 'alice@contoso.test', 410],
    ['a refusal', 'dave@contoso.test', 410],
  ])('shows a page and writes nothing after %s', async (_name, as, status) => {
    const world = await activeWorld()
    const { back, cookie } = await startSignIn(world, as, { username: as })
    await getWithCookie(world, back, cookie)
    const before = await world.dump()
    expect((await getWithCookie(world, back, cookie)).status).toBe(status)
    expect(await world.dump()).toEqual(before)
    expect(codeRedemptions(world)).toBeLessThan(2)
  })

  it('shows a page and writes nothing after the sign-in has expired', async () => {
    const world = await activeWorld()
    const { id, back, cookie } = await startSignIn(world)
    world.advance(600)
    const before = await world.dump()
    const response = await getWithCookie(world, back, cookie)
    expect(response.status).toBe(410)
    expect(await response.text()).toContain('The link has expired')
    expect(await world.dump()).toEqual(before)
    expect(codeRedemptions(world)).toBe(0)
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'expired',
      problem: {
        code: 'authorization_expired',
        detail: expect.stringContaining('not finished in time'),
      },
    })
  })
})

describe('a window closed too early', () => {
  it('does not prevent the sign-in, because exchange and storage outlive the request', async () => {
    const world = await activeWorld()
    const { id, back, cookie } = await startSignIn(world)
    const background: Promise<unknown>[] = []
    const context: ExecutionContext = {
      ...createExecutionContext(),
      waitUntil: (work) => void background.push(work),
      passThroughOnException: () => undefined,
    }
    let redeem = () => {}
    const gate = new Promise<void>((resolve) => {
      redeem = resolve
    })
    const { exchangeCode } = world.services.entra
    const reached = new Promise<void>((resolve) => {
      world.services.entra.exchangeCode = async (input) => {
        resolve()
        await gate
        return exchangeCode(input)
      }
    })
    // The response is not awaited, since the browser is gone.
    void world.app.fetch(new Request(back, { headers: { cookie } }), {}, context)
    await reached
    expect(background).toHaveLength(1)
    redeem()
    await Promise.all(background)
    expect(await readAuthorization(world, id)).toMatchObject({ status: 'completed' })
  })
})
