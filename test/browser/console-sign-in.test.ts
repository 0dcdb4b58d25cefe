/** People at the console: sign-in with Microsoft, what a role shows, and the sessions that an administrator ends. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { admin, alice, carol } from '../sandbox/personas.ts'
import { everyLook, expectClean } from './checks.ts'
import { arrived, goTo, NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { signInAtEntra } from './entra.ts'
import { browserWorld } from './world.ts'

const world = browserWorld({ without: ['checker', 'mail', 'third-party'] }, setUpMicrosoft)

async function signInAs(username: string, fragment = '#/'): Promise<Page> {
  const page = await world.newPage()
  await page.goto(`${world.urls.api}/console/${fragment}`)
  await page.getByRole('link', { name: 'Sign in with Microsoft' }).click()
  await signInAtEntra(page, username)
  return page
}

it('offers Microsoft first and a key as well, in every look', async () => {
  const page = await world.newPage()
  await page.goto(`${world.urls.api}/console/`)
  await page.getByRole('link', { name: 'Sign in with Microsoft' }).waitFor()
  await page.getByRole('heading', { name: 'Or with an API key' }).waitFor()
  await everyLook(page, 'sign-in-microsoft')
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('returns to the requested page and shows who is signed in', async () => {
  const page = await signInAs(admin.username, '#/events')
  await arrived(page)
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Events')
  await page.getByText(`Signed in as ${admin.name}`).waitFor()
  await page.getByRole('listitem').filter({ hasText: admin.name }).first().waitFor()
  expect(page.url()).not.toMatch(/code=|state=/)
})

it('hides from an operator what only an administrator may do', async () => {
  const page = await signInAs(alice.username)
  await arrived(page)
  await page.getByText(`Signed in as ${alice.name}`).waitFor()
  for (const name of ['API keys', 'Console sessions', 'Webhooks', 'Events']) {
    expect(await page.getByRole('link', { name }).isVisible()).toBe(false)
  }
  await page.getByRole('link', { name: 'Mailboxes' }).click()
  await arrived(page)
  await page.getByRole('link', { name: 'Add mailbox' }).first().waitFor()
})

it('tells a person without a role whom to ask, in every look', async () => {
  const page = await signInAs(carol.username)
  await page.getByRole('heading', { name: 'You have no role in this console' }).waitFor()
  expect(await page.getByLabel('Your object ID').inputValue()).toBe(carol.oid)
  // A script of the page cleans the address.
  await expect.poll(() => page.url()).not.toMatch(/code=|state=/)
  await everyLook(page, 'sign-in-no-role')
  await page.getByRole('link', { name: 'Use another account' }).click()
  await signInAtEntra(page, alice.username)
  await arrived(page)
})

it('lets an administrator end a session at once and revoke the keys that the person created', async () => {
  await world.sandbox.control({
    roles: { username: carol.username, assigned: ['Mailgrant.Admin'] },
  })
  const leaver = await signInAs(carol.username, '#/api-keys/new')
  await arrived(leaver)
  await leaver.getByLabel('Name').fill('Left behind')
  await leaver.getByRole('checkbox', { name: 'Full access' }).check()
  await leaver.getByRole('button', { name: 'Create' }).click()
  await leaver.getByText('Left behind').first().waitFor()
  await world.sandbox.control({ roles: { username: carol.username, assigned: [] } })

  const page = await openConsole(world, '#/console-sessions')
  await page.getByText('This session').waitFor()
  await everyLook(page, 'console-sessions')
  await page.getByRole('button', { name: `End the session of ${carol.name}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await everyLook(page, 'console-sessions-end')
  await dialog.getByRole('button', { name: 'End session' }).click()
  await page.getByText(`${carol.name} is signed out.`).waitFor()
  await everyLook(page, 'console-sessions-keys')
  await page.getByRole('status').getByRole('link', { name: 'API keys' }).click()
  const key = page.getByRole('row', { name: 'Left behind' })
  await key.getByText(carol.name).waitFor()
  await key.getByRole('button', { name: 'Revoke Left behind' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('"Left behind" no longer works.').waitFor()
  const { data } = await world.api.expect(200, 'GET', '/v1/api-keys')
  expect(data).toMatchObject([{ name: 'Left behind', status: 'revoked' }])

  await leaver.reload()
  await leaver.getByRole('link', { name: 'Sign in with Microsoft' }).click()
  await signInAtEntra(leaver, carol.username)
  await leaver.getByRole('heading', { name: 'You have no role in this console' }).waitFor()

  const other = await signInAs(admin.username, '#/')
  await arrived(other)
  await goTo(page, '#/console-sessions')
  await page.getByRole('button', { name: 'End all other sessions' }).click()
  await dialog.waitFor()
  await everyLook(page, 'console-sessions-end-all')
  await dialog.getByRole('button', { name: /^End sessions?$/ }).click()
  await page.getByText(/is signed out/).waitFor()
  await page.getByRole('button', { name: 'End all other sessions' }).waitFor({ state: 'detached' })
  await other.reload()
  await other.getByRole('link', { name: 'Sign in with Microsoft' }).waitFor()
  await page.reload()
  await page.getByText('This session').waitFor()
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('keeps what was typed while the person signs in again in another tab', async () => {
  const page = await signInAs(admin.username, '#/mailboxes/new')
  await arrived(page)
  await page.getByLabel('Mailbox', { exact: true }).fill('alice@contoso.test')
  await page.context().clearCookies({ name: '__Host-mailgrant_session' })
  await page.getByRole('button', { name: 'Get Access Token' }).click()
  const dialog = page.getByRole('dialog', { name: 'Your session has expired' })
  await dialog.waitFor()
  await everyLook(page, 'sign-in-again-microsoft')
  const [tab] = await Promise.all([
    page.context().waitForEvent('page'),
    dialog.getByRole('link', { name: 'Sign in with Microsoft in a new tab' }).click(),
  ])
  await signInAtEntra(tab, admin.username)
  await dialog.waitFor({ state: 'hidden' })
  expect(await page.getByLabel('Mailbox', { exact: true }).inputValue()).toBe('alice@contoso.test')
})
