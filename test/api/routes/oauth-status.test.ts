import { describe, expect, it } from 'vitest'
import { activeWorld, type World, type WorldOptions } from '../harness.ts'
import { ACCEPT_PAGE } from '../pages/every-page.ts'
import { authorize, browserOf, continueToMicrosoft, sendForm, signIn } from '../sign-in.ts'

const poll = (world: World, url: string, headers: Record<string, string> = {}) =>
  world.send(new Request(url, { headers }))

const startAuthorization = async (
  body: Record<string, unknown> = {},
  options: WorldOptions = {},
) => {
  const world = await activeWorld(options)
  return { world, ...(await authorize(world, body)) }
}

describe('the status URL', () => {
  it('returns the status and nothing else', async () => {
    const { world, url, status_url } = await startAuthorization()
    const waiting = await poll(world, status_url)
    expect(waiting.status).toBe(200)
    expect(waiting.headers.get('cache-control')).toBe('no-store')
    expect(await waiting.json()).toEqual({ status: 'pending' })
    await signIn(world, browserOf(world), url)
    expect(await (await poll(world, status_url)).json()).toEqual({ status: 'completed' })
  })

  it('stops working one hour after the sign-in completed or expired', async () => {
    const done = await startAuthorization()
    await signIn(done.world, browserOf(done.world), done.url)
    done.world.advance(3599)
    expect((await poll(done.world, done.status_url)).status).toBe(200)
    done.world.advance(1)
    expect((await poll(done.world, done.status_url)).status).toBe(404)

    const missed = await startAuthorization()
    missed.world.advance(600 + 3599)
    expect(await (await poll(missed.world, missed.status_url)).json()).toMatchObject({
      status: 'expired',
      problem: { code: 'authorization_expired' },
    })
    missed.world.advance(1)
    expect((await poll(missed.world, missed.status_url)).status).toBe(404)
  })

  it('lets only allowed origins read the 404 of an unknown status URL', async () => {
    const { world, status_url } = await startAuthorization()
    const broken = ['secret=x', `secret=${'x'.repeat(201)}`, 'secret=x&secret=x', 'secret']
    for (const query of broken) {
      const unknown = status_url.replace(/secret=.*/, query)
      const readers = await Promise.all(
        ['https://helpdesk.test', 'https://evil.test'].map(async (origin) => {
          const response = await poll(world, unknown, { origin })
          expect(response.status, query).toBe(404)
          return response.headers.get('access-control-allow-origin')
        }),
      )
      expect(readers).toEqual(['https://helpdesk.test', null])
    }
  })

  it('returns 404 without its own secret', async () => {
    const { world, id, url, status_url } = await startAuthorization()
    const link = new URL(url).searchParams.get('secret') ?? ''
    const base = status_url.replace(/\?.*/, '')
    const responses = await Promise.all(
      [
        base,
        `${base}?secret=`,
        `${base}?secret=x`,
        `${base}?secret=${link}`,
        `${base.replace(id, `az_${'a'.repeat(26)}`)}${new URL(status_url).search}`,
        `${base.replace(id, 'x')}?secret=x`,
      ].map((address) => poll(world, address, { origin: 'https://helpdesk.test' })),
    )
    for (const response of responses) {
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'not_found' })
    }
  })
})

describe('CORS of the status URL', () => {
  const HELP_DESK = 'https://helpdesk.test'

  it.each([
    [HELP_DESK, HELP_DESK, HELP_DESK],
    [HELP_DESK, 'https://evil.test', null],
    [HELP_DESK, 'null', null],
    [HELP_DESK, 'https://helpdesk.test.evil.test', null],
    [HELP_DESK, 'http://localhost:8787', null],
    [undefined, HELP_DESK, null],
  ])('allows only the origin of the authorization: %s, %s', async (named, origin, allowed) => {
    const { world, status_url } = await startAuthorization(named ? { origin: named } : {})
    const response = await poll(world, status_url, { origin })
    expect(response.status).toBe(200)
    expect(response.headers.get('vary')).toContain('Origin')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed)
  })
})

describe('the status URL, opened as a page,', () => {
  /** Continues to Microsoft, where the person stays. */
  async function atMicrosoft(options: WorldOptions = {}) {
    const started = await startAuthorization({}, options)
    await continueToMicrosoft(browserOf(started.world), started.url)
    return started
  }

  const readPage = async (response: Response) => ({
    status: response.status,
    text: (await response.text()).replaceAll('&amp;', '&'),
  })

  it('has the link for an administrator while the person is at Microsoft, and a field', async () => {
    const { world, status_url } = await atMicrosoft()
    const page = await readPage(await poll(world, status_url, ACCEPT_PAGE))
    expect(page.status).toBe(200)
    expect(page.text).toContain('<h1>Stuck at Microsoft?</h1>')
    expect(page.text).toContain('/organizations/v2.0/adminconsent?')
    expect(page.text).toContain('<textarea name="error"')
  })

  it('explains the text of the page of Microsoft, and repeats nothing of it', async () => {
    const { world, status_url } = await atMicrosoft()
    const error = 'AADSTS90094: <b>Need admin approval</b> Trace ID: 8af7'
    const page = await readPage(await sendForm(world, status_url, new URLSearchParams({ error })))
    expect(page.text).toContain('Only an admin may consent to this app')
    expect(page.text).toContain('Send this link to your Microsoft 365 admin.')
    expect(page.text).not.toMatch(/Need admin approval|8af7/)
  })

  it('says that a text is not known', async () => {
    const { world, status_url } = await atMicrosoft()
    const body = new URLSearchParams({ error: 'Hello' })
    const page = await readPage(await sendForm(world, status_url, body))
    expect(page.text).toContain('recognise this error.')
  })

  it('is counted by sign-in, with a page that says so', async () => {
    const counted: string[] = []
    const { world, id, status_url } = await atMicrosoft({
      outside: {
        withinRate: async (name, key) => {
          counted.push(`${name} ${key}`)
          return counted.filter((one) => one.endsWith(key)).length <= 2
        },
      },
    })
    const body = new URLSearchParams({ error: 'Hello' })
    const statuses: number[] = []
    for (let call = 0; call < 3; call += 1) {
      statuses.push((await sendForm(world, status_url, body)).status)
    }
    expect(statuses).toEqual([200, 200, 429])
    expect(counted.slice(-3)).toEqual(Array(3).fill(`authorizations ${id}`))
    const german = { ...ACCEPT_PAGE, 'accept-language': 'de' }
    const page = await readPage(await poll(world, status_url, german))
    expect(page.text).toContain('Zu viele Versuche')
    await poll(world, status_url.replace(/secret=.*/, 'secret=x'), ACCEPT_PAGE)
    expect(counted).toHaveLength(counted.lastIndexOf(`authorizations ${id}`) + 1)
  })

  it('helps no longer once the sign-in has ended', async () => {
    const expectEnd = async ({ world, status_url }: typeof done, title: string) => {
      const { text } = await readPage(await poll(world, status_url, ACCEPT_PAGE))
      expect(text).toContain(title)
      expect(text).not.toMatch(/adminconsent|<textarea name="error"/)
    }
    const done = await startAuthorization()
    await signIn(done.world, browserOf(done.world), done.url)
    await expectEnd(done, 'The link was already used')
    const missed = await atMicrosoft()
    missed.world.advance(600)
    await expectEnd(missed, 'The link has expired')
  })

  it('is one for its own secret and form only', async () => {
    const { world, status_url } = await atMicrosoft()
    const other = await poll(world, status_url.replace(/secret=.*/, 'secret=x'), ACCEPT_PAGE)
    expect(await readPage(other)).toMatchObject({
      status: 404,
      text: expect.stringContaining('This link does not work'),
    })
    const body = new URLSearchParams({ error: 'Hello' })
    const foreign = { 'sec-fetch-site': 'cross-site' }
    expect((await sendForm(world, status_url, body, foreign)).status).toBe(400)
    expect((await sendForm(world, status_url, new URLSearchParams())).status).toBe(400)
  })
})
