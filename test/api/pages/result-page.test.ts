import { describe, expect, it } from 'vitest'
import type { Page } from '../../sandbox/browser.ts'
import { activeWorld } from '../harness.ts'
import { authorize, browserOf, CALLBACK, signIn, startSignIn } from '../sign-in.ts'

describe('the next step on a result page', () => {
  it('is to save the form, with the user name to enter if another account signed in', async () => {
    const world = await activeWorld()
    const browser = browserOf(world)
    const { url } = await authorize(world, { username: 'bob@contoso.test' })
    const question = await signIn(world, browser, url, 'alice@contoso.test')
    const page = await browser.submit(question, { decision: 'keep' })
    expect(page.text).toContain('enter alice@contoso.test as the account that signs in, and save.')
    const plain = await signIn(world, browserOf(world), (await authorize(world)).url)
    expect(plain.text).toContain('Go back to the form and save it.')
    expect(plain.text).not.toContain('as the account that signs in')
  })

  it('is to get a new link after the old one expired or was used', async () => {
    const world = await activeWorld()
    const used = await authorize(world)
    await signIn(world, browserOf(world), used.url)
    expect((await browserOf(world).visit(used.url)).text).toContain('ask that person for a new one')
    const late = await authorize(world)
    world.advance(600)
    const page = await browserOf(world).visit(late.url)
    expect(page.title).toBe('The link has expired')
    expect(page.text).toContain('If someone sent you the link, ask for a new one.')
  })

  it('is the return URL with the outcome once a full-page sign-in has ended', async () => {
    const world = await activeWorld()
    const return_url = 'https://helpdesk.test/mail?tab=2'
    const back = (page: Page) => page.links.map(({ href, text }) => [text, href])
    const returnLink = (id: string, status: string) => [
      ['Go back', `${return_url}&authorization=${id}&status=${status}`],
    ]
    const done = await startSignIn(world, undefined, { return_url })
    await done.browser.visit(done.back)
    expect(back(await done.browser.visit(done.back))).toEqual(returnLink(done.id, 'completed'))
    expect(back(await done.browser.visit(done.url))).toEqual(returnLink(done.id, 'completed'))
    const asked = await startSignIn(world, 'bob@contoso.test', { return_url })
    const question = await asked.browser.visit(asked.back)
    const bob = 'bob@contoso.test'
    const late = await startSignIn(world, bob, { username: bob, return_url })
    const unopened = await authorize(world, { username: 'carol@contoso.test', return_url })
    world.advance(600)
    const unanswered = await asked.browser.submit(question, { decision: 'keep' })
    expect(back(unanswered)).toEqual(returnLink(asked.id, 'expired'))
    const expired = await late.browser.visit(late.back)
    expect(expired.title).toBe('The link has expired')
    expect(expired.text).not.toContain('close this window')
    expect(back(expired)).toEqual(returnLink(late.id, 'expired'))
    expect(back(await browserOf(world).visit(unopened.url))).toEqual(
      returnLink(unopened.id, 'expired'),
    )
    // Another browser does not get the return URL.
    expect(back(await browserOf(world).visit(late.back))).toEqual([])
  })

  it('is to wait and start again while Microsoft limits requests, without advice meant for programs', async () => {
    const world = await activeWorld()
    world.entra.control.faultNext({ kind: 'rate_limit' })
    const page = await signIn(world, browserOf(world), (await authorize(world)).url)
    expect(page.text).toContain('Wait a few minutes, then go back to where you came from')
    expect(page.text).not.toContain('as long as the response says')
    expect(page.text).not.toContain('must do this')
  })

  it('is to tell the operator when the integration was deactivated before or during the sign-in', async () => {
    const world = await activeWorld()
    const { url } = await authorize(world, { username: 'bob@contoso.test' })
    const { back, browser } = await startSignIn(world)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    const shown = [await browser.visit(back), await browserOf(world).visit(url)]
    for (const { title, text } of shown) {
      expect(title).toBe('Signing in is switched off')
      expect(text).toContain('Tell your Mailgrant administrator, then start again.')
    }
  })

  it('is to show the page to the owner of the app registration', async () => {
    const world = await activeWorld()
    const { back, browser } = await startSignIn(world)
    world.entra.control.faultNext({ kind: 'no_refresh_token' })
    const page = await browser.visit(back)
    expect(page.text).toMatch(
      /Next step The owner of the app registration .* Show them this page: Add/,
    )
  })

  it('explains on a reload that the result is shown only once', async () => {
    const world = await activeWorld()
    const browser = browserOf(world)
    await signIn(world, browser, (await authorize(world)).url)
    const page = await browser.visit(CALLBACK)
    expect(page.text).toContain('is shown only once')
  })
})
