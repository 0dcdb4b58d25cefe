import { expect, it } from 'vitest'
import { changeMailbox, getAccessToken, openPopup, validate } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { pickAccount } from './entra.ts'
import { browserWorld } from './world.ts'

const world = browserWorld({ without: ['third-party'] }, setUpMicrosoft)

async function formFor(username: string, protocol: 'imap' | 'smtp') {
  const page = await openConsole(world, `#/mailboxes/new?protocols=${protocol}`)
  await page.getByLabel('Mailbox', { exact: true }).fill(username)
  return page
}

it.each([
  { username: 'bob@contoso.test', protocol: 'imap', cause: /IMAP/ },
  { username: 'carol@contoso.test', protocol: 'smtp', cause: /SMTP AUTH|SMTP/ },
] as const)('$username over $protocol sees the reason, step by step', async (failing) => {
  const { username, protocol, cause } = failing
  const page = await formFor(username, protocol)
  await getAccessToken(page, username)
  await validate(page)
  await page.getByText('It does not work').waitFor()

  const steps = page.getByRole('list', { name: 'Path of the login' }).getByRole('listitem')
  const texts = await steps.allTextContents()
  expect(texts.filter((text) => text.includes('passed')).length).toBeGreaterThanOrEqual(3)
  expect(texts.filter((text) => text.includes('failed'))).toHaveLength(1)

  const diagnosis = page.getByRole('region', { name: 'Diagnosis' })
  expect(await diagnosis.textContent()).toMatch(cause)
  expect(await diagnosis.textContent()).toContain('Who must act: your Microsoft 365 admin')
  const fix = diagnosis.getByRole('list').first()
  expect(await fix.getByRole('listitem').count()).toBeGreaterThan(0)
  expect(await fix.textContent()).not.toContain('To undo it')
  expect(await diagnosis.textContent()).toContain('To undo it')
  await everyLook(page, `fails-${protocol}`)

  await page.getByRole('button', { name: 'Save anyway' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  expectClean(page, { consoleErrors: NO_SESSION })
  const { data } = await world.api.expect(200, 'GET', `/v1/mail-accounts?username=${username}`)
  expect(data).toMatchObject([{ health: 'failing', last_validation: { outcome: 'failed' } }])

  const pages = page.getByRole('navigation', { name: 'Pages' })
  await pages.getByRole('link', { name: 'Overview' }).click()
  const line = page
    .getByRole('region', { name: 'Needs attention' })
    .getByRole('listitem')
    .filter({ hasText: username })
  await line.getByText(cause).first().waitFor()
})

it('a sign-in that returns without a token shows the reason', async () => {
  const page = await formFor('dave@contoso.test', 'imap')
  const popup = await openPopup(page)
  await pickAccount(popup, 'dave@contoso.test')
  await popup.getByRole('button', { name: 'Return without consent' }).click()
  await page.getByText('Not signed in').waitFor()
  const diagnosis = page.getByRole('region', { name: 'Diagnosis' })
  expect(await diagnosis.textContent()).toMatch(/admin/i)
  await everyLook(page, 'no-consent')
  await popup.getByRole('heading', { level: 1 }).waitFor()
  await everyLook(popup, 'no-consent-popup')
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('two tabs on one account do not overwrite each other, and show when it has been deleted', async () => {
  const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts?protocol=imap&limit=1')
  const [account] = data as { id: string }[]
  const path = `/v1/mail-accounts/${account?.id}`
  const fragment = `#/mailboxes/${account?.id}`
  const page = await openConsole(world, fragment)
  const other = await openConsole(world, fragment)
  for (const tab of [page, other]) await changeMailbox(tab)
  await other.getByLabel('Name (optional)').fill('Theirs')
  await other.getByRole('button', { name: 'Save' }).click()
  await other.getByText('Saved', { exact: true }).waitFor()

  await page.getByLabel('Name (optional)').fill('Too late')
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('This mailbox was changed in the meantime').waitFor()
  }
  expect(await page.getByLabel('Name (optional)').inputValue()).toBe('Too late')
  expect(await world.api.expect(200, 'GET', path)).toMatchObject({ name: 'Theirs' })
  await everyLook(page, 'account-overtaken')

  await world.api.expect(204, 'DELETE', path)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('This mailbox was deleted in the meantime').waitFor()
  expect(await page.getByLabel('Name (optional)').inputValue()).toBe('Too late')
  await everyLook(page, 'account-deleted')
  expectClean(page, { consoleErrors: /40[14]|412/ })
})
