import { expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { NO_SESSION, openConsole } from './console.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

let mailboxes: Mailboxes
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  mailboxes = await saveMailboxes(world)
})

const BOB = 'bob@contoso.test'

async function openCard(id: string) {
  const page = await openConsole(world, `#/mailboxes/${id}`)
  const card = page.locator('.folds')
  await card.getByText('Send a test message').click()
  return {
    page,
    card,
    to: card.getByLabel('To', { exact: true }),
    result: card.getByRole('status'),
  }
}

it('sends one message to an address that is typed, by the keyboard alone', async () => {
  const { page, card, to, result } = await openCard(mailboxes.outgoing)
  expect(await to.inputValue()).toBe('')
  await to.focus()
  await page.keyboard.press('Enter')
  // The focus does not move, so nothing else tells a screen reader.
  await card.getByRole('alert').getByText('Enter a value.').waitFor()
  await page.keyboard.type('Bob <bob@contoso.test>')
  await page.keyboard.press('Enter')
  await card.getByText('Enter an email address, such as name@example.com.').waitFor()
  await everyLook(page, 'test-message-wrong-address')
  await to.fill(` ${BOB} `)
  await page.keyboard.press('Enter')
  await result.getByText(`The server accepted the message for ${BOB}`).waitFor()
  await everyLook(page, 'test-message-sent')
  const { data } = await world.api.expect(200, 'GET', '/v1/events?type=test_message.requested')
  expect(data).toMatchObject([{ subject: mailboxes.outgoing, data: { to: BOB } }])
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('sends no second message if the fold was closed while the response was lost', async () => {
  const { page, card, to } = await openCard(mailboxes.outgoing)
  const keys: unknown[] = []
  await page.route('**/test-message', (route) => {
    keys.push(route.request().headers()['idempotency-key'])
    return route.abort()
  })
  const send = card.getByRole('button', { name: 'Send test message' })
  await to.fill(BOB)
  await send.click()
  await card.getByRole('alert').getByText('Mailgrant is not').waitFor()
  const fold = card.getByText('Send a test message')
  await fold.click()
  await to.waitFor({ state: 'hidden' })
  await fold.click()
  expect(await to.inputValue()).toBe(BOB)
  await send.click()
  await expect.poll(() => keys).toEqual([expect.any(String), keys[0]])
})

it('says who must act if the mailbox is not allowed to send as its From address', async () => {
  const path = `/v1/mail-accounts/${mailboxes.outgoing}`
  const {
    id: _,
    health,
    grant,
    last_validation,
    problem,
    created_at,
    updated_at,
    ...account
  } = await world.api.expect(200, 'GET', path)
  await world.api.expect(200, 'PUT', path, { ...account, from: 'ceo@contoso.test' })
  const { page, card, to, result } = await openCard(mailboxes.outgoing)
  await card.getByText('from ceo@contoso.test').waitFor()
  await to.fill(BOB)
  await card.getByRole('button', { name: 'Send test message' }).click()
  await result.getByText('The message was not sent').waitFor()
  const diagnosis = card.getByRole('region', { name: 'Diagnosis' })
  await diagnosis.getByText("isn't allowed to send from this From address").waitFor()
  const steps = await card.getByRole('listitem').filter({ hasText: 'Send the message' }).count()
  expect(steps).toBe(1)
  await everyLook(page, 'test-message-refused')
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('explains the limit, and when the next message may be sent', async () => {
  const path = `/v1/mail-accounts/${mailboxes.outgoing}/test-message`
  for (let count = 2; count < 10; count++) await world.api.expect(201, 'POST', path, { to: BOB })
  const { page, card, to } = await openCard(mailboxes.outgoing)
  await to.fill(BOB)
  await card.getByRole('button', { name: 'Send test message' }).click()
  await card.getByText('The limit is 10 test messages an hour from one mailbox.').waitFor()
  await everyLook(page, 'test-message-limit')
  expectClean(page, { consoleErrors: new RegExp(`${NO_SESSION.source}|429`) })
})

it('is not offered for a mailbox that is read', async () => {
  const page = await openConsole(world, `#/mailboxes/${mailboxes.fails}`)
  await page
    .getByText(/^Validated /)
    .first()
    .waitFor()
  expect(await page.getByText('Send a test message').count()).toBe(0)
})
