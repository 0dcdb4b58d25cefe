/** Runs the backend of the guide that sends links: the owner of a mailbox signs in, and a thief gets nothing. */
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Api } from '../../journeys/api.ts'
import { signIn } from '../../journeys/sandbox-client.ts'
import type { Demo } from '../../sandbox/demo/launch.ts'
import { startConfiguredDemo } from '../configured-demo.ts'
import { freePorts, until } from '../ports.ts'
import { type Program, start } from '../programs.ts'
import { codeOf, createWorkshop, type Workshop } from './programs.ts'

const ALICE = 'alice@contoso.test'

const replies: Record<string, number> = { DATA: 354, QUIT: 221 }

/** Accepts mail and keeps it. */
async function startMailServer(port: number) {
  const messages: string[] = []
  const server = createServer((socket) => {
    let message: string | null = null
    socket.write('220 ready\r\n')
    socket.on('data', (bytes) => {
      if (message === null) {
        const command = String(bytes).slice(0, 4).toUpperCase()
        if (command === 'DATA') message = ''
        socket.write(`${replies[command] ?? 250} OK\r\n`)
      } else {
        message += bytes
        if (!message.endsWith('\r\n.\r\n')) return
        messages.push(message)
        message = null
        socket.write('250 OK\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { messages, stop: () => server.close() }
}

let demo: Demo
let api: Api
let workshop: Workshop
let backend: Program
let mail: Awaited<ReturnType<typeof startMailServer>>
let url: string
beforeAll(async () => {
  ;({ demo, api } = await startConfiguredDemo('third-party'))
  workshop = await createWorkshop()
  const [port = 0, smtp = 0] = await freePorts(2)
  mail = await startMailServer(smtp)
  url = `http://127.0.0.1:${port}`
  const code = (await codeOf('send-a-link', 'python'))
    .replace('https://mail.example.com', demo.urls.api)
    .replace('8080', String(port))
    .replace("'localhost', 25", `'127.0.0.1', ${smtp}`)
    .replace(
      "'protocol': 'imap',",
      `'protocol': 'imap', 'host': 'localhost', 'port': ${demo.ports.imapTls}, 'security': 'tls',`,
    )
  const { key } = await api.expect(201, 'POST', '/v1/api-keys', { name: 'Desk', scopes: ['write'] })
  const { secret } = await api.expect(201, 'POST', '/v1/webhooks', {
    url: `${url}/hooks/mailgrant`,
    events: ['authorization.completed', 'authorization.failed'],
  })
  const { program, file, env } = await workshop.prepare('python', code)
  const keys = { MAILGRANT_KEY: String(key), MAILGRANT_WEBHOOK_SECRET: String(secret) }
  backend = start(program, [file], { cwd: env.HOME, env: { ...env, ...keys } })
  const answers = () =>
    post('/hooks/mailgrant', {}).then(
      ({ status }) => status === 401,
      () => false,
    )
  await until(answers, () => `the backend does not answer: ${backend.output()}`)
})
afterAll(async () => {
  await backend?.stop()
  mail?.stop()
  await workshop?.remove()
  await demo?.stop()
})

const post = (path: string, body: object) =>
  fetch(url + path, { method: 'POST', body: JSON.stringify(body) })

/** Has the backend send a link for Alice's mailbox. Returns the URL in the mail. */
async function sentLink(): Promise<string> {
  const before = mail.messages.length
  const { status } = await post('/connect', { inbox: 'inbox-7', mailbox: ALICE })
  expect(status, backend.output()).toBe(202)
  const [message = ''] = mail.messages.slice(before)
  expect(message).toContain(`To: ${ALICE}`)
  return /http\S+/.exec(message.replaceAll('=\r\n', '').replaceAll('=3D', '='))?.[0] ?? ''
}

/** Waits until the backend says this about a link. */
const untilSaid = (words: string, times = 1) =>
  until(
    () => backend.output().split(words).length > times,
    () => `the backend does not say "${words}": ${backend.output()}`,
  )

const listed = async (path: string) => (await api.expect(200, 'GET', path)).data

it('connects the mailbox once its owner has signed in, and gives nothing to a thief', async () => {
  const stolen = await sentLink()
  const { page } = await signIn(stolen, 'bob@contoso.test', api)
  expect(page.title).toBe('A different account signed in')
  await untilSaid(`bob@contoso.test signed in, not ${ALICE}`)
  expect(await listed('/v1/grants')).toEqual([])
  expect(await listed('/v1/mail-accounts')).toEqual([])

  await signIn(await sentLink(), ALICE, api)
  await untilSaid('connected')
  const accounts = await listed('/v1/mail-accounts')
  expect(accounts).toMatchObject([{ username: ALICE, owner: { type: 'other', id: 'inbox-7' } }])
  const grants = await listed('/v1/grants')
  expect(grants).toMatchObject([{ status: 'active', signed_in_as: ALICE }])

  // The mailbox has an account now, so another link reconnects it.
  await signIn(await sentLink(), ALICE, api)
  await untilSaid('connected', 2)
  expect(await listed('/v1/mail-accounts')).toHaveLength(1)
  expect(await listed('/v1/grants')).toHaveLength(1)
})
