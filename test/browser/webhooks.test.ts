import type { Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { goTo, openConsole } from './console.ts'
import { type Message, type Receiver, startReceiver } from './receiver.ts'
import { browserWorld } from './world.ts'

let receiver: Receiver
const world = browserWorld({ without: ['checker', 'mail', 'third-party'] }, async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver?.stop())

/** Console error of the address that the test enters by mistake. */
const allowed = { consoleErrors: /401 \(Unauthorized\).*\/console\/session|422/ }

/** Throws unless the reference verifier accepts the signature with this secret. */
const verified = (secret: string, { headers, body }: Message) =>
  new Webhook(secret).verify(body, headers) as { type: string }

async function secretShown(page: Page): Promise<string> {
  const shown = page.getByText(/^whsec_/)
  await shown.waitFor()
  await page.getByRole('button', { name: 'Copy signing secret' }).click()
  await page.getByText('Copied').waitFor()
  return (await shown.textContent()) ?? ''
}

async function sendTest(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send test message' }).click()
}

const messages = (page: Page) => page.getByRole('list', { name: 'Messages' })

describe('a webhook', () => {
  let page: Page
  let secret: string
  beforeAll(async () => {
    page = await openConsole(world, '#/webhooks')
  })

  it('is created with its event types, and its secret is shown once', async () => {
    await page.getByText('No alert channels yet').waitFor()
    await everyLook(page, 'webhooks-none')
    await page.getByRole('link', { name: 'Add webhook' }).click()
    await page.getByLabel('URL', { exact: true }).fill('https://10.0.0.1/hooks')
    await page.getByRole('button', { name: 'Add webhook' }).click()
    await page.getByText('Must contain a host name, not an IP address').waitFor()
    await everyLook(page, 'refused-webhook')
    await page.getByLabel('URL', { exact: true }).fill(receiver.url)
    await page.getByLabel('Name (optional)').fill('Help desk')
    await page.getByRole('radio', { name: 'Choose' }).check()
    await page.getByRole('checkbox', { name: 'An administrator consented' }).uncheck()
    await everyLook(page, 'webhook-form')
    await page.getByRole('button', { name: 'Add webhook' }).click()
    secret = await secretShown(page)
    await everyLook(page, 'webhook-made')
    await page.getByRole('link', { name: 'Open and test it' }).click()
    await page.getByRole('heading', { level: 1, name: 'Help desk' }).waitFor()
    expect(await page.content()).not.toContain(secret)
    expect(await page.getByRole('checkbox', { name: 'An administrator' }).isChecked()).toBe(false)
  })

  it('receives a test message that the reference verifier accepts', async () => {
    await sendTest(page)
    await page.getByRole('status').getByText('The receiver responded with 204.').waitFor()
    expect(verified(secret, receiver.last())).toMatchObject({ type: 'webhook.test' })
    await messages(page).getByText('Delivered').waitFor()
    await everyLook(page, 'webhook')
    expectClean(page, allowed)
  })

  it('shows why a receiver rejected a message', async () => {
    receiver.response.status = 500
    await sendTest(page)
    const first = messages(page).getByRole('listitem').first()
    await first.getByText('Retrying').waitFor()
    await first.getByText('responded with 500').waitFor()
    await everyLook(page, 'webhook-fails')
  })

  it('can be edited without changing its status, and disabled and enabled', async () => {
    await page.getByLabel('Name (optional)').fill('Help desk of the north')
    await page.getByRole('button', { name: 'Switch off' }).click()
    await page.getByRole('button', { name: 'Switch on' }).waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    const [stored] = (await world.api.expect(200, 'GET', '/v1/webhooks')).data as object[]
    expect(stored).toMatchObject({ description: 'Help desk of the north', enabled: false })
    await page.getByRole('button', { name: 'Switch on' }).click()
    await page.getByRole('status').getByText('On', { exact: true }).waitFor()
  })

  it('asks before changes that are not saved are left', async () => {
    const url = page.url()
    const leaveAnd = async (response: 'accept' | 'dismiss') => {
      const asked = page.waitForEvent('dialog')
      const leaving = page.getByRole('link', { name: 'Events' }).click()
      const dialog = await asked
      expect(dialog.message()).toContain('changes to the webhook are not saved')
      await dialog[response]()
      await leaving
    }
    await page.getByLabel('Name (optional)').fill('Help desk')
    await leaveAnd('dismiss')
    expect(await page.getByLabel('Name (optional)').inputValue()).toBe('Help desk')
    await leaveAnd('accept')
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
    await page.goto(url)
    await page.getByRole('heading', { level: 1, name: 'Help desk of the north' }).waitFor()
  })

  it('is disabled by a receiver that returns 410', async () => {
    receiver.response.status = 410
    await sendTest(page)
    await page.getByText('This webhook is off').waitFor()
    await messages(page).getByText('responded with 410').waitFor()
    await everyLook(page, 'webhook-off')
    await goTo(page, '#/webhooks')
    await page.getByRole('row', { name: 'Help desk of the north' }).getByText('Off').waitFor()
    await everyLook(page, 'webhooks')
    expectClean(page, allowed)
  })
})
