/** Runs the example mail workers and the programs that send through Graph as they are written, in each language. */
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { programsFor } from '../../api/console/pages/email-account/programs.ts'
import { type FirstProgram, firstPrograms } from '../../api/docs/programs.ts'
import type { MailAccount } from '../../schema/mail-account.ts'
import { serveHttp } from '../sandbox/http-server.ts'
import { createTemporaryFolder } from './cleanup.ts'
import { codeOf } from './documentation/programs.ts'
import {
  currentToken,
  type ExchangeRig,
  type Mailbox,
  type Rig,
  startExchangeRig,
  startPostfixRig,
} from './mail-programs/rig.ts'
import { GO_ENVIRONMENT } from './mail-programs/user-home.ts'
import { until } from './ports.ts'
import { start } from './programs.ts'

const WORKERS = new URL('../examples/workers/', import.meta.url).pathname

let exchange: ExchangeRig
let rig: Rig
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>

beforeAll(async () => {
  ;[exchange, rig] = await Promise.all([startExchangeRig(), startPostfixRig()])
  folder = await createTemporaryFolder()
  await writeFile(join(folder.path, 'worker.sh'), await codeOf('mail-worker', 'sh'))
  await writeFile(join(folder.path, 'message.eml'), MESSAGE)
})

afterAll(async () => {
  await Promise.all([exchange?.stop(), rig?.stop(), folder?.remove()])
})

type Ended = { code: number | null; output: string }

const originOf = ({ ports }: Rig) => `http://localhost:${ports.api}`

/** Runs a worker until it ends, or has shown enough. `url` is where it asks for tokens. */
async function run(
  command: readonly string[],
  { api, ca }: Rig,
  { id }: Mailbox,
  url: string,
  isEnough: (output: string) => boolean = () => false,
): Promise<Ended> {
  const { key } = await api.expect(201, 'POST', '/v1/api-keys', {
    name: 'Mail worker',
    scopes: ['tokens'],
    mail_accounts: [id],
  })
  const caFile = join(folder.path, 'ca.pem')
  const keyFile = join(folder.path, 'key')
  await writeFile(caFile, ca)
  await writeFile(keyFile, `Authorization: Bearer ${key}\n`)
  const [file = '', ...args] = command.map((word) => word.replaceAll('FOLDER', folder.path))
  const env = {
    PATH: process.env.PATH,
    PYTHONIOENCODING: 'utf-8',
    PYTHONUNBUFFERED: '1',
    MAILGRANT_URL: url,
    MAILGRANT_KEY: String(key),
    MAILGRANT_KEY_FILE: keyFile,
    MAILGRANT_ACCOUNT: id,
    SSL_CERT_FILE: caFile,
    CURL_CA_BUNDLE: caFile,
    NODE_EXTRA_CA_CERTS: caFile,
    ...GO_ENVIRONMENT,
  }
  const program = start(file, args, { cwd: WORKERS, env })
  onTestFinished(program.stop)
  await until(
    () => program.exitCode() !== null || isEnough(program.output()),
    () => `the worker still runs: ${program.output()}`,
    50_000,
  )
  await program.stop()
  const output = program.output()
  expect(output).not.toContain(key)
  return { code: program.exitCode(), output }
}

/** Starts a server that passes calls on to the origin and changes the responses. */
async function inBetween(
  origin: string,
  change: (response: Response, call: number) => Response | Promise<Response>,
) {
  const calls: number[] = []
  const { url, stop } = await serveHttp(async (request) => {
    calls.push(Date.now())
    const { pathname } = new URL(request.url)
    const response = await fetch(origin + pathname, {
      method: 'POST',
      headers: {
        authorization: String(request.headers.get('authorization')),
        'content-type': String(request.headers.get('content-type')),
      },
      body: await request.text(),
    })
    const { body, status } = response
    // Drops the headers, since they describe this connection, and PHP would wait until the program's one is closed.
    return change(new Response(body, { status }), calls.length)
  })
  onTestFinished(stop)
  return { url, calls }
}

const UNAVAILABLE = { title: 'Unavailable', detail: 'Microsoft is unreachable.' }
const downAtFirst = (status: number) => (response: Response, call: number) =>
  call > 1 ? response : Response.json(UNAVAILABLE, { status, headers: { 'retry-after': '1' } })

/** Expects two calls, the second one when Retry-After allows it. */
function expectPause(calls: readonly number[]): void {
  expect(calls).toHaveLength(2)
  expect(Number(calls[1]) - Number(calls[0])).toBeGreaterThanOrEqual(990)
}

const logins = (output: string) => output.match(/Invoice 4711|MESSAGES 3/g)?.length ?? 0

const MESSAGE = 'To: bob@contoso.test\r\nSubject: Invoice 4711\r\n\r\nGrüße aus Köln\r\n'

const SUBJECTS = /^Welcome to the sandbox\n.+\nInvoice 4711\n$/
const REFUSAL = /authenticated but not connected/

/** Go takes minutes to install and compile, so it runs with all mail programs. */
const go = {
  language: 'Go',
  command: ['sh', '-c', 'go build -o FOLDER/go worker.go && exec FOLDER/go "$@"', 'worker.go'],
  prints: SUBJECTS,
  says: REFUSAL,
}

describe.each([
  { language: 'Python', command: ['python3', 'worker.py'], prints: SUBJECTS, says: REFUSAL },
  { language: 'PHP', command: ['php', 'worker.php'], prints: SUBJECTS, says: REFUSAL },
  { language: 'Node', command: [process.execPath, 'worker.mjs'], prints: SUBJECTS, says: REFUSAL },
  {
    language: 'sh',
    command: ['sh', 'FOLDER/worker.sh'],
    prints: /\(MESSAGES 3\)/,
    says: /curl: \(\d+\)/,
  },
  ...(process.env.MAIL_PROGRAMS === 'all' ? [go] : []),
])('the mail worker in $language', ({ command, prints, says }) => {
  it('reads the inbox', async () => {
    const { code, output } = await run(command, rig, await rig.connect(), originOf(rig))
    expect(output).toMatch(prints)
    expect(code).toBe(0)
  })

  it('reports a refused token and logs in with another', async () => {
    const mailbox = await rig.connect()
    await rig.rejectToken(mailbox)
    const { code, output } = await run(command, rig, mailbox, originOf(rig))
    expect(output).toMatch(prints)
    expect(code).toBe(0)
  })

  it('waits as long as Retry-After says', async () => {
    const { url, calls } = await inBetween(originOf(rig), downAtFirst(503))
    const { code } = await run(command, rig, await rig.connect(), url)
    expect(code).toBe(0)
    expectPause(calls)
  })

  it.each([
    { does: 'keeps its token for the next logins', expiresIn: 3_600, asks: 1 },
    { does: 'keeps no token that ends within five minutes', expiresIn: 300, asks: 3 },
  ])('$does', async ({ expiresIn, asks }) => {
    const { url, calls } = await inBetween(originOf(rig), async (response) => {
      const issued = (await response.json()) as object
      return Response.json({ ...issued, expires_in: expiresIn })
    })
    const hasThree = (output: string) => logins(output) === 3
    const { output } = await run([...command, '1'], rig, await rig.connect(), url, hasThree)
    expect([logins(output), calls.length]).toEqual([3, asks])
  })

  it('fails when the mailbox cannot be opened, with what the server says', async () => {
    const mailbox = await exchange.connectRefused('read')
    const { code, output } = await run(command, exchange, mailbox, originOf(exchange))
    expect(output).toMatch(says)
    expect(code).not.toBe(0)
  })

  it('shows the reason when somebody has to sign in again, and no token', async () => {
    const mailbox = await rig.connect()
    await rig.endSignIn(mailbox)
    const { code, output } = await run(command, rig, mailbox, originOf(rig))
    expect(output).toMatch(/sign in again/i)
    expect(code).not.toBe(0)
  })
})

it.each([
  { language: 'PHP', command: ['php', 'worker.php'] },
  { language: 'Node', command: [process.execPath, 'worker.mjs'] },
])('the mail worker in $language fetches nothing from an empty inbox', async ({ command }) => {
  const mailbox = await exchange.connect()
  expect(await run(command, exchange, mailbox, originOf(exchange))).toEqual({ code: 0, output: '' })
})

describe.each([
  { language: 'Python', program: 'python3 graph-send.py' },
  { language: 'PHP', program: 'php graph-send.php' },
  { language: 'Node', program: `${process.execPath} graph-send.mjs` },
  { language: 'sh', program: 'sh graph-send.sh' },
])('the program in $language that sends through Microsoft Graph', ({ program }) => {
  /** Runs it, and returns the statuses of its calls of Graph as well. */
  async function send(mailbox: Mailbox, url = originOf(exchange)) {
    const { calls } = exchange.world.graph
    const before = calls.length
    const command = ['sh', '-c', `exec ${program} <FOLDER/message.eml`]
    const ended = await run(command, exchange, mailbox, url)
    return { ...ended, statuses: calls.slice(before).map(({ status }) => status) }
  }

  it('sends the message as it is', async () => {
    const mailbox = await exchange.connectToGraph()
    expect(await send(mailbox)).toEqual({ code: 0, output: '', statuses: [202] })
    const sent = exchange.world.graph.messages.at(-1)
    expect(sent?.mailbox).toBe(mailbox.address)
    expect(Buffer.from(sent?.text ?? '', 'latin1').toString()).toBe(MESSAGE)
  })

  it('reports a refused token and sends with another', async () => {
    const mailbox = await exchange.connectToGraph()
    await exchange.rejectToken(mailbox)
    expect(await send(mailbox)).toEqual({ code: 0, output: '', statuses: [401, 202] })
  })

  it('waits as long as Retry-After says, at Mailgrant and at Graph', async () => {
    const graph = await inBetween(exchange.world.graphUrl, downAtFirst(429))
    const mailgrant = await inBetween(originOf(exchange), async (response, call) => {
      const issued = { ...((await response.json()) as object), api_base: `${graph.url}/v1.0` }
      return downAtFirst(503)(Response.json(issued), call)
    })
    const { code } = await send(await exchange.connectToGraph(), mailgrant.url)
    expect(code).toBe(0)
    expectPause(mailgrant.calls)
    expectPause(graph.calls)
  })

  it.each([
    { fault: 'ErrorMailboxStoreUnavailable', status: 503 },
    { fault: 'ErrorExceededMessageLimit', status: 429 },
  ] as const)('sends once if Graph refuses with $fault', async ({ fault, status }) => {
    const mailbox = await exchange.connectToGraph()
    const { control } = exchange.world.entra
    onTestFinished(() => control.setGraphFault(mailbox.address, null))
    control.setGraphFault(mailbox.address, fault)
    const { code, output, statuses } = await send(mailbox)
    expect(statuses).toEqual([status])
    expect(output).toContain(fault)
    expect(output).not.toContain(await currentToken(exchange.api, mailbox))
    expect(code).not.toBe(0)
  })

  it('shows the reason when a person has to sign in again, and no token', async () => {
    const mailbox = await exchange.connectToGraph()
    await exchange.endSignIn(mailbox)
    const { code, output, statuses } = await send(mailbox)
    expect(output).toMatch(/sign in again/i)
    expect(statuses).toEqual([])
    expect(code).not.toBe(0)
  })
})

describe('the programs that the page of a mailbox shows', () => {
  let examples: FirstProgram[]
  beforeAll(() => {
    const readText = (path: string) => readFileSync(join(WORKERS, '../../..', path), 'utf8')
    const chapters = ['README.md', 'msmtp.md'].map((name) => ({
      name,
      text: readText(`test/examples/mail-programs/${name}`),
    }))
    examples = firstPrograms(chapters, readText)
  })

  /** Stores the program, and runs it as the page says. */
  async function runShown(mailbox: Mailbox, account: MailAccount, name: string): Promise<Ended> {
    const shown = programsFor(examples, account, originOf(exchange))
    const steps = shown.find((each) => each.name === name)?.steps ?? []
    const home = await createTemporaryFolder()
    onTestFinished(home.remove)
    await mkdir(join(home.path, '.config/mailgrant'), { recursive: true })
    for (const { name: file, text } of steps.slice(0, -1)) {
      await writeFile(join(home.path, file.replace('~/', '')), text, { mode: 0o600 })
    }
    // An interactive zsh has no comments.
    expect(steps.at(-1)?.text).not.toMatch(/^#/m)
    // The script is installed for the whole machine, and msmtp trusts only the certificates of the system.
    const script = `unset MAILGRANT_KEY_FILE; PATH=${join(WORKERS, '..')}:$PATH`
    const lines = (steps.at(-1)?.text ?? 'false')
      .replace(/^sudo .*\n/gm, '')
      .replace('msmtp -t', 'msmtp --tls-trust-file=FOLDER/ca.pem -t')
    const atHome = `export HOME='${home.path}'; cd; cp FOLDER/key .config/mailgrant/key; chmod 600 .config/mailgrant/key`
    return run(
      ['sh', '-c', `${atHome}; ${script}; ${lines}`],
      exchange,
      mailbox,
      originOf(exchange),
    )
  }
  const read = async ({ id }: Mailbox) =>
    (await exchange.api.expect(200, 'GET', `/v1/mail-accounts/${id}`)) as MailAccount

  it.each(['curl', 'Python', 'Node.js', 'PHP'])('fetch a token in %s', async (name) => {
    const mailbox = await exchange.connect()
    const account = await read(mailbox)
    const { code, output } = await runShown(mailbox, account, name)
    expect(output).toContain(account.host)
    expect(output).toContain(mailbox.address)
    expect(code).toBe(0)
    await exchange.endSignIn(mailbox)
    const ended = await runShown(mailbox, account, name)
    expect(ended.output).toMatch(/sign in again/i)
    expect(ended.code).not.toBe(0)
  })

  it('send with msmtp', async () => {
    const mailbox = await exchange.connect()
    const { smtp: port } = exchange.ports
    const sender = { protocol: 'smtp', host: 'localhost', port, security: 'starttls' } as const
    const { messages } = exchange.world.smtp.starttls
    const before = messages.length
    const { code, output } = await runShown(
      mailbox,
      { ...(await read(mailbox)), ...sender },
      'msmtp',
    )
    expect(code, output).toBe(0)
    expect(messages.slice(before).map(({ to }) => to)).toEqual([[mailbox.address]])
  })

  it.each(['curl', 'Python', 'Node.js', 'PHP'])('send through Graph in %s', async (name) => {
    const mailbox = await exchange.connectToGraph()
    const before = exchange.world.graph.messages.length
    const { code, output } = await runShown(mailbox, await read(mailbox), name)
    expect(code, output).toBe(0)
    const sent = exchange.world.graph.messages.slice(before)
    expect(sent.map(({ mailbox }) => mailbox)).toEqual([mailbox.address])
  })
})
