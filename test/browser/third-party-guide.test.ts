/** Runs the page of the guide "Your own page" and its backend exactly as printed. */

import { readFile } from 'node:fs/promises'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { afterAll, expect, it } from 'vitest'
import { type HttpServer, serveHttp } from '../sandbox/http-server.ts'
import { pickAccount } from './entra.ts'
import { popupOf, setUpConsented } from './example-page.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'

let server: HttpServer
const started: string[] = []
// The page below replaces the example page, whose origin is the allowed one.
const world = browserWorld({ without: ['checker', 'mail', 'third-party'] }, async (world) => {
  await setUpConsented(world)
  server = await serve()
})
afterAll(() => server?.stop())

async function block(language: string): Promise<string> {
  const path = '../../api/docs/guides/third-party-page.md'
  const guide = await readFile(new URL(path, import.meta.url), 'utf8')
  const code = new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(guide)?.[1] ?? ''
  return code
    .replaceAll('https://mail.example.com', world.urls.api)
    .replaceAll('https://desk.example.com', world.urls.thirdParty)
}

/** Returns a page with the component for React, bundled with a library that has the same interface. */
async function reactPage(): Promise<string> {
  const component = await block('jsx')
  const { outputFiles } = await build({
    stdin: {
      contents: `${component}
        import { render } from 'preact'
        const start = async () => (await fetch('/connect-mailbox', { method: 'POST' })).json()
        render(<ConnectMailbox start={start} />, document.body)`,
      loader: 'jsx',
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    format: 'esm',
    write: false,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    alias: { react: 'preact/compat' },
  })
  return `<!doctype html><html lang="en"><title>Desk</title><body><script type="module">${outputFiles[0]?.text}</script></html>`
}

/** Serves the page at every address, that with React at its own, and the single call of the backend. */
async function serve(): Promise<HttpServer> {
  const react = await reactPage()
  const page = `<!doctype html><html lang="en"><title>Desk</title>${await block('html')}</html>`
  const startSignIn: (username: string) => Promise<{ id: string }> = runInNewContext(
    `${await block('js')}; startSignIn`,
    { fetch, process: { env: { MAILGRANT_KEY: world.rootKey } } },
  )
  return serveHttp(
    async ({ method, url }) => {
      if (method !== 'POST') {
        return new Response(url.endsWith('/react') ? react : page, {
          headers: { 'content-type': 'text/html; charset=utf-8' },
        })
      }
      const response = await startSignIn(ALICE).catch(() => null)
      if (response === null) return new Response(null, { status: 502 })
      started.push(response.id)
      return Response.json(response)
    },
    Number(new URL(world.urls.thirdParty).port),
  )
}

async function expectGrant(): Promise<void> {
  const authorization = await world.api.expect(200, 'GET', `/v1/authorizations/${started.at(-1)}`)
  expect(authorization).toMatchObject({ status: 'completed', grant: { signed_in_as: ALICE } })
}

it('needs ten lines of script', async () => {
  const [, script = ''] = (await block('html')).split('<script type="module">\n')
  expect(script.trimEnd().split('\n').slice(0, -1)).toHaveLength(10)
})

it('connects a mailbox in a popup', async () => {
  const page = await world.newPage()
  await page.goto(world.urls.thirdParty)
  await page.getByText('Not connected yet').waitFor()
  const press = () => page.getByRole('button', { name: 'Connect mailbox' }).click()
  const popup = await popupOf(page, press)
  await popup.getByRole('button', { name: 'Continue to Microsoft' }).click()
  await pickAccount(popup, ALICE)
  await page.getByText('Connected', { exact: true }).waitFor()
  await expectGrant()
})

it('connects a mailbox from the component for React', async () => {
  const page = await world.newPage()
  await page.goto(`${world.urls.thirdParty}/react`)
  const press = () => page.getByRole('button', { name: 'Connect mailbox' }).click()
  const popup = await popupOf(page, press)
  await popup.getByRole('button', { name: 'Continue to Microsoft' }).click()
  await pickAccount(popup, ALICE)
  await page.getByRole('button', { name: 'completed' }).waitFor()
  await expectGrant()
})

it('returns to the page if the popup is blocked', async () => {
  const page = await world.newPage()
  await page.addInitScript('window.open = () => null')
  await page.goto(world.urls.thirdParty)
  await page.getByRole('button', { name: 'Connect mailbox' }).click()
  await page.getByRole('button', { name: 'Continue to Microsoft' }).click()
  await pickAccount(page, ALICE)
  await page.getByText('Connected', { exact: true }).waitFor()
  await expectGrant()
})

it('shows an error if the backend cannot start a sign-in', async () => {
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
  const page = await world.newPage()
  await page.goto(world.urls.thirdParty)
  await page.getByRole('button', { name: 'Connect mailbox' }).click()
  await page.getByText('The sign-in could not be started.').waitFor()
})
