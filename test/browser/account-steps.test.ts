import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import {
  changeMailbox,
  getAccessToken,
  openMore,
  openPopup,
  results,
  validated,
} from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { countEffort, describeEffort } from './click-count.ts'
import { NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { mayClose, signInAtEntra } from './entra.ts'
import { focused, tabTo } from './keyboard.ts'
import { expectExpired, saveExpiring, saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'
const GRACE = 'grace@outlook.test'

const world = browserWorld({ without: ['third-party'] }, setUpMicrosoft)

const accountsOf = async (username: string) => {
  const { data } = await world.api.expect(200, 'GET', `/v1/mail-accounts?username=${username}`)
  return data as Record<string, unknown>[]
}

/** Opens a form for the mailbox, with both uses. */
async function formForBoth(mailbox: string): Promise<Page> {
  const page = await openConsole(world, '#/mailboxes/new')
  await page.getByLabel('Mailbox', { exact: true }).fill(mailbox)
  return page
}

/** Signs in with another account than the mailbox, and keeps it. */
async function signInAsOther(page: Page, username: string, choice: string): Promise<void> {
  const popup = await openPopup(page)
  await signInAtEntra(popup, username)
  await mayClose(popup.getByRole('button', { name: choice }).click())
  await page.getByText(`Signed in as ${username}`, { exact: true }).waitFor()
}

const health = (page: Page, text: string) =>
  page.getByRole('list', { name: 'Health' }).getByText(text)

async function deleteMailbox(page: Page, what: string): Promise<void> {
  await page.getByRole('button', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(what).check()
  await dialog.getByRole('button', { name: 'Delete' }).click()
}

/** Runs in the page. */
const isAboveBar = (element: Element) => {
  const bar = document.querySelector('.save-bar')?.getBoundingClientRect()
  const { top, bottom } = element.getBoundingClientRect()
  return top >= 0 && bottom <= (bar?.top ?? 0)
}

describe('a mailbox that is read and sent from', () => {
  it('takes one form and one sign-in: at most 5 clicks', async () => {
    const page = await openConsole(world)
    const effort = await countEffort(page.context())
    await page.goto(`${world.urls.api}/console/#/mailboxes`)
    await page.reload()
    await page.getByRole('link', { name: 'Add mailbox' }).click()
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Mailbox' })
    await page.keyboard.type(GRACE)
    await getAccessToken(page, GRACE)
    await page.getByText('Read mail (IMAP): it works').waitFor()
    await page.getByText('Send mail (SMTP): it works').waitFor()
    await everyLook(page, 'both-validated')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('It works, and stays connected for reading and sending mail.').waitFor()
    const { clicks, typed } = effort
    console.log(`A mailbox for reading and sending: ${describeEffort(effort)}`)
    expect(typed).toHaveLength(1)
    expect(clicks.length).toBeLessThanOrEqual(5)
    await expect.poll(() => health(page, 'Works').count()).toBe(2)
    expectClean(page, { consoleErrors: NO_SESSION })
    const saved = await accountsOf(GRACE)
    expect(saved.map(({ protocol }) => protocol).sort()).toEqual(['imap', 'smtp'])
    expect(saved).toMatchObject([{ health: 'ok' }, { health: 'ok' }])
  })

  it('says what is saved and what is not when the second account is refused, and retries the rest', async () => {
    const page = await formForBoth(ALICE)
    await page.setViewportSize({ width: 375, height: 600 })
    await getAccessToken(page, ALICE)
    await page.getByText('Send mail (SMTP): it works').waitFor()
    let posts = 0
    await page.route('**/v1/mail-accounts', async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      posts += 1
      return posts === 2 ? route.abort() : route.continue()
    })
    await page.getByRole('button', { name: 'Save' }).click()
    await expect
      .poll(() => page.getByText('Saved for reading mail only').evaluate(isAboveBar))
      .toBe(true)
    await page.getByText(`${ALICE} is not saved for sending mail yet.`).waitFor()
    await everyLook(page, 'partly-saved')
    expect(await accountsOf(ALICE)).toHaveLength(1)
    expect(await page.getByText('Not saved yet').count()).toBe(0)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('It works, and stays connected for reading and sending mail.').waitFor()
    expect(posts).toBe(3)
    expect(await accountsOf(ALICE)).toHaveLength(2)

    // A change of saved accounts is retried in the same way.
    let puts = 0
    await page.route('**/v1/mail-accounts/*', (route) => {
      puts += route.request().method() === 'PUT' ? 1 : 0
      return puts === 2 && route.request().method() === 'PUT' ? route.abort() : route.continue()
    })
    await changeMailbox(page)
    await page.getByLabel('Name (optional)').fill('Alice')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved for reading mail only').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(puts).toBe(3)
    expect(await accountsOf(ALICE)).toMatchObject([{ name: 'Alice' }, { name: 'Alice' }])
    expectClean(page, { consoleErrors: /401|ERR_FAILED/ })
  })

  it('has one page, and two forms only where the uses differ in how they log in', async () => {
    const form = (protocol: string, name: string) => ({
      ...{ protocol, name, host: 'mail.example.org', username: 'desk@example.org' },
      authentication: { type: 'password', password: 'a mailbox password' },
    })
    const { id } = await world.api.expect(201, 'POST', '/v1/mail-accounts', form('imap', 'Desk'))
    await world.api.expect(201, 'POST', '/v1/mail-accounts', form('smtp', 'Desk'))
    const page = await openConsole(world, `#/mailboxes/${id}`)
    await everyLook(page, 'mailbox-both')
    await deleteMailbox(page, 'Only sending mail')
    await page.getByText('Sending mail is deleted.').waitFor()
    expect(await accountsOf('desk@example.org')).toMatchObject([{ protocol: 'imap' }])

    await world.api.expect(201, 'POST', '/v1/mail-accounts', form('smtp', 'Outgoing'))
    await page.reload()
    await page.getByRole('link', { name: 'With its own settings' }).click()
    await page.getByRole('heading', { level: 1, name: 'Outgoing' }).waitFor()
    await everyLook(page, 'mailbox-two-forms')

    await deleteMailbox(page, 'Only sending mail')
    await page.getByText('Sending mail is deleted.').waitFor()
    expect(await accountsOf('desk@example.org')).toMatchObject([{ protocol: 'imap' }])

    // After a failure between two accounts, another attempt deletes the rest.
    await world.api.expect(201, 'POST', '/v1/mail-accounts', form('smtp', 'Desk'))
    await page.reload()
    let deletions = 0
    await page.route('**/v1/mail-accounts/*', (route) => {
      const isDeletion = route.request().method() === 'DELETE'
      deletions += isDeletion ? 1 : 0
      return isDeletion && deletions === 2 ? route.abort() : route.continue()
    })
    await deleteMailbox(page, 'The whole mailbox')
    await page.getByText('The change may have been made.').waitFor()
    await deleteMailbox(page, 'The whole mailbox')
    await page.getByText('desk@example.org is deleted.').waitFor()
    expectClean(page, { consoleErrors: /401|404|ERR_FAILED/ })
  })

  it('shows each result of its own, and saves only the use that works', async () => {
    const page = await formForBoth('carol@contoso.test')
    await getAccessToken(page, 'carol@contoso.test')
    await results(page).getByText('Read mail (IMAP): it works').waitFor()
    await results(page).getByText('Send mail (SMTP): it does not work').waitFor()
    await everyLook(page, 'both-one-fails')
    await page.getByRole('button', { name: 'Save anyway' }).waitFor()
    await page.getByText('The login for sending mail did not succeed.').waitFor()
    await page.getByRole('button', { name: 'Change account' }).click()
    await page.getByLabel('Send mail (SMTP)').uncheck()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('It works, and stays connected for reading mail.').waitFor()
    expect(await accountsOf('carol@contoso.test')).toMatchObject([{ protocol: 'imap' }])
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

it('offers a sign-in that covers every use, which needs no window', async () => {
  const page = await openConsole(world, '#/mailboxes/new?protocols=smtp')
  await page.getByLabel('Mailbox', { exact: true }).fill(GRACE)
  await page.getByText(`Already signed in as ${GRACE}`, { exact: true }).waitFor()
  await page.getByText('For reading and sending mail.').waitFor()
  await everyLook(page, 'known-sign-in')
  let popups = 0
  page.on('popup', () => {
    popups += 1
  })
  await page.getByRole('button', { name: 'Use this sign-in' }).click()
  await page.getByText(`Signed in as ${GRACE}`, { exact: true }).waitFor()
  await results(page).getByText('It works', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  expect(popups).toBe(0)
  expectClean(page, { consoleErrors: NO_SESSION })
})

describe('a sign-in by another account than the mailbox', () => {
  it("is the same person's other address, as the window asks once", async () => {
    const page = await formForBoth('heidi@contoso.test')
    await signInAsOther(page, 'heidi.h@contoso.test', 'another address')
    await page.getByText('Send mail (SMTP): it works').waitFor()
    await page.getByText('heidi.h@contoso.test signs in').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    const saved = { delegate: 'heidi.h@contoso.test', health: 'ok' }
    expect(await accountsOf('heidi@contoso.test')).toMatchObject([saved, saved])
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('is one with access to a shared mailbox, or the wrong one', async () => {
    const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
    const mailbox = page.getByLabel('Mailbox', { exact: true })
    await mailbox.fill('support@contoso.test')
    const popup = await openPopup(page)
    await signInAtEntra(popup, 'bob@contoso.test')
    await popup.getByRole('button', { name: 'Discard it' }).click()
    await page.getByText('Not signed in').waitFor()
    await popup.close()
    await signInAsOther(page, ALICE, 'a shared mailbox')
    await results(page).getByText('It works', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await accountsOf('support@contoso.test')).toMatchObject([{ delegate: ALICE }])

    await changeMailbox(page)
    await page.getByLabel('Who signs in').fill('')
    await page.getByText(`${ALICE} is not the mailbox's account`).waitFor()
    await everyLook(page, 'other-account')
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

describe('"Save"', () => {
  it('validates what was not validated, and can save what fails', async () => {
    const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
    await page.getByLabel('Mailbox', { exact: true }).fill('printer@contoso.test')
    await page.getByLabel('Authentication', { exact: true }).selectOption({ label: 'Password' })
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await page.getByText('Saving checks the login first.').waitFor()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await results(page).getByText('It does not work', { exact: true }).waitFor()
    await everyLook(page, 'save-anyway')
    // Another Enter does not save what has just failed.
    expect(await focused(page)).not.toMatchObject({ name: 'Save anyway' })
    expect(await accountsOf('printer@contoso.test')).toEqual([])
    await page.getByRole('button', { name: 'Save anyway' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await accountsOf('printer@contoso.test')).toMatchObject([{ health: 'failing' }])
    // A new name changes no login, so it is saved at once.
    await changeMailbox(page)
    await page.getByLabel('Name (optional)').fill('Printer')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Printer' }).waitFor()
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('stays where it is while the steps above it fold', async () => {
    // No other test signs in as frank, since an existing access token would be offered, which moves the form.
    const username = 'frank@contoso.test'
    // Tall enough for the whole form, so that the bar is at its end.
    const page = await openConsole(world, '#/mailboxes/new?protocols=imap', { height: 1200 })
    await page.getByLabel('Mailbox', { exact: true }).fill(username)
    const popup = await openPopup(page)
    await page.getByText('Continue in the window that has opened').waitFor()
    await page.getByText('Microsoft asks for admin approval').waitFor()
    await page.evaluate(() => {
      const places = new Set<number>()
      const look = () => {
        places.add(
          Math.round(document.querySelector('.save-bar')?.getBoundingClientRect().top ?? 0),
        )
        requestAnimationFrame(look)
      }
      look()
      Object.assign(globalThis, { places })
    })
    await signInAtEntra(popup, username)
    await results(page).getByText('It works', { exact: true }).waitFor()
    await page.getByText('Ready to save').waitFor()
    const places = () =>
      page.evaluate(() => [...(globalThis as unknown as { places: Set<number> }).places])
    expect(await places()).toHaveLength(1)
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('stays in sight, also on a phone, and never covers the field in use', async () => {
    const page = await openConsole(world, '#/mailboxes/new', { width: 375, height: 600 })
    await openMore(page)
    await page.getByLabel('IMAP server').selectOption({ label: 'Another server' })
    const covered = () =>
      page.evaluate(() => {
        const bar = document.querySelector('.save-bar')?.getBoundingClientRect()
        const field = document.activeElement?.getBoundingClientRect()
        if (!bar || !field) return 'missing'
        if (bar.top < 0 || bar.bottom > innerHeight) return 'out of sight'
        return document.activeElement?.closest('.save-bar') || field.bottom <= bar.top + 1
          ? 'free'
          : 'covered'
      })
    await page.evaluate(() => scrollTo(0, 0))
    await page.getByLabel('Mailbox', { exact: true }).focus()
    for (let presses = 0; presses < 40; presses += 1) {
      const stop = await focused(page)
      expect(await covered(), stop?.name).toBe('free')
      if (stop?.name === 'Save') break
      await page.keyboard.press('Tab')
    }
    expect(await focused(page)).toMatchObject({ name: 'Save' })
    await everyLook(page, 'more-settings')
  })
})

describe('the newest truth', () => {
  it('is alone on the page: an older validation that passed is only dated', async () => {
    const { disconnected } = await saveMailboxes(world)
    const page = await openConsole(world, `#/mailboxes/${disconnected}`)
    await health(page, 'Needs reconnecting').waitFor()
    await results(page)
      .getByText(/^Last worked on /)
      .waitFor()
    expect(await page.getByText('It works').count()).toBe(0)
    await page.getByText('Was signed in as erin@contoso.test').waitFor()
    await page.getByText('Microsoft no longer accepts it: a new sign-in is required.').waitFor()
    await everyLook(page, 'lost-sign-in')

    // A new sign-in clears what was wrong with the saved one.
    const opened = page.waitForEvent('popup')
    await page.getByRole('button', { name: 'Reconnect' }).click()
    await signInAtEntra(await opened, 'erin@contoso.test')
    await validated(page)
    await health(page, 'Not saved').waitFor()
    expect(await page.getByRole('region', { name: 'What is wrong' }).count()).toBe(0)
    await everyLook(page, 'reconnected')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    await health(page, 'Works').waitFor()
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('replaces what the page has shown before', async () => {
    const id = await saveExpiring(world, 'frank@contoso.test')
    const page = await openConsole(world, `#/mailboxes/${id}`)
    await health(page, 'Works').waitFor()
    await results(page).getByText('It works', { exact: true }).waitFor()
    await expectExpired(world, id)
    await page.getByRole('button', { name: 'Validate Authentication' }).click()
    await health(page, 'Needs reconnecting').waitFor()
    await page.getByRole('region', { name: 'What is wrong' }).waitFor()
    expect(await page.getByText('It works').count()).toBe(0)
    await everyLook(page, 'lost-meanwhile')
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

it('works with the keyboard alone, both uses and the question in the window included', async () => {
  const page = await openConsole(world, '#/mailboxes/new')
  await page.reload()
  await page.getByRole('heading', { level: 1 }).waitFor()
  await tabTo(page, 'Mailbox')
  await page.keyboard.type('heidi@contoso.test')
  await tabTo(page, 'Get Access Token')
  const opened = page.waitForEvent('popup')
  await page.keyboard.press('Enter')
  const popup = await opened
  const closed = popup.waitForEvent('close')
  await signInAtEntra(popup, 'heidi.h@contoso.test')
  await mayClose(popup.getByRole('button', { name: 'another address' }).press('Enter'))
  await closed
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Save' })
  await page.keyboard.press('Enter')
  await page.getByText('Saved', { exact: true }).waitFor()
  expectClean(page, { consoleErrors: NO_SESSION })
})
