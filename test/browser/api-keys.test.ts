import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createApi } from '../journeys/api.ts'
import { changeMailbox, getAccessToken, validated } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { countEffort, describeEffort } from './click-count.ts'
import { arrived, goTo, NO_SESSION, openConsole, signIn } from './console.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

let saved: Mailboxes
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  saved = await saveMailboxes(world)
})

const NAME = 'Help desk, mail worker'
const allowed = { consoleErrors: NO_SESSION }

/** Fills in the form for a key that is limited to alice's incoming mail. */
async function fillIn(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Create API key' }).click()
  await page.getByRole('radio', { name: /^A mail program/ }).check()
  await page.getByLabel('Name', { exact: true }).fill(NAME)
  await page.getByRole('checkbox', { name: 'Read', exact: true }).check()
  await page.getByRole('checkbox', { name: 'alice@contoso.test, reading mail' }).check()
}

/** Presses "Create API key" and returns the displayed key. */
async function create(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Create API key' }).click()
  const shown = page.getByText(/^mg_key_/)
  await shown.waitFor()
  return (await shown.textContent()) ?? ''
}

/** Creates another account for alice's incoming mail. */
async function addAccount(name: string) {
  const account = await world.api.expect(200, 'GET', `/v1/mail-accounts/${saved.works}`)
  const { owner, protocol, host, port, security, grant, username } = account
  const { id: grant_id } = grant as { id: string }
  const authentication = { type: 'oauth', provider: 'microsoft', grant_id }
  const body = { name, username, owner, protocol, host, port, security, authentication }
  return world.api.expect(201, 'POST', '/v1/mail-accounts', body)
}

const row = (page: Page, name = NAME) => page.getByRole('row', { name })

/** Starts a shell with an empty home. Returns a function that types commands, then `input`, and returns what it prints. */
async function openTerminal() {
  const home = await mkdtemp(join(tmpdir(), 'mailgrant-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const run = async (commands: string, input = ''): Promise<string> => {
    const env = { PATH: process.env.PATH, HOME: home }
    const shell = spawn('sh', ['-c', `exec 2>&1; ${commands}`], { cwd: home, env })
    shell.stdin.end(input)
    return text(shell.stdout)
  }
  return { run, save: (file: string, code: string) => writeFile(join(home, file), code) }
}

const card = (page: Page) => page.getByRole('region', { name: 'Use this mailbox' })

describe('an API key', () => {
  let page: Page
  let key: string
  beforeAll(async () => {
    page = await openConsole(world, '#/api-keys')
  })

  it('is created with minimal rights, in a form that works in every look', async () => {
    await page.getByText('No API keys yet').waitFor()
    await everyLook(page, 'api-keys-none')
    await fillIn(page)
    await everyLook(page, 'api-key-form')
    key = await create(page)
    await page.getByRole('link', { name: 'Set up a mail program' }).waitFor()
    await everyLook(page, 'api-key-made')
    expectClean(page, allowed)
  })

  it('must be copied before the page is left, unless the admin confirms', async () => {
    const asked = page.waitForEvent('dialog')
    const click = page.getByRole('link', { name: 'All API keys' }).click()
    const dialog = await asked
    expect(dialog.message()).toContain('not been copied')
    await dialog.dismiss()
    await click
    await page.getByText(key, { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Copy API key' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key)
    await page.getByRole('link', { name: 'All API keys' }).click()
    await row(page).waitFor()
    expect(await page.content()).not.toContain(key)
  })

  it('appears in the list with its rights, its limit and its last use', async () => {
    await createApi(world.urls.api, key).expect(200, 'GET', '/v1/mail-accounts')
    await goTo(page, '#/')
    await goTo(page, '#/api-keys')
    await row(page).getByText('Fetch access tokens, read').waitFor()
    await row(page).getByText('1 account', { exact: true }).waitFor()
    await row(page).getByText('just now').waitFor()
    await everyLook(page, 'api-keys')
    expectClean(page, allowed)
  })

  it('is changed without touching its program, and not over the change of another person', async () => {
    await row(page)
      .getByRole('link', { name: `Change ${NAME}` })
      .click()
    const name = page.getByLabel('Name', { exact: true })
    await name.fill('Mail worker')
    expect(await page.getByRole('checkbox', { name: 'Full access' }).count()).toBe(0)
    await page.getByRole('checkbox', { name: 'Read', exact: true }).uncheck()
    await page
      .getByRole('group', { name: 'Selected email accounts' })
      .getByRole('checkbox')
      .nth(1)
      .check()
    await everyLook(page, 'api-key-change')

    const { data } = await world.api.expect(200, 'GET', '/v1/api-keys')
    const [stored] = data as { id: string; mail_accounts: string[] }[]
    const path = `/v1/api-keys/${stored?.id}`
    const added = String((await addAccount('Added')).id)
    const mail_accounts = [...(stored?.mail_accounts ?? []), added]
    const theirs = { ...stored, name: 'Theirs', mail_accounts }
    const meanwhile = await world.api.call('PUT', path, theirs, { 'if-match': '*' })
    expect(meanwhile.status).toBe(200)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('This API key was changed in the meantime').waitFor()
    await everyLook(page, 'api-key-overtaken')
    await page.getByText('Change "Theirs"').waitFor()
    expect(await name.inputValue()).toBe('Mail worker')
    expect(await page.getByRole('checkbox', { name: 'Added, reading mail' }).isChecked()).toBe(true)
    await name.fill(NAME)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('from its next request on').waitFor()
    expect((await world.api.expect(200, 'GET', path)).mail_accounts).toContain(added)
    await everyLook(page, 'api-key-changed')
    await row(page).getByText('Fetch access tokens', { exact: true }).waitFor()
    await createApi(world.urls.api, key).expect(403, 'GET', '/v1/mail-accounts')
    expectClean(page, { consoleErrors: /401|412/ })
  })

  it('stops working as soon as it is revoked', async () => {
    await row(page)
      .getByRole('button', { name: `Revoke ${NAME}` })
      .click()
    const dialog = page.getByRole('dialog', { name: `Revoke "${NAME}"?` })
    await everyLook(page, 'api-key-revoking')
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('no longer works').waitFor()
    await createApi(world.urls.api, key).expect(401, 'GET', '/v1/mail-accounts')
    await page.getByText('Expired or revoked: 1').click()
    await row(page).getByText('Revoked').waitFor()
    await everyLook(page, 'api-keys-ended')
    expectClean(page, { consoleErrors: /401|412/ })
  })
})

it('an incomplete form shows at each field what is missing', async () => {
  const page = await openConsole(world, '#/api-keys/new')
  await page.getByLabel('Name', { exact: true }).fill('Nothing')
  await page.getByRole('button', { name: 'Create API key' }).click()
  const may = page.getByRole('group', { name: 'Permissions' })
  await may.getByText('Choose at least one.').waitFor()
  await everyLook(page, 'refused-api-key')
  // A key that may do everything cannot be limited, and holds every other right.
  await may.getByRole('checkbox', { name: 'Full access' }).check()
  expect(await may.getByRole('checkbox', { name: 'Read', exact: true }).isDisabled()).toBe(true)
  expect(await page.getByLabel('Email accounts', { exact: true }).isVisible()).toBe(false)
  expectClean(page, allowed)
})

it('a key of a customer, which it adds, sees only what is theirs', async () => {
  const page = await openConsole(world, '#/api-keys/new')
  await page.getByLabel('Name', { exact: true }).fill('4711: worker')
  await page.getByRole('checkbox', { name: 'Fetch access tokens' }).check()
  await page.getByLabel('Email accounts', { exact: true }).selectOption('customer')
  const customer = page.getByLabel('Customer', { exact: true })
  await customer.fill('no. 4711')
  await page.getByRole('button', { name: 'Create API key' }).click()
  await page.getByText('must be 1 to 64 letters').waitFor()
  await customer.fill('4711')
  await everyLook(page, 'api-key-form-customer')
  const limited = createApi(world.urls.api, await create(page))
  await limited.expect(404, 'POST', `/v1/mail-accounts/${saved.works}/access-token`, {})
  await page.getByRole('button', { name: 'Copy API key' }).click()
  await page.getByRole('link', { name: 'All API keys' }).click()
  await row(page, '4711: worker').getByText('Customer 4711').waitFor()
  await everyLook(page, 'api-keys-customer')
  await page.getByRole('link', { name: 'Change 4711: worker' }).click()
  await page.getByText('The key stays limited to the customer 4711.').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('4711: mail')
  await page.getByRole('button', { name: 'Save' }).click()
  await row(page, '4711: mail').waitFor()
  expectClean(page, { consoleErrors: /401|422/ })
})

it('a long list of email accounts can be searched, and a selected one stays visible', async () => {
  for (let number = 1; number <= 8; number += 1) await addAccount(`Box ${number}`)
  const page = await openConsole(world, '#/api-keys/new')
  await page
    .getByLabel('Email accounts', { exact: true })
    .selectOption({ label: 'Only selected ones' })
  await page.getByRole('checkbox', { name: 'Box 1, reading mail' }).check()
  await page.getByLabel('Find an email account').fill('box 7')
  const boxes = page.getByRole('group', { name: 'Selected email accounts' }).getByRole('checkbox')
  await expect.poll(() => boxes.count()).toBe(2)
  await everyLook(page, 'api-key-form-many')
  await page.getByLabel('Find an email account').fill('nobody')
  await expect.poll(() => boxes.count()).toBe(1)
  expectClean(page, allowed)
})

it('a key without the right to see API keys gets the message of the API', async () => {
  const made = await world.api.expect(201, 'POST', '/v1/api-keys', {
    name: 'Looks only',
    scopes: ['read'],
  })
  const page = await world.newPage()
  await page.goto(`${world.urls.api}/console/#/api-keys`)
  await signIn(page, String(made.key))
  await arrived(page)
  await page.getByText('Your API key cannot open this page').waitFor()
  const { body } = await createApi(world.urls.api, String(made.key)).call('GET', '/v1/api-keys')
  await page.getByText(String(body.detail)).waitFor()
  await goTo(page, '#/webhooks')
  await page.getByText(String(body.detail)).waitFor()
  expectClean(page, { consoleErrors: /40[13]/ })
})

it('a key is offered only the pages that it may use', async () => {
  const visible = async (page: Page) => {
    const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
    return (await links.allTextContents()).join(', ')
  }
  const openWith = async (scope: string, fragment: string, accounts?: string[]) => {
    const made = await world.api.expect(201, 'POST', '/v1/api-keys', {
      name: `Only ${scope}`,
      scopes: [scope],
      mail_accounts: accounts,
    })
    const page = await world.newPage()
    await page.goto(`${world.urls.api}/console/${fragment}`)
    await signIn(page, String(made.key))
    await arrived(page)
    return page
  }
  const limited = await openWith('write', `#/mailboxes/${saved.works}`, [saved.works])
  const uses = limited.getByRole('list', { name: 'Health' })
  await uses.getByText('Reading mail').waitFor()
  expect(await uses.getByText('Sending mail').count()).toBe(0)
  const seeing = await openWith('read', '#/mailboxes')
  expect(await visible(seeing)).toBe('Overview, Mailboxes, Microsoft, Diagnosis')
  expect(await seeing.getByRole('link', { name: /^Add/ }).count()).toBe(0)
  await goTo(seeing, `#/mailboxes/${saved.disconnected}`)
  expect(await seeing.getByLabel('Mailbox', { exact: true }).isDisabled()).toBe(true)
  for (const name of ['Delete', 'Reconnect']) {
    expect(await seeing.getByRole('button', { name }).count()).toBe(0)
  }
  await everyLook(seeing, 'account-read-only')
  await goTo(seeing, '#/integrations/microsoft')
  expect(await seeing.getByRole('button', { name: 'Deactivate' }).count()).toBe(0)
  for (const name of ['Verify now', 'Change', 'Set up again']) {
    expect(await seeing.getByRole('button', { name }).count(), name).toBe(0)
  }
  await everyLook(seeing, 'microsoft-read-only')
  for (const [name, fragment] of [
    ['overview', '#/'],
    ['diagnosis', '#/diagnosis'],
  ]) {
    await goTo(seeing, String(fragment))
    await everyLook(seeing, `${name}-read-only`)
  }
  expectClean(seeing, allowed)

  const changing = await openWith('write', `#/mailboxes/${saved.works}`)
  expect(await changing.getByRole('button', { name: 'Change account' }).isEnabled()).toBe(true)
  await card(changing).getByText('Your Mailgrant administrator can').waitFor()
  expect(await card(changing).getByRole('button').count()).toBe(0)
  await goTo(changing, '#/integrations/microsoft')
  await changing.getByText('Let administrators consent').click()
  const link = changing.getByRole('button', { name: 'Link for an administrator' })
  expect(await link.isEnabled()).toBe(true)
  expectClean(changing, allowed)

  const other = await openWith('tokens', '#/')
  await other.getByText('Your API key cannot open this page').waitFor()
  expect(await visible(other)).toBe('')
  await everyLook(other, 'tokens-only')
})

it('a sign-out leaves nothing in the back/forward cache', async () => {
  const page = await openConsole(world, '#/integrations')
  await page.evaluate(`addEventListener('pagehide', () => {
    sessionStorage.setItem('left', document.body.textContent)
  })`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(await page.evaluate(`sessionStorage.getItem('left')`)).toBe('')
})

describe('a mailbox that was just saved', () => {
  const GRACE = 'grace@outlook.test'
  let page: Page
  let key: string

  it('gives its first token to a program after one click, and in another language after two', async () => {
    page = await openConsole(world, '#/mailboxes')
    const effort = await countEffort(page.context())
    await page.goto(`${world.urls.api}/console/#/mailboxes/new?protocols=imap+smtp`)
    await page.reload()
    await page.getByLabel('Mailbox', { exact: true }).fill(GRACE)
    await getAccessToken(page, GRACE)
    await validated(page)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    await everyLook(page, 'use-mailbox')

    effort.clicks.length = 0
    key = await create(page)
    const terminal = await openTerminal()
    const [store, curl] = await card(page).locator('pre').allTextContents()
    expect(await terminal.run(store ?? '', `${key}\n`)).toBe('')
    expect(JSON.parse(await terminal.run(curl ?? ''))).toMatchObject({ username: GRACE })
    expect(effort.clicks).toHaveLength(1)
    await everyLook(page, 'use-mailbox-key')

    await card(page).getByRole('tab', { name: 'Python' }).click()
    expect(effort.clicks).toHaveLength(2)
    console.log(`first token: ${describeEffort(effort)}`)
    for (const language of ['Python', 'Node.js']) {
      await card(page).getByRole('tab', { name: language }).click()
      const panel = card(page).getByRole('tabpanel')
      const [code, run] = await panel.locator('pre').allTextContents()
      const file = await panel.locator('pre').first().getAttribute('aria-label')
      await terminal.save(file ?? '', code ?? '')
      expect(await terminal.run(run ?? '')).toMatch(
        /^grace@outlook.test at localhost:\d+, until 20/,
      )
    }
    await card(page).getByLabel('Access token for').selectOption({ label: 'sending mail' })
    await card(page).getByRole('tab', { name: 'msmtp' }).click()
    await everyLook(page, 'use-mailbox-msmtp')
    await card(page).getByText(`from ${GRACE}`).waitFor()
    const kept = await page.evaluate(() =>
      JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }]),
    )
    expect(kept).not.toContain('mg_key')
    expectClean(page, allowed)
  })

  it('gets another key for another machine, or replaces those that it has', async () => {
    const create = card(page).getByRole('button', { name: 'Create API key' })
    const shown = page.getByText(/^mg_key_/)
    await page.getByRole('button', { name: 'Copy API key' }).click()
    await page.reload()
    await create.click()
    await page.getByText('This mailbox already has an API key').waitFor()
    await page.getByText(`${key.slice(0, 17)}…, last used just now`).waitFor()
    await everyLook(page, 'use-mailbox-another')
    await page.getByRole('button', { name: 'Create another' }).click()
    await shown.waitFor()
    const another = (await shown.textContent()) ?? ''
    const code = card(page)
      .getByText(/ma_[a-z2-7]{26}/)
      .first()
    const id = /ma_[a-z2-7]{26}/.exec((await code.textContent()) ?? '')?.[0]
    const path = `/v1/mail-accounts/${id}/access-token`
    for (const each of [key, another]) {
      await createApi(world.urls.api, each).expect(200, 'POST', path, {})
    }
    await page.getByRole('button', { name: 'Copy API key' }).click()
    await page.reload()
    await create.click()
    await everyLook(page, 'use-mailbox-replace')
    await page.getByRole('button', { name: 'Replace all 2' }).click()
    await shown.waitFor()
    const other = (await shown.textContent()) ?? ''
    await createApi(world.urls.api, other).expect(200, 'POST', path, {})
    for (const each of [key, another]) {
      await expect
        .poll(async () => (await createApi(world.urls.api, each).call('POST', path, {})).status)
        .toBe(401)
    }
    // It works for this mailbox, and for nothing else.
    const limited = createApi(world.urls.api, other)
    await limited.expect(404, 'POST', `/v1/mail-accounts/${saved.works}/access-token`, {})
    await limited.expect(403, 'GET', '/v1/mail-accounts')
    expectClean(page, allowed)
  })

  it('is not saved over a key that is not copied yet', async () => {
    await changeMailbox(page)
    await page.getByLabel('Name (optional)').fill('Grace')
    const asked = page.waitForEvent('dialog')
    const click = page.getByRole('button', { name: 'Save' }).click()
    const dialog = await asked
    expect(dialog.message()).toContain('not been copied')
    await dialog.dismiss()
    await click
    await page.getByRole('button', { name: 'Copy API key' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    expectClean(page, allowed)
  })
})
