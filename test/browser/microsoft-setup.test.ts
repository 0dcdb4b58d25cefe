import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { createAzureCli } from '../azure-cli.ts'
import type { SandboxFacts } from '../sandbox/facts.ts'
import { secrets } from '../sandbox/personas.ts'
import { getAccessToken } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { countEffort, describeEffort } from './click-count.ts'
import { arrived, NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { focused, tabTo } from './keyboard.ts'
import { browserWorld } from './world.ts'

const PAGE = '#/integrations/microsoft'
const SETTINGS = '/v1/integrations/microsoft/settings'
const ALICE = 'alice@contoso.test'

let facts: SandboxFacts
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  facts = await world.sandbox.facts()
})

const settings = () => world.api.expect(200, 'GET', SETTINGS)
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 2, name }).waitFor()

const TENANT = 'Directory (tenant) ID or domain'

async function next(page: Page): Promise<void> {
  await press(page, 'Next')
  await heading(page, 'Register the app')
}

async function startAgain(page: Page): Promise<void> {
  await setUpMicrosoft(world)
  await page.reload()
  await arrived(page)
  await press(page, 'Set up again')
  await heading(page, 'Choose the mailboxes')
}

/** Opens the fields for what the script prints, after another tenant where one is given. */
async function openValues(page: Page, tenant?: string): Promise<void> {
  await startAgain(page)
  if (tenant !== undefined) await field(page, TENANT).fill(tenant)
  await next(page)
}

/** Runs what "Copy" has put into the clipboard as Azure Cloud Shell would, and returns what it prints. */
async function runInCloudShell(page: Page): Promise<string> {
  const { run } = createAzureCli(`\
  'cloud show --query name'*) printf 'AzureCloud\\n' ;;
  'account show --query [tenantId'*) printf '${facts.home_tenant}\\tcontoso.test\\n' ;;
  'account show --query tenantId'*) printf '${facts.home_tenant}\\n' ;;
  'ad app create'*) printf '${facts.client_id}\\n' ;;`)
  const text = await page.evaluate(() => navigator.clipboard.readText())
  const { code, stdout, stderr, calls } = await run(text, [], {})
  expect(code, stderr).toBe(0)
  const added = calls.find((call) =>
    call.join(' ').startsWith('ad app federated-credential create'),
  )
  const { issuer, subject, audiences } = JSON.parse(added?.at(-1) ?? '')
  const [audience] = audiences
  await world.sandbox.control({ add_federated_credential: { issuer, subject, audience } })
  return stdout
}

/** Pastes into the field that has the focus. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text)
  await page.keyboard.press('ControlOrMeta+V')
  await page.getByText('Filled in from what you pasted').waitFor()
}

describe('before anything is set up', () => {
  it('chooses the credential that fits, and has the certificate ready for the script', async () => {
    const page = await openConsole(world, PAGE)
    await press(page, 'Next')
    await expect.poll(() => focused(page)).toMatchObject({ name: TENANT })
    await page.getByText('Enter a value.').waitFor()
    const kind = (name: string) => page.getByRole('radio', { name })
    await page.getByLabel('Personal accounts, too').check()
    await page.getByText('Enter a value.').waitFor({ state: 'hidden' })
    await next(page)
    expect(await kind('Certificate').isChecked()).toBe(true)
    await page.getByText('Show the script').click()
    const script = page.getByLabel('Azure CLI script', { exact: true })
    expect(await script.textContent()).toMatch(/certificate='MII[^']+'/)
    await everyLook(page, 'setup-certificate')
    await press(page, 'Back')
    await page.getByLabel('Several organisations').check()
    await next(page)
    expect(await kind('Federated credential').isChecked()).toBe(true)
    await everyLook(page, 'setup-federated')
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('takes 8 clicks and 3 fields to a validated and saved mailbox, with the script and those of Microsoft', async () => {
    // Granted in Entra at the end of the registration, so that no mailbox is asked for consent.
    await world.sandbox.control({ tenant_consent: { tenant: 'contoso.test', granted: true } })
    const page = await openConsole(world)
    await page
      .context()
      .route('https://shell.azure.com/**', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<title>Cloud Shell</title>' }),
      )
    const effort = await countEffort(page.context())
    await page.reload()
    await arrived(page)
    const started = Date.now()
    await page.getByRole('link', { name: 'Start' }).click()
    await heading(page, 'Choose the mailboxes')
    expect(await page.getByLabel('One organisation').isChecked()).toBe(true)
    await field(page, TENANT).fill('contoso.test')
    await next(page)
    const opened = page.waitForEvent('popup')
    await page.getByRole('link', { name: 'Copy and open Azure Cloud Shell' }).click()
    await page.getByText('Copied. In Cloud Shell').waitFor()
    await (await opened).close()
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Client ID' })
    await paste(page, await runInCloudShell(page))
    expect(await page.getByRole('radio', { name: 'Federated credential' }).isChecked()).toBe(true)
    await press(page, 'Save and verify')
    await page.getByRole('link', { name: 'Connect the first mailbox' }).click()
    await field(page, 'Mailbox').fill(ALICE)
    await getAccessToken(page, ALICE)
    await press(page, 'Save')
    await page.getByText('Saved', { exact: true }).waitFor()
    await page.getByText('It works, and stays connected for reading and sending mail.').waitFor()
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    const { clicks, typed } = effort
    console.log(`From nothing to a saved mailbox in ${seconds} s: ${describeEffort(effort)}`)
    // The values of the app registration are pasted, so only two fields are typed.
    expect(typed).toHaveLength(2)
    expect(clicks.length).toBeGreaterThan(4)
    expect(clicks.length).toBeLessThanOrEqual(8)
    expect(await world.api.expect(200, 'GET', '/v1/mail-accounts')).toMatchObject({
      data: [
        { username: ALICE, health: 'ok' },
        { username: ALICE, health: 'ok' },
      ],
    })
    expect(await settings()).toMatchObject({
      credential: { type: 'federated' },
      next_credential: null,
      tenant: facts.home_tenant,
      home_tenant: facts.home_tenant,
    })
    expectClean(page, { consoleErrors: NO_SESSION, origins: ['https://shell.azure.com'] })
  })
})

describe('the setup', () => {
  it('shows each screen in every look, keeps a draft on the way back, and never a secret in the address or storage', async () => {
    const page = await openConsole(world, PAGE)
    await startAgain(page)
    await everyLook(page, 'setup-mailboxes')
    await page.getByText('Protocols and cloud').click()
    await everyLook(page, 'setup-protocols')
    await field(page, TENANT).fill(facts.home_tenant)
    await next(page)
    await everyLook(page, 'setup-register')
    await page.getByText('Show the script').click()
    await everyLook(page, 'setup-script')
    await page.getByRole('tab', { name: 'By hand' }).click()
    await page.getByText('Add a credential', { exact: true }).click()
    await everyLook(page, 'setup-by-hand')
    await field(page, 'Client secret').fill(secrets.next)
    await field(page, 'Expiry date').fill('2028-01-31')
    await everyLook(page, 'setup-values-filled')
    await press(page, 'Back')
    await next(page)
    expect(await field(page, 'Client secret').inputValue()).toBe(secrets.next)
    expect(await field(page, 'Expiry date').inputValue()).toBe('2028-01-31')
    const stores = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    )
    expect(`${page.url()} ${stores}`).not.toContain(secrets.next)
    await press(page, 'Save and verify')
    await page.getByText('The client ID and credential work', { exact: true }).waitFor()
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Connect the first mailbox' })
    await everyLook(page, 'setup-works')
    expect(await settings()).toMatchObject({
      credential: { hint: 'Rt9', expires_at: '2028-01-31T12:00:00.000Z' },
      verified_at: expect.any(String),
    })
    await press(page, 'Show the settings')
    await page.getByText('Accepted by Microsoft').waitFor()
    await everyLook(page, 'settings')
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

it('a setup that is cancelled leaves the guide of the stored settings', async () => {
  const page = await openConsole(world, PAGE)
  await startAgain(page)
  await page.getByLabel('Several organisations').check()
  await next(page)
  await page.getByText('Show the script').click()
  const script = page.getByLabel('Azure CLI script', { exact: true })
  expect(await script.textContent()).toContain("audience='AzureADMultipleOrgs'")
  await press(page, 'Back')
  await press(page, 'Cancel')
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Microsoft settings' })
  await page.getByText('App registration at Microsoft').click()
  await page.getByText('Show the script').click()
  expect(await script.textContent()).not.toContain("audience='AzureADMultipleOrgs'")
  expectClean(page, { consoleErrors: NO_SESSION })
})

describe('a check that does not pass', () => {
  async function checkWith(page: Page, secret: string, tenant?: string): Promise<void> {
    await openValues(page, tenant)
    await field(page, 'Client secret').fill(secret)
    await field(page, 'Expiry date').fill('2027-05-30')
    await press(page, 'Save and verify')
  }

  it('does not begin with the ID of a secret, which is refused at its field', async () => {
    const page = await openConsole(world, PAGE)
    await checkWith(page, facts.client_secret_id)
    await page.getByText(/is the ID of/).waitFor()
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Client secret' })
    await everyLook(page, 'setup-secret-id')
    expectClean(page, { consoleErrors: /401|422/ })
  })

  it.each([
    ['expired', secrets.expired, 'The client secret has expired'],
    ['wrong', 'Qx78Q~not.the-secret-of-this-app.Value01', 'The client secret is wrong'],
  ])('leads back to the field of a secret that is %s', async (name, secret, text) => {
    const page = await openConsole(world, PAGE)
    await checkWith(page, secret, facts.home_tenant)
    await page.getByText('The client ID and credential do not work', { exact: true }).waitFor()
    await page.getByText(text).first().waitFor()
    await everyLook(page, `setup-${name}`)
    await press(page, 'Show the settings')
    await page.getByText('Failed', { exact: true }).waitFor()
    expect(await page.getByText('Not verified').count()).toBe(0)
    await everyLook(page, `settings-${name}`)
    await press(page, 'Set up again')
    await next(page)
    await field(page, 'Client secret').fill(secret)
    await field(page, 'Expiry date').fill('2027-05-30')
    await press(page, 'Save and verify')
    await press(page, 'Correct the values')
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Client secret' })
    await page.getByText('Microsoft does not accept this secret').waitFor()
    await field(page, 'Client secret').fill(facts.client_secret)
    await field(page, 'Expiry date').fill('2027-05-30')
    await press(page, 'Save and verify')
    await page.getByText('The client ID and credential work', { exact: true }).waitFor()
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('leads from an unknown directory back to its field, and goes on without one', async () => {
    const page = await openConsole(world, PAGE)
    await checkWith(page, facts.client_secret, 'nowhere.test')
    await press(page, 'Correct the values')
    await expect.poll(() => focused(page)).toMatchObject({ name: TENANT })
    await everyLook(page, 'setup-directory')
    await field(page, TENANT).fill('')
    await next(page)
    await press(page, 'Save and verify')
    await page.getByText('Not verified yet', { exact: true }).waitFor()
    await everyLook(page, 'setup-unchecked')
    await page.getByRole('link', { name: 'Connect the first mailbox' }).waitFor()
    await press(page, 'Enter the Directory (tenant) ID')
    await expect.poll(() => focused(page)).toMatchObject({ name: TENANT })
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

it('the output of a script fills in every field with one paste', async () => {
  const page = await openConsole(world, PAGE)
  await openValues(page, '')
  const lines = [
    `  Client ID      client_id                 ${facts.client_id}`,
    `  Client secret  credential.client_secret  ${facts.client_secret}`,
    '  Expires        credential.expires_at     2028-11-24T10:00:00Z',
    `  Home tenant    home_tenant               ${facts.home_tenant}`,
  ]
  await field(page, 'Client ID').focus()
  await paste(page, lines.join('\n'))
  expect(await field(page, 'Client secret').inputValue()).toBe(facts.client_secret)
  expect(await field(page, 'Expiry date').inputValue()).toBe('2028-11-24')
  await press(page, 'Save and verify')
  await page.getByText('The client ID and credential work', { exact: true }).waitFor()
  expect(await settings()).toMatchObject({ home_tenant: facts.home_tenant })
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('the setup is done without a mouse', async () => {
  const page = await openConsole(world, PAGE)
  const { clicks } = await countEffort(page.context())
  await page.reload()
  await arrived(page)
  const pressKey = async (name: string) => {
    await tabTo(page, name)
    await page.keyboard.press('Enter')
  }
  await pressKey('Set up again')
  await heading(page, 'Choose the mailboxes')
  await pressKey('Next')
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Register the app' })
  await tabTo(page, 'Client secret')
  await page.keyboard.type(facts.client_secret)
  await tabTo(page, 'Expiry date')
  await page.keyboard.type('01312028')
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Connect the first mailbox' })
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Add mailbox' }).waitFor()
  expect(clicks).toEqual([])
  expectClean(page, { consoleErrors: NO_SESSION })
})
