/** Runs the backend from the guide to your own page in each language. It connects and saves mailboxes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../../journeys/api.ts'
import { signIn } from '../../journeys/sandbox-client.ts'
import type { Demo } from '../../sandbox/demo/launch.ts'
import { startConfiguredDemo } from '../configured-demo.ts'
import { codeOf, createWorkshop, type Workshop } from './programs.ts'

const ALICE = 'alice@contoso.test'
/** Carol can read, but SMTP AUTH is off for her mailbox. */
const CAROL = 'carol@contoso.test'
/** A shared mailbox that Alice opens. */
const SUPPORT = 'support@contoso.test'

const list = (texts: readonly string[]) => texts.map((text) => `'${text}'`).join(', ')

/** Names of the two functions, how to print what they return as JSON, and where servers by protocol belong. */
const LANGUAGES = {
  js: {
    call: (name: string, values: readonly string[]) =>
      `console.log(JSON.stringify(await ${name}(${list(values)})))`,
    names: ['startSignIn', 'finishSignIn'],
    protocol: /^ +protocol,$/m,
    server: (servers: string) => `protocol, ...${servers}[protocol],`,
  },
  python: {
    call: (name: string, values: readonly string[]) =>
      `print(json.dumps(${name}(${list(values)})))`,
    names: ['start_sign_in', 'finish_sign_in'],
    protocol: "'protocol': protocol,",
    server: (servers: string) => `'protocol': protocol, **${servers}[protocol],`,
  },
  php: {
    call: (name: string, values: readonly string[]) =>
      `echo json_encode(${name}(${list(values)}));`,
    names: ['startSignIn', 'finishSignIn'],
    protocol: "'protocol' => $protocol,",
    server: (servers: string) =>
      `'protocol' => $protocol, ...json_decode('${servers}', true)[$protocol],`,
  },
} as const

let demo: Demo
let api: Api
let workshop: Workshop
beforeAll(async () => {
  ;({ demo, api } = await startConfiguredDemo('third-party'))
  workshop = await createWorkshop()
})
afterAll(async () => {
  await workshop?.remove()
  await demo?.stop()
})

describe.each(['js', 'python', 'php'] as const)('the backend in %s', (language) => {
  const { call, names, server, protocol } = LANGUAGES[language]
  const [startName, finishName] = names

  /** Runs the code of the guide, with the sandbox's mail servers in place of Microsoft's. */
  async function run(name: string, ...values: string[]) {
    const at = (port: number) => ({ host: 'localhost', port, security: 'tls' })
    const servers = { imap: at(demo.ports.imapTls), smtp: at(demo.ports.smtpTls) }
    const code = (await codeOf('third-party-page', language))
      .replaceAll('https://mail.example.com', demo.urls.api)
      .replaceAll('https://desk.example.com', demo.urls.thirdParty)
      .replace(protocol, () => server(JSON.stringify(servers)))
    const key = await api.expect(201, 'POST', '/v1/api-keys', { name: 'Desk', scopes: ['write'] })
    return workshop.run(language, `${code}\n${call(name, values)}\n`, { key: String(key.key) })
  }

  it.each([
    { mailbox: ALICE, delegate: null },
    { mailbox: SUPPORT, delegate: ALICE },
  ])('connects and saves $mailbox to read and to send', async ({ mailbox, delegate }) => {
    const started = JSON.parse((await run(startName, mailbox)).output)
    expect(started.status_url).toContain(`${demo.urls.api}/oauth/status/`)
    const early = await run(finishName, started.id, mailbox)
    expect(early.output).toContain('The sign-in has not finished.')
    expect(early.exitCode).not.toBe(0)
    const { browser, page } = await signIn(started.url, ALICE, api)
    if (delegate) await browser.submit(page, { decision: 'keep' })
    const saved = await run(finishName, started.id, mailbox)
    const ids = JSON.parse(saved.output)
    for (const protocol of ['imap', 'smtp']) {
      const account = await api.expect(200, 'GET', `/v1/mail-accounts/${ids[protocol]}`)
      const owner = { type: 'other', id: mailbox }
      expect(account).toMatchObject({ protocol, delegate, owner, username: mailbox, health: 'ok' })
    }
    const path = `/v1/mail-accounts/${ids.smtp}`
    const kept = { name: 'Support', from: 'desk@contoso.test' }
    await api.expect(200, 'PUT', path, { ...(await api.expect(200, 'GET', path)), ...kept })
    // A button can be pressed twice, so finishing again must return the same accounts.
    expect(JSON.parse((await run(finishName, started.id, mailbox)).output)).toEqual(ids)
    expect(await api.expect(200, 'GET', path)).toMatchObject(kept)
    const { data } = await api.expect(200, 'GET', `/v1/mail-accounts?username=${mailbox}`)
    expect(data).toHaveLength(2)
  })

  it('saves nothing if a login is refused', async () => {
    const started = JSON.parse((await run(startName, CAROL)).output)
    await signIn(started.url, CAROL, api)
    const { exitCode, output } = await run(finishName, started.id, CAROL)
    expect(output).toContain('SMTP AUTH')
    expect(exitCode).not.toBe(0)
    const { data } = await api.expect(200, 'GET', `/v1/mail-accounts?username=${CAROL}`)
    expect(data).toEqual([])
  })

  it('says why a sign-in cannot start', async () => {
    const { exitCode, output } = await run(startName, 'nonsense')
    expect(output).toContain('must be an address')
    expect(exitCode).not.toBe(0)
  })
})
