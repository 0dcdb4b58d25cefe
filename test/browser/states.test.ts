/** States of the console that are short-lived or rare: questions, refused forms, work that runs, failures. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { everyLook } from './checks.ts'
import { arrived, changeSettings, goTo, openConsole } from './console.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { type BrowserWorld, startBrowserWorld } from './world.ts'

let world: BrowserWorld
let saved: Mailboxes
let page: Page
beforeAll(async () => {
  world = await startBrowserWorld({ without: ['third-party'] })
  saved = await saveMailboxes(world)
  page = await openConsole(world)
  // Typed values are left behind on purpose.
  page.on('dialog', (dialog) => void dialog.accept())
})
afterAll(() => world?.stop())

const click = (name: string) => page.getByRole('button', { name, exact: true }).click()
const see = (text: string | RegExp) => page.getByText(text).first().waitFor()

/** Holds the answers to these calls back until the test has ended. */
async function hold(pattern: string): Promise<void> {
  let answer = () => {}
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  await page.route(pattern, async (route) => {
    await held
    await route.abort().catch(() => {})
  })
  onTestFinished(async () => {
    answer()
    await page.unroute(pattern)
  })
}

/** Fails these calls until the test has ended. */
async function refuse(pattern: string): Promise<void> {
  await page.route(pattern, (route) => route.abort())
  onTestFinished(() => page.unroute(pattern))
}

/** Answers these calls until the test has ended. */
async function answer(pattern: RegExp, json: object): Promise<void> {
  await page.route(pattern, (route) => route.fulfill({ json }))
  onTestFinished(() => page.unroute(pattern))
}

/** Opens a page again, so that nothing of the test before is left. */
async function open(fragment: string): Promise<void> {
  await goTo(page, '#/nowhere')
  await goTo(page, fragment)
}

describe('a question before something is deleted', () => {
  it.each([
    ['account', () => `#/email-accounts/${saved.works}`, 'Delete'],
    ['webhook', () => webhookHref(), 'Delete'],
  ])('%s', async (name, fragment, button) => {
    await open(await fragment())
    await click(button)
    await page.getByRole('dialog').waitFor()
    await everyLook(page, `deleting-${name}`)
    await page.keyboard.press('Escape')
  })

  it('credential', async () => {
    const input = { type: 'client_secret', client_secret: 'a-secret-of-another-app' }
    const path = '/v1/integrations/microsoft/settings/next-credential'
    await world.api.expect(200, 'PUT', path, input)
    onTestFinished(async () => void (await world.api.expect(204, 'DELETE', path)))
    await open('#/integrations/microsoft')
    await click('Promote')
    await see('Promote the next credential?')
    await everyLook(page, 'promoting')
    await page.keyboard.press('Escape')
    await click('Delete')
    await see('Delete the pending credential?')
    await everyLook(page, 'deleting-credential')
    await page.keyboard.press('Escape')
  })
})

async function webhookHref(): Promise<string> {
  const input = { url: 'https://hooks.example.org/mailgrant', description: 'Pager' }
  const { id } = await world.api.expect(201, 'POST', '/v1/webhooks', input)
  return `#/webhooks/${id}`
}

describe('a form that is refused', () => {
  it.each([
    ['account', '#/email-accounts/new', 'Save', 'Enter the mailbox.'],
    ['api-key', '#/api-keys/new', 'Create API key', 'Choose at least one.'],
    ['webhook', '#/webhooks/new', 'Add webhook', /^Enter|must/i],
    ['diagnosis', '#/diagnosis', 'Diagnose', /^Enter|must|required/i],
  ])('%s', async (name, fragment, button, text) => {
    await open(fragment)
    // The browser would ask for required fields before the page does.
    await page
      .locator('form')
      .first()
      .evaluate((form) => form.setAttribute('novalidate', ''))
    await click(button)
    await see(text)
    await everyLook(page, `refused-${name}`)
  })

  it('setup', async () => {
    await open('#/integrations/microsoft')
    await click('Set up again')
    await click('Next: enter the values')
    await page.getByLabel('Client ID', { exact: true }).fill('the name of the app')
    await click('Save and check')
    await page.locator('[aria-invalid=true]').first().waitFor()
    await everyLook(page, 'refused-setup')
  })

  it('a form that Mailgrant does not answer', async () => {
    await open('#/integrations/microsoft')
    await refuse('**/v1/integrations/microsoft/settings')
    await changeSettings(page)
    await page.getByLabel('Client secret', { exact: true }).fill('another-secret-that-is-lost')
    const form = page.getByRole('form', { name: 'Microsoft settings' })
    await form.getByLabel("I don't know").check()
    await click('Save')
    await see('Mailgrant is not responding')
    await everyLook(page, 'refused-no-answer')
  })
})

describe('work that is running', () => {
  it('a login', async () => {
    await open(`#/email-accounts/${saved.works}`)
    await hold('**/v1/mail-accounts/*/validate')
    await hold('**/v1/validations')
    await click('Validate Authentication')
    await page.getByRole('progressbar').waitFor()
    await everyLook(page, 'busy-login')
  })

  it('a test message', async () => {
    await open(`#/outgoing-email/${saved.outgoing}`)
    await hold('**/test-message')
    await page.getByLabel('To', { exact: true }).fill('bob@contoso.test')
    await click('Send test message')
    await page.getByRole('progressbar').waitFor()
    await everyLook(page, 'busy-test-message')
  })

  it('a check at Microsoft', async () => {
    await open('#/integrations/microsoft')
    await hold('**/settings/verify')
    await click('Check now')
    await page.locator('button[aria-busy=true]').waitFor()
    await everyLook(page, 'busy-check')
  })

  it('a check of the setup', async () => {
    await open('#/integrations/microsoft')
    await click('Set up again')
    await click('Next: enter the values')
    await hold('**/settings/verify')
    await page.getByLabel("I don't know").check()
    await click('Save and check')
    await page.locator('[aria-busy=true]').first().waitFor()
    await everyLook(page, 'busy-setup')
  })

  it('a page that is loading', async () => {
    await open('#/events')
    await hold('**/v1/webhooks**')
    await page.evaluate(() => {
      location.hash = '#/webhooks'
    })
    await page.locator('main[aria-busy=true]').waitFor()
    await everyLook(page, 'busy-page')
  })
})

describe('a list', () => {
  it('without a match in the events', async () => {
    await open('#/events')
    await page.getByLabel('Show').selectOption({ label: 'API key revoked' })
    await see('No events of this type.')
    await everyLook(page, 'events-none')
  })

  it('of which a later part does not load', async () => {
    await open('#/events')
    await refuse('**/v1/events?*')
    await page.getByLabel('Show').selectOption({ label: 'Integration activated' })
    await see('Mailgrant is not responding')
    await everyLook(page, 'events-not-loaded')
  })

  it('without this page, and in outgoing email without a match', async () => {
    await open('#/email-accounts?page=9')
    await see('There is no page 9 any more.')
    await everyLook(page, 'email-accounts-no-page')
    await open('#/outgoing-email?q=nothing')
    await see('No email account matches.')
    await everyLook(page, 'outgoing-none-found')
  })

  it('with selected accounts whose validation is refused', async () => {
    await open('#/email-accounts')
    await refuse('**/v1/mail-accounts/*/validate')
    await page.getByLabel('Select all on this page').check()
    await page.getByRole('button', { name: /^Validate selected/ }).click()
    await see(/^Validation stopped/)
    await everyLook(page, 'email-accounts-stopped')
  })
})

describe('a part of a page that does not load', () => {
  it('the history and the causes', async () => {
    await refuse('**/v1/history')
    await open('#/')
    await see('Mailgrant is not responding')
    await everyLook(page, 'overview-without-history')
    await open('#/diagnosis')
    await refuse('**/v1/diagnoses/causes')
    await page.getByText('All known causes').click()
    await see('Mailgrant is not responding')
    await everyLook(page, 'diagnosis-without-causes')
  })
})

describe('a diagnosis', () => {
  it.each([
    ['unknown', 'zzzz nothing like any error 4711'],
    ['ambiguous', 'A1 NO AUTHENTICATE failed.'],
  ])('of an error that is %s', async (name, text) => {
    await open('#/diagnosis')
    await page.getByLabel('Error text').fill(text)
    await click('Diagnose')
    await page.locator('[aria-live=polite] *').first().waitFor()
    await everyLook(page, `diagnosis-${name}`)
  })

  it('with a search of the causes that finds none, and on the overview', async () => {
    await open('#/diagnosis')
    await page.getByText('All known causes').click()
    await page.getByLabel('Search the causes').fill('nothing like any')
    await see('0 causes')
    await everyLook(page, 'diagnosis-none-found')
    await open('#/')
    await page.getByText('Something fails? Paste the error').click()
    await page.getByLabel('Error text').fill('AADSTS50126')
    await click('Diagnose')
    await page.getByRole('region', { name: 'Diagnosis' }).waitFor()
    await everyLook(page, 'overview-diagnosis')
  })
})

it('deliveries that are paused are explained', async () => {
  const href = await webhookHref()
  const path = href.replace('#', '/v1')
  const paused_until = new Date(Date.now() + 600_000).toISOString()
  const webhook = await world.api.expect(200, 'GET', path)
  await answer(new RegExp(`${path}$`), { ...webhook, paused_until })
  await open(href)
  await see('Deliveries are paused')
  await everyLook(page, 'webhook-paused')
})

it('the session dialog says that the key is wrong', async () => {
  const own = await openConsole(world, '#/integrations/microsoft')
  await own.context().clearCookies()
  await own.getByRole('button', { name: 'Check now' }).click()
  const dialog = own.getByRole('dialog', { name: 'Your session has expired' })
  await dialog.getByLabel('API key').fill('mg_wrong')
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.getByText('This API key does not work').waitFor()
  await everyLook(own, 'sign-in-again-wrong')
  expect(await own.getByRole('dialog').count()).toBe(1)
})

it('an inactive integration is shown on its pages', async () => {
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
  onTestFinished(async () => {
    await world.api.expect(200, 'POST', '/v1/integrations/microsoft/activate')
  })
  await page.reload()
  await arrived(page)
  for (const [name, fragment] of [
    ['integrations', '#/integrations'],
    ['microsoft', '#/integrations/microsoft'],
    ['email-accounts', '#/email-accounts'],
    ['account', `#/email-accounts/${saved.works}`],
    ['new-account', '#/email-accounts/new'],
  ] as const) {
    await open(fragment)
    await everyLook(page, `inactive-${name}`)
  }
})
