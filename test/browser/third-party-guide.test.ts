/** Runs the page of the guide "Your own page" and its backend exactly as printed. */

import { readFile } from 'node:fs/promises'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { afterAll, expect, it } from 'vitest'
import { type HttpServer, serveHttp } from '../sandbox/http-server.ts'
import { fillIn, popupOf, setUpConsented, signInAt } from './example-page.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'

/** The two blocks of the guide that make a page, and the one that is served at every address. */
type Block = 'html' | 'jsx'
let served: Block = 'html'

let server: HttpServer
// The page below replaces the example page, whose origin is the allowed one.
const world = browserWorld({ without: ['third-party'] }, async (world) => {
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
        const post = async (path, body) =>
          (await fetch(path, { method: 'POST', body: JSON.stringify(body) })).json()
        const start = () => post('/connect-mailbox', { username: '${ALICE}' })
        const finish = () => post('/connect-mailbox/finish', {})
        render(<ConnectMailbox start={start} finish={finish} />, document.body)`,
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

type Backend = {
  startSignIn: (username: string) => Promise<{ id: string }>
  finishSignIn: (id: string, inbox: string) => Promise<unknown>
}

/** Returns the functions of the backend, with the sandbox's mail servers in place of Microsoft's. */
async function backend(): Promise<Backend> {
  const { imapTls, smtpTls } = world.demo.ports
  const at = (port: number) => ({ host: 'localhost', port, security: 'tls' })
  const servers = JSON.stringify({ imap: at(imapTls), smtp: at(smtpTls) })
  const code = (await block('js')).replace(/^ +protocol,$/m, `protocol, ...${servers}[protocol],`)
  return runInNewContext(`${code}; ({ startSignIn, finishSignIn })`, {
    AbortSignal,
    fetch,
    process: { env: { MAILGRANT_KEY: world.rootKey } },
  })
}

/** Serves the page and the two routes of the backend. */
async function serve(): Promise<HttpServer> {
  const pages: Record<Block, string> = {
    html: `<!doctype html><html lang="en"><title>Desk</title>${await block('html')}</html>`,
    jsx: await reactPage(),
  }
  const { startSignIn, finishSignIn } = await backend()
  let session = ''
  async function start(request: Request) {
    const { username } = (await request.json()) as { username: string }
    const { id, ...urls } = await startSignIn(username)
    session = id
    return urls
  }
  return serveHttp(
    async (request) => {
      const { method, url } = request
      if (method !== 'POST') {
        return new Response(pages[served], {
          headers: { 'content-type': 'text/html; charset=utf-8' },
        })
      }
      const work = url.endsWith('/finish') ? finishSignIn(session, 'inbox-7') : start(request)
      return work.then(
        (result) => Response.json(result),
        ({ message }: Error) => new Response(message, { status: 502 }),
      )
    },
    Number(new URL(world.urls.thirdParty).port),
  )
}

/** Expects that the page says so, and that the mailbox is saved to read and to send. Deletes it for the next test. */
async function expectSaved(page: Page): Promise<void> {
  await page.getByText('Connected', { exact: true }).waitFor()
  const { data } = await world.api.expect(200, 'GET', `/v1/mail-accounts?username=${ALICE}`)
  const accounts = data as { id: string; protocol: string }[]
  expect(accounts.map(({ protocol }) => protocol).sort()).toEqual(['imap', 'smtp'])
  for (const { id } of accounts) await world.api.expect(204, 'DELETE', `/v1/mail-accounts/${id}`)
}

it('needs twelve lines of script', async () => {
  const [, script = ''] = (await block('html')).split('<script type="module">\n')
  expect(script.trimEnd().split('\n').slice(0, -1)).toHaveLength(12)
})

/** Opens the page and fills in the address, which the component for React gets from its page. */
async function openPage(block: Block, script = ''): Promise<Page> {
  served = block
  const page = await world.newPage()
  if (script) await page.addInitScript(script)
  await page.goto(world.urls.thirdParty)
  if (block === 'html') await fillIn(page, ALICE)
  return page
}

const press = (page: Page) => page.getByRole('button', { name: 'Connect mailbox' }).click()

const BLOCKS: readonly Block[] = ['html', 'jsx']

it.each(BLOCKS)('connects and saves a mailbox in a popup, with the page in %s', async (block) => {
  const page = await openPage(block)
  await signInAt(await popupOf(page, () => press(page)), ALICE)
  await expectSaved(page)
})

it.each(BLOCKS)('saves it if the popup is blocked, with the page in %s', async (block) => {
  const page = await openPage(block, 'window.open = () => null')
  await press(page)
  await signInAt(page, ALICE)
  await expectSaved(page)
})

it('shows the reason if no sign-in can start', async () => {
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
  const page = await openPage('html')
  await press(page)
  await page.getByText('The Microsoft integration is switched off.').waitFor()
})
