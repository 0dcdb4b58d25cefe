/** Runs the backend from the guide to your own page in each language. It connects a mailbox and saves it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../../journeys/api.ts'
import { signIn } from '../../journeys/sandbox-client.ts'
import type { Demo } from '../../sandbox/demo/launch.ts'
import { startConfiguredDemo } from '../configured-demo.ts'
import { codeOf, createWorkshop, type Workshop } from './programs.ts'

const ALICE = 'alice@contoso.test'

/** Names of the two functions, and how to print what they return as JSON. */
const LANGUAGES = {
  js: {
    call: (name: string, argument: string) =>
      `console.log(JSON.stringify(await ${name}('${argument}')))`,
    names: ['startSignIn', 'finishSignIn'],
    server: (port: number) =>
      `protocol: 'imap', host: 'localhost', port: ${port}, security: 'tls',`,
    protocol: "protocol: 'imap',",
  },
  python: {
    call: (name: string, argument: string) => `print(json.dumps(${name}('${argument}')))`,
    names: ['start_sign_in', 'finish_sign_in'],
    server: (port: number) =>
      `'protocol': 'imap', 'host': 'localhost', 'port': ${port}, 'security': 'tls',`,
    protocol: "'protocol': 'imap',",
  },
  php: {
    call: (name: string, argument: string) => `echo json_encode(${name}('${argument}'));`,
    names: ['startSignIn', 'finishSignIn'],
    server: (port: number) =>
      `'protocol' => 'imap', 'host' => 'localhost', 'port' => ${port}, 'security' => 'tls',`,
    protocol: "'protocol' => 'imap',",
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

  /** Runs the code of the guide, with the sandbox's mail server in place of Microsoft's. */
  async function run(name: string, argument: string) {
    const code = (await codeOf('third-party-page', language))
      .replaceAll('https://mail.example.com', demo.urls.api)
      .replaceAll('https://desk.example.com', demo.urls.thirdParty)
      .replace(protocol, server(demo.ports.imapTls))
    const key = await api.expect(201, 'POST', '/v1/api-keys', { name: 'Desk', scopes: ['write'] })
    return workshop.run(language, `${code}\n${call(name, argument)}\n`, { key: String(key.key) })
  }

  it('connects a mailbox and saves it', async () => {
    const [startName, finishName] = names
    const started = JSON.parse((await run(startName, ALICE)).output)
    expect(started.status_url).toContain(`${demo.urls.api}/oauth/status/`)
    const early = await run(finishName, started.id)
    expect(early.output).toContain('The sign-in has not finished.')
    expect(early.exitCode).not.toBe(0)
    await signIn(started.url, ALICE, api)
    const id = JSON.parse((await run(finishName, started.id)).output)
    const account = await api.expect(200, 'GET', `/v1/mail-accounts/${id}`)
    expect(account).toMatchObject({ username: ALICE, health: 'ok', owner: { type: 'other' } })
    // A repetition returns the same account, as after a second click, and also in the next language.
    expect(JSON.parse((await run(finishName, started.id)).output)).toBe(id)
    expect((await api.expect(200, 'GET', '/v1/mail-accounts')).data).toHaveLength(1)
  })

  it('says why a sign-in cannot start', async () => {
    const { exitCode, output } = await run(names[0], 'nonsense')
    expect(output).toContain('must be an address')
    expect(exitCode).not.toBe(0)
  })
})
