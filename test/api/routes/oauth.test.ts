import { describe, expect, it } from 'vitest'
import { activeWorld, PUBLIC_URL } from '../harness.ts'
import {
  authorize,
  browserOf,
  continueToMicrosoft,
  getWithCookie,
  readAuthorization,
  signIn,
} from '../sign-in.ts'
import { eventsOf } from '../sql.ts'

describe('signing in', () => {
  it('leads from the link through Microsoft to the result page and creates a grant', async () => {
    const world = await activeWorld()
    const created = await authorize(world, { origin: 'https://helpdesk.test' })
    const done = await signIn(world, browserOf(world), created.url)
    expect(done.status).toBe(200)
    expect(done.title).toBe('Signed in')
    expect(done.text).toContain('alice@contoso.test')
    expect(await readAuthorization(world, created.id)).toMatchObject({
      status: 'completed',
      grant: {
        status: 'unsaved',
        signed_in_as: 'alice@contoso.test',
        account_type: 'work',
        protocols: ['imap', 'smtp'],
        warnings: [],
        expires_at: '2026-11-24T10:00:00.000Z',
      },
    })
    expect(await eventsOf(created.id)).toEqual(['authorization.created', 'authorization.completed'])
    expect(world.entra.tokenCalls()).toMatchObject([
      { grantType: 'authorization_code', tenant: 'common', status: 200 },
    ])
  })

  it('works for a shared mailbox whose delegate signs in, regardless of case', async () => {
    const world = await activeWorld()
    const created = await authorize(world, {
      username: 'support@contoso.test',
      delegate: 'Alice@Contoso.test',
    })
    const picker = await continueToMicrosoft(browserOf(world), created.url)
    expect(new URL(picker.url).searchParams.get('login_hint')).toBe('Alice@Contoso.test')
    const done = await signIn(world, browserOf(world), created.url)
    expect(done.title).toBe('Signed in')
    expect(await readAuthorization(world, created.id)).toMatchObject({ grant: { warnings: [] } })
  })

  it('requests scopes only for the requested protocols', async () => {
    const world = await activeWorld()
    const { url } = await authorize(world, { protocols: ['smtp'] })
    const picker = await continueToMicrosoft(browserOf(world), url)
    expect(new URL(picker.url).searchParams.get('scope')).toBe(
      'https://outlook.office.com/SMTP.Send offline_access openid profile',
    )
  })

  it('no longer shows an unsaved grant after an hour', async () => {
    const world = await activeWorld()
    const created = await authorize(world)
    await signIn(world, browserOf(world), created.url)
    world.advance(3600)
    const authorization = await readAuthorization(world, created.id)
    expect(authorization.status).toBe('completed')
    expect(authorization).not.toHaveProperty('grant')
  })

  it('notifies only the given origin, and adds only the outcome to the return URL', async () => {
    const world = await activeWorld()
    const created = await authorize(world, {
      origin: 'https://helpdesk.test',
      return_url: 'https://helpdesk.test/mail?tab=2',
    })
    const done = await signIn(world, browserOf(world), created.url)
    const next = `https://helpdesk.test/mail?tab=2&authorization=${created.id}&status=completed`
    expect(done.body).toContain('data-origin="https://helpdesk.test"')
    expect(done.body).toContain(`data-next="${next.replaceAll('&', '&amp;')}"`)
    expect(done.links.map(({ href }) => href)).toEqual([next])
    const script = await getWithCookie(world, `${PUBLIC_URL}/oauth/page.js`)
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await script.text()).not.toMatch(/postMessage\([^)]*['"]\*['"]/)
  })
})
