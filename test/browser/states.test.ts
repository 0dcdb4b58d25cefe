/** States of the console that are short-lived or rare: work that runs, failures, and what no other test visits. */
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { causeExample, diagnosisExample } from '../../schema/diagnosis-example.ts'
import { everyLook } from './checks.ts'
import { arrived, goTo, openConsole } from './console.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

let saved: Mailboxes
let page: Page
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  saved = await saveMailboxes(world)
  page = await openConsole(world)
  // Typed values are left behind on purpose.
  page.on('dialog', (dialog) => void dialog.accept())
})

const click = (name: string) => page.getByRole('button', { name, exact: true }).click()
const see = (text: string | RegExp) => page.getByText(text).first().waitFor()

/** Holds the responses to these calls back until the test has ended. */
async function hold(pattern: string): Promise<void> {
  const held = Promise.withResolvers<void>()
  await page.route(pattern, async (route) => {
    await held.promise
    await route.abort().catch(() => {})
  })
  onTestFinished(async () => {
    held.resolve()
    await page.unroute(pattern)
  })
}

/** Fails these calls until the test has ended. */
async function refuse(pattern: string): Promise<void> {
  await page.route(pattern, (route) => route.abort())
  onTestFinished(() => page.unroute(pattern))
}

/** Responds to these calls until the test has ended. */
async function respond(pattern: RegExp, json: object): Promise<void> {
  await page.route(pattern, (route) => route.fulfill({ json }))
  onTestFinished(() => page.unroute(pattern))
}

/** Opens a page again, so that nothing of the test before is left. */
async function open(fragment: string): Promise<void> {
  await goTo(page, '#/nowhere')
  await goTo(page, fragment)
}

async function webhookHref(): Promise<string> {
  const input = { url: 'https://hooks.example.org/mailgrant', description: 'Pager' }
  const { id } = await world.api.expect(201, 'POST', '/v1/webhooks', input)
  return `#/webhooks/${id}`
}

it('a diagnosis without a text is refused', async () => {
  await open('#/diagnosis')
  await click('Diagnose')
  await see('Enter a value.')
  await everyLook(page, 'refused-diagnosis')
})

describe('a value that the browser does not accept', () => {
  const field = (label: string) => page.getByLabel(label)
  const description = (label: string) =>
    field(label).evaluate((input) =>
      (input.getAttribute('aria-describedby') ?? '')
        .split(' ')
        .map((id) => document.getElementById(id)?.textContent)
        .join(' '),
    )
  const isFocused = (label: string) =>
    field(label).evaluate((input) => input === document.activeElement)
  const isMarked = async (label: string) =>
    (await field(label).getAttribute('aria-invalid')) === 'true'

  it('is marked in its field until it is changed, and everything typed stays', async () => {
    await open('#/webhooks/new')
    await page.getByRole('radio', { name: 'Email' }).check()
    await field('Name (optional)').fill('On call')
    await click('Add alert channel')
    await see('Enter a value.')
    expect(await isFocused('Send to')).toBe(true)
    expect(await isMarked('Send to')).toBe(true)
    expect(await description('Send to')).toContain('Enter a value.')
    await page.keyboard.type('it at example.com')
    expect(await isMarked('Send to')).toBe(false)
    await field('Name (optional)').focus()
    await page.keyboard.press('Enter')
    await see('Enter an email address, such as name@example.com.')
    expect(await isFocused('Send to')).toBe(true)
    expect(await field('Send to').inputValue()).toBe('it at example.com')
    expect(await field('Name (optional)').inputValue()).toBe('On call')
    await everyLook(page, 'refused-email')
  })

  it('is the first of several that has the focus', async () => {
    await open('#/api-keys/new')
    await page.getByRole('checkbox', { name: 'Read', exact: true }).check()
    await field('Expires on (optional)').fill('2020-01-01')
    await click('Create API key')
    await see('Enter a date from today on.')
    expect(await isFocused('Name')).toBe(true)
    expect(await isMarked('Name')).toBe(true)
    expect(await field('Expires on (optional)').inputValue()).toBe('2020-01-01')
  })
})

describe('work that is running', () => {
  it('a login', async () => {
    await open(`#/mailboxes/${saved.works}`)
    await hold('**/v1/mail-accounts/*/validate')
    await hold('**/v1/validations')
    await click('Validate Authentication')
    await page.getByRole('progressbar').waitFor()
    await everyLook(page, 'busy-login')
  })

  it('a test message', async () => {
    await open(`#/mailboxes/${saved.outgoing}`)
    await hold('**/test-message')
    await page.getByText('Send a test message').click()
    await page.getByLabel('To', { exact: true }).fill('bob@contoso.test')
    await click('Send test message')
    await page.getByRole('progressbar').waitFor()
    await everyLook(page, 'busy-test-message')
  })

  it('a check at Microsoft', async () => {
    await open('#/integrations/microsoft')
    await hold('**/settings/verify')
    await click('Verify now')
    await page.locator('button[aria-busy=true]').waitFor()
    await everyLook(page, 'busy-check')
  })

  it('a check of the setup', async () => {
    await open('#/integrations/microsoft')
    await click('Set up again')
    await click('Next')
    await hold('**/settings/verify')
    await page.getByLabel('Expiry date').fill('2028-01-31')
    await click('Save and verify')
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
  it('of which a later part does not load', async () => {
    await open('#/events')
    await refuse('**/v1/events?*')
    await page.getByLabel('Show').selectOption({ label: 'Integration activated' })
    await see('Mailgrant is not responding')
    await everyLook(page, 'events-not-loaded')
  })

  it('without this page', async () => {
    await open('#/mailboxes?page=9')
    await see('There is no page 9 any more.')
    await everyLook(page, 'mailboxes-no-page')
  })

  it('whose validation is refused', async () => {
    await open('#/mailboxes')
    await refuse('**/v1/mail-accounts/*/validate')
    await click('Validate all')
    await see(/^Validation stopped/)
    await everyLook(page, 'mailboxes-refused')
  })
})

describe('a part of a page that does not load', () => {
  it('the history', async () => {
    await refuse('**/v1/history')
    await open('#/')
    await see('Mailgrant is not responding')
    await everyLook(page, 'overview-without-history')
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

  it('with a second reader: the text that would leave, then the causes and their questions', async () => {
    const offered = { status: 'offered', model: 'small-model', text: '1: A page.', candidates: [] }
    const unknown = { verdict: 'unknown', candidates: [], ask: [], proof: null }
    const diagnosis = { ...diagnosisExample, ...unknown, excludes: null }
    const ask = ['Is SMTP AUTH on for the mailbox?']
    const candidates = [{ ...causeExample, fixes: [], ask, line: 1, quote: 'A page.' }]
    const used = { ...offered, status: 'used', candidates }
    await open('#/diagnosis')
    await respond(/\/v1\/diagnoses$/, { ...diagnosis, second_reader: offered })
    await page.getByLabel('Error text').fill('A page.')
    await click('Diagnose')
    await page.getByText('Show what would be sent').click()
    await see('1: A page.')
    await everyLook(page, 'diagnosis-second-reader-offered')
    await respond(/\/v1\/diagnoses$/, { ...diagnosis, second_reader: used })
    await click('Send this text')
    await see('Chosen for line 1')
    await see('Is SMTP AUTH on for the mailbox?')
    await everyLook(page, 'diagnosis-second-reader-used')
  })

  it('that the rules have decided before the second reader was asked', async () => {
    const offered = { status: 'offered', model: 'small-model', text: '1: A page.', candidates: [] }
    const unknown = { verdict: 'unknown', candidates: [], ask: [], proof: null }
    await open('#/diagnosis')
    await respond(/\/v1\/diagnoses$/, {
      ...diagnosisExample,
      ...unknown,
      excludes: null,
      second_reader: offered,
    })
    await page.getByLabel('Error text').fill('A page.')
    await click('Diagnose')
    await page.getByText('Show what would be sent').click()
    await respond(/\/v1\/diagnoses$/, { ...diagnosisExample, excludes: null, second_reader: null })
    await click('Send this text')
    await see('nothing was sent')
    await see(causeExample.title)
  })
})

it('deliveries that are paused are explained', async () => {
  const href = await webhookHref()
  const path = href.replace('#', '/v1')
  const paused_until = new Date(Date.now() + 600_000).toISOString()
  const webhook = await world.api.expect(200, 'GET', path)
  await respond(new RegExp(`${path}$`), { ...webhook, paused_until })
  await open(href)
  await see('Deliveries are paused')
  await everyLook(page, 'webhook-paused')
})

it('an inactive integration is shown on its page and those of accounts', async () => {
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
  onTestFinished(async () => {
    await world.api.expect(200, 'POST', '/v1/integrations/microsoft/activate')
  })
  await page.reload()
  await arrived(page)
  for (const [name, fragment] of [
    ['microsoft', '#/integrations/microsoft'],
    ['mailboxes', '#/mailboxes'],
    ['account', `#/mailboxes/${saved.works}`],
    ['new-account', '#/mailboxes/new'],
  ] as const) {
    await open(fragment)
    await everyLook(page, `inactive-${name}`)
  }
})
