import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { signIn } from '../journeys/sandbox-client.ts'
import { everyLook, expectClean, hasOwnColour } from './checks.ts'
import { countEffort, describeEffort } from './click-count.ts'
import { goTo, NO_SESSION, openConsole } from './console.ts'
import { mayClose, pickAccount, signInAtEntra } from './entra.ts'
import { lineOf, type Mailboxes, prepareMailboxes } from './inbox.ts'
import { focused, tabTo } from './keyboard.ts'
import { browserWorld } from './world.ts'

const ERIN = 'erin@contoso.test'

let mailboxes: Mailboxes
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  mailboxes = await prepareMailboxes(world)
})

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

/** Makes the page reload its data, as when a person returns to its window. */
const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('focus')))

/** Clicks "Reconnect" of the mailbox, and returns the window that opens. */
async function reconnect(page: Page, mailbox: string): Promise<Page> {
  const opened = page.waitForEvent('popup')
  await lineOf(page, mailbox).getByRole('button', { name: 'Reconnect' }).click()
  return opened
}

const see = (page: Page, mailbox: string, words: string) =>
  lineOf(page, mailbox).getByText(words, { exact: true }).waitFor()

describe('an inbox of problems', () => {
  let page: Page
  beforeAll(async () => {
    await mailboxes.deleteAll()
    await mailboxes.connectValidated('alice@contoso.test')
    await mailboxes.connectValidated('bob@contoso.test')
    await mailboxes.connectBroken(ERIN)
    page = await openConsole(world)
  })

  it('has a line for each mailbox that does not work, with cause, use and who acts', async () => {
    await page.getByText('2 mailboxes need attention.').waitFor()
    const erin = lineOf(page, ERIN)
    await erin.getByText('reading and sending mail').waitFor()
    await erin.getByText(`Who acts: ${ERIN}`).waitFor()
    const bob = lineOf(page, 'bob@contoso.test')
    await bob.getByText('reading mail', { exact: true }).waitFor()
    await bob.getByText('IMAP is disabled for this mailbox').waitFor()
    await bob.getByText('Who acts: your Microsoft 365 admin').waitFor()
    await page.getByRole('link', { name: 'Working: 1' }).waitFor()
    await everyLook(page, 'inbox')
    await bob.getByRole('button', { name: 'Copy message for the administrator' }).click()
    await bob.getByText('Copied', { exact: true }).waitFor()
    const message = await clipboard(page)
    expect(message).toContain("It can't use the mailbox bob@contoso.test.")
    expect(message).toMatch(
      /\nCause: IMAP is disabled for this mailbox \(\d{4}-\d\d-\d\d \d\d:\d\d UTC/,
    )
    expect(message).toContain(
      '\nThe app ("your app" below): Mailgrant, unless it was renamed, Application (client) ID ',
    )
    expect(message).toContain(
      "\n   Set-CASMailbox -Identity 'bob@contoso.test' -ImapEnabled $true\n",
    )
    expect(await erin.getByText('Copy message').count()).toBe(0)
    await bob.getByRole('button', { name: 'How to fix' }).click()
    await bob.getByText('Set-CASMailbox').first().waitFor()
    await everyLook(page, 'inbox-open')
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('keeps its dots in forced colours, and cuts no command on paper', async () => {
    const bob = lineOf(page, 'bob@contoso.test')
    expect(await hasOwnColour(page, bob, '::before')).toBe(true)
    await page.emulateMedia({ media: 'print' })
    const cut = await bob
      .locator('pre')
      .evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth).length)
    expect(cut).toBe(0)
    await page.emulateMedia({ media: null })
  })

  it('validates again, and shows that the cause is still the same', async () => {
    const bob = lineOf(page, 'bob@contoso.test')
    const before = await bob.getByRole('time').getAttribute('datetime')
    await bob.getByRole('button', { name: 'Validate again' }).click()
    const time = bob.getByRole('time')
    await expect.poll(() => time.getAttribute('datetime')).not.toBe(before)
    expect(await time.textContent()).toBe('just now')
    expect(await bob.getByText('IMAP is disabled for this mailbox').count()).toBe(1)
    // The fix stays open, since it is read while the list is read again, every minute and after each step.
    expect(await bob.getByText('Set-CASMailbox').first().isVisible()).toBe(true)
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

describe('a reconnect', () => {
  it('takes at most 3 clicks, ends in "Works" and mends both uses', async () => {
    await mailboxes.deleteAll()
    const ids = await mailboxes.connectBroken('frank@contoso.test')
    const page = await openConsole(world)
    const effort = await countEffort(page.context())
    await page.reload()
    await signInAtEntra(await reconnect(page, 'frank@contoso.test'), 'frank@contoso.test')
    await see(page, 'frank@contoso.test', 'Works')
    const { clicks, typed } = effort
    console.log(`A mailbox that works again: ${describeEffort(effort)}`)
    expect(typed).toEqual([])
    expect(clicks.length).toBeGreaterThan(1)
    expect(clicks.length).toBeLessThanOrEqual(3)
    for (const id of ids) {
      expect(await world.api.expect(200, 'GET', `/v1/mail-accounts/${id}`)).toMatchObject({
        health: 'ok',
      })
    }
    expect(await page.getByRole('button', { name: 'Reconnect' }).count()).toBe(0)
    await expect.poll(() => focused(page)).toMatchObject({ name: 'frank@contoso.test' })
    await everyLook(page, 'inbox-works')
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('mends both uses although each has a sign-in of its own', async () => {
    await mailboxes.deleteAll()
    const ids = [
      ...(await mailboxes.connectBroken(ERIN, ['imap'])),
      ...(await mailboxes.connectBroken(ERIN, ['smtp'])),
    ]
    const page = await openConsole(world)
    await signInAtEntra(await reconnect(page, ERIN), ERIN)
    await see(page, ERIN, 'Works')
    const accounts = await Promise.all(
      ids.map((id) => world.api.expect(200, 'GET', `/v1/mail-accounts/${id}`)),
    )
    expect(accounts).toMatchObject([{ health: 'ok' }, { health: 'ok' }])
    const [first, second] = accounts.map(({ grant }) => (grant as { id: string }).id)
    expect(first).toBe(second)
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('gives a mailbox a sign-in whose last one was deleted', async () => {
    await mailboxes.deleteAll()
    await mailboxes.connectDetached('alice@contoso.test')
    const page = await openConsole(world)
    await signInAtEntra(await reconnect(page, 'alice@contoso.test'), 'alice@contoso.test')
    await see(page, 'alice@contoso.test', 'Works')
    const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts?health=ok')
    expect(data).toHaveLength(2)
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('works by keyboard alone', async () => {
    await mailboxes.deleteAll()
    await mailboxes.connectBroken(ERIN)
    const page = await openConsole(world)
    await tabTo(page, 'Reconnect')
    const opened = page.waitForEvent('popup')
    await page.keyboard.press('Enter')
    const popup = await opened
    await popup.getByRole('radio', { name: ERIN }).waitFor()
    const closed = popup.waitForEvent('close')
    await tabTo(popup, 'Next')
    await mayClose(popup.keyboard.press('Enter'))
    await closed
    await see(page, ERIN, 'Works')
    await expect.poll(() => focused(page)).toMatchObject({ name: ERIN })
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('says where to go if the browser opens no window', async () => {
    await mailboxes.deleteAll()
    await mailboxes.connectBroken(ERIN)
    const page = await openConsole(world)
    await page.evaluate(() => {
      window.open = () => null
    })
    const erin = lineOf(page, ERIN)
    await erin.getByRole('button', { name: 'Reconnect' }).click()
    await erin.getByText('Your browser has blocked the window').waitFor()
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('is handed over by a link, and ends in "Works" without a password on this screen', async () => {
    const frank = 'frank@contoso.test'
    await mailboxes.deleteAll()
    await mailboxes.connectBroken(frank)
    const page = await openConsole(world)
    const effort = await countEffort(page.context())
    await page.reload()
    const line = lineOf(page, frank)
    await line.getByRole('button', { name: 'Send a link instead' }).click()
    await line.getByText(`Send this link to ${frank}`).waitFor()
    await everyLook(page, 'inbox-link-to-send')
    await line.getByRole('button', { name: 'Copy message' }).click()
    await line.getByText('Copied', { exact: true }).waitFor()
    const message = await clipboard(page)
    await page.reload()
    await line.getByText(`Waiting for ${frank}, until`).waitFor()
    await everyLook(page, 'inbox-waiting-for-frank')

    const desk = await world.newPage()
    const owner = await countEffort(desk.context())
    await desk.goto(message.split('\n').find((one) => one.startsWith('http')) ?? '')
    await desk.getByRole('button', { name: 'Continue to Microsoft' }).click()
    await pickAccount(desk, frank)
    await desk.getByText('The mailbox is connected again.').waitFor()
    await comeBack(page)
    await see(page, frank, 'Works')
    console.log(`Handed over: ${describeEffort(effort)}; the owner: ${describeEffort(owner)}`)
    expect(effort.clicks.length).toBeLessThanOrEqual(2)
    expect(effort.typed).toEqual([])
    const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts?health=ok')
    expect(data).toHaveLength(2)
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('that waits for its owner can be cancelled', async () => {
    await mailboxes.deleteAll()
    await mailboxes.connectBroken(ERIN)
    const page = await openConsole(world)
    const erin = lineOf(page, ERIN)
    await erin.getByRole('button', { name: 'Send a link instead' }).click()
    await erin.getByText(`Send this link to ${ERIN}`).waitFor()
    await page.reload()
    await erin.getByRole('button', { name: 'Cancel the link' }).click()
    await erin.getByText('Waiting for').waitFor({ state: 'detached' })
    const { data } = await world.api.expect(200, 'GET', `/v1/authorizations?username=${ERIN}`)
    expect((data as object[])[0]).toMatchObject({ problem: { code: 'authorization_ended' } })
    await erin.getByRole('button', { name: 'Reconnect' }).waitFor()
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('that only an admin may allow becomes a link to send', async () => {
    await mailboxes.deleteAll()
    const consent = (granted: boolean) =>
      world.sandbox.control({ tenant_consent: { tenant: 'contoso.test', granted } })
    await consent(true)
    await mailboxes.connectBroken('dave@contoso.test')
    await consent(false)
    const page = await openConsole(world)
    const popup = await reconnect(page, 'dave@contoso.test')
    await pickAccount(popup, 'dave@contoso.test')
    await popup.getByRole('button', { name: 'Return without consent' }).click()
    const dave = lineOf(page, 'dave@contoso.test')
    await dave.getByText('Only an admin may consent to this app').waitFor()
    await dave.getByText('Who acts: your Microsoft 365 admin').waitFor()
    await dave.getByRole('button', { name: 'Send the admin a link' }).click()
    await dave.getByText('Send this link to your Microsoft 365 admin').waitFor()
    await everyLook(page, 'inbox-link')
    await tabTo(page, 'Copy link for the admin', 2)
    await page.keyboard.press('Enter')
    const link = await clipboard(page)
    expect(link).toContain('/contoso.test/v2.0/adminconsent')

    const admin = await page.context().newPage()
    await admin.goto(link)
    await signInAtEntra(admin, 'admin@contoso.test')
    await admin.getByText('Consent received').waitFor()
    await admin.close()
    await signInAtEntra(await reconnect(page, 'dave@contoso.test'), 'dave@contoso.test')
    await see(page, 'dave@contoso.test', 'Works')
    await consent(false)
  })

  it('that never comes back is stopped, and the cause stays', async () => {
    await mailboxes.deleteAll()
    const fault = { kind: 'other_account', account: 'mallory@contoso.test' } as const
    const unused = { times: 1, delay_ms: 1, scopes: [], claims: {} }
    await world.sandbox.control({ faults: [{ ...fault, ...unused }] })
    await mailboxes.connectDetached('mallory@contoso.test', 'alice@contoso.test')
    const page = await openConsole(world)
    await page.clock.install()
    const popup = await reconnect(page, 'mallory@contoso.test')
    await pickAccount(popup, 'mallory@contoso.test')
    const mallory = lineOf(page, 'mallory@contoso.test')
    await page.clock.fastForward(10_000)
    await mallory.getByText('Window closed?').waitFor()
    await everyLook(page, 'inbox-waiting')
    await mallory.getByRole('button', { name: 'Stop' }).click()
    await mallory.getByText('The sign-in was not finished.').waitFor()
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Reconnect' })
    expect(await mallory.getByText('The sign-in was deleted').count()).toBe(1)
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

it('a link for a new mailbox waits in the overview, and its sign-in is finished in the form', async () => {
  const alice = 'alice@contoso.test'
  await mailboxes.deleteAll()
  const page = await openConsole(world, '#/mailboxes/new')
  await page.getByLabel('Mailbox', { exact: true }).fill(alice)
  await page.getByRole('button', { name: 'Send a link instead' }).click()
  const link = page.locator('.copy > span', { hasText: '/oauth/' })
  const url = (await link.textContent()) ?? ''
  page.on('dialog', (dialog) => dialog.accept())
  await goTo(page, '#/')
  const links = page.getByRole('region', { name: 'Sign-in links' })
  await links.getByText(`Waiting for ${alice}, until`).waitFor()
  await everyLook(page, 'overview-waiting')
  await signIn(url, alice, world.api)
  await comeBack(page)
  await links.getByText(`${alice} has signed in. Finish it before`).waitFor()
  await everyLook(page, 'overview-finish')
  await links.getByRole('link', { name: 'Finish' }).click()
  await page.getByText(`Signed in as ${alice}`, { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const { data } = await world.api.expect(200, 'GET', `/v1/mail-accounts?username=${alice}`)
  expect(data).toMatchObject([{ health: 'ok' }, { health: 'ok' }])
  await goTo(page, '#/')
  expect(await links.count()).toBe(0)
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('a link for a saved mailbox is finished on its page, with the new sign-in', async () => {
  const alice = 'alice@contoso.test'
  await mailboxes.deleteAll()
  await mailboxes.connectValidated(alice)
  const page = await openConsole(world)
  page.on('dialog', (dialog) => dialog.accept())
  const { data: saved } = await world.api.expect(200, 'GET', '/v1/mail-accounts')
  const [{ id } = { id: '' }] = saved as { id: string }[]
  await goTo(page, `#/mailboxes/${id}`)
  await page.getByRole('button', { name: 'Reset Access Token' }).click()
  await page.getByRole('button', { name: 'Send a link instead' }).click()
  const link = page.locator('.copy > span', { hasText: '/oauth/' })
  const url = (await link.textContent()) ?? ''
  await goTo(page, '#/')
  await signIn(url, alice, world.api)
  await comeBack(page)
  await page.getByRole('link', { name: 'Finish' }).click()
  await page.getByText('Not saved yet').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  await goTo(page, '#/')
  expect(await page.getByRole('region', { name: 'Sign-in links' }).count()).toBe(0)
  expectClean(page, { consoleErrors: NO_SESSION })
})
