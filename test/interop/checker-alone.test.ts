/** Runs the examples of checker/alone.md, as they are printed there, against a real mail server. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Checker, startChecker } from './checker-process.ts'
import { type MailWorld, startMailWorld } from './mail-world.ts'
import { olga } from './people.ts'
import { until } from './ports.ts'
import { start } from './programs.ts'
import { signIn } from './sign-in.ts'

const API_KEY = 'the-api-key-of-a-checker-that-is-alone'

let world: MailWorld
let checker: Checker
let token: string
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailgrant-alone-'))
  world = await startMailWorld()
  checker = await startChecker({
    CHECKER_API_KEY: API_KEY,
    EXTRA_OAUTH_MAIL_HOSTS: world.extraMailHosts,
    ALLOW_PRIVATE_HOSTS: 'true',
    NODE_EXTRA_CA_CERTS: world.caFile,
  })
  token = await signIn(world.oidc, olga)
})

afterAll(async () => {
  await checker?.stop()
  await world?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Returns the code block of checker/alone.md with this file name, for the servers of this test. */
async function example(name: string): Promise<string> {
  const page = await readFile(new URL('../../checker/alone.md', import.meta.url), 'utf8')
  const [, code] = new RegExp(`\`\`\`\\w+ ${name}\n([^]*?)\`\`\``).exec(page) ?? []
  if (code === undefined) throw new Error(`checker/alone.md has no block ${name}`)
  const { port } = world.servers.imapTls
  return code
    .replace('outlook.office365.com', 'localhost')
    .replace('993', String(port))
    .replace('http://127.0.0.1:8788', checker.url)
    .replace('alice@contoso.com', olga.username)
}

async function runExample(name: string, program: string, accessToken: string) {
  const file = join(folder, name)
  await writeFile(file, await example(name))
  const { PATH } = process.env
  const env = { PATH, CHECKER_API_KEY: API_KEY, ACCESS_TOKEN: accessToken }
  const started = start(program, [file], { env })
  await until(
    () => started.exitCode() !== null,
    () => `${program} did not exit: ${started.output()}`,
  )
  return started.output().trim()
}

it.each([
  ['check.mjs', process.execPath],
  ['check.py', 'python3'],
])('%s reports a login that works and one that is refused', async (name, program) => {
  expect(await runExample(name, program, token)).toBe('passed')
  const refused = await runExample(name, program, 'not-a-token')
  expect(refused).toMatch(/^failed NO \[AUTHENTICATIONFAILED\]/)
  expect(checker.output()).not.toContain(token)
})
