import { execFile } from 'node:child_process'
import { expect, it, onTestFinished } from 'vitest'
import { obtainTokens } from '../sandbox/entra/test-client.ts'
import { startWorld } from '../sandbox/world.ts'

const COMMAND = new URL('../../checker/check-mailbox.ts', import.meta.url).pathname

/** Starting a process may take seconds on a busy machine. */
const SLOW = { timeout: 60_000 }

type Run = { code: number; stdout: string; stderr: string }

const run = (args: string[], input: string, env: NodeJS.ProcessEnv = {}) =>
  new Promise<Run>((resolve) => {
    const child = execFile(
      process.execPath,
      [COMMAND, ...args],
      { env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
    child.stdin?.end(input)
  })

async function mailWorld() {
  const world = await startWorld()
  onTestFinished(world.stop)
  const env = {
    EXTRA_OAUTH_MAIL_HOSTS: world.extraMailHosts,
    ALLOW_PRIVATE_HOSTS: 'true',
    NODE_EXTRA_CA_CERTS: world.caFile,
  }
  /** Logs in over IMAP, or with the arguments of a test message over SMTP. */
  const check = async (username: string, input: string, sending: string[] = []) => {
    const smtp = sending.length > 0
    const port = String(smtp ? world.ports.smtpTls : world.ports.imapTls)
    const server = ['--host', 'localhost', '--port', port, '--security', 'tls']
    const args = [smtp ? 'smtp' : 'imap', username, '--token-stdin', ...server, ...sending]
    return run(args, input, env)
  }
  const token = async (username: string) => (await obtainTokens(world.entra, username)).access_token
  return { world, check, token }
}

it('the command prints each step of a login that works', SLOW, async () => {
  const { world, check, token } = await mailWorld()
  const { code, stdout, stderr } = await check(
    'alice@contoso.test',
    `${await token('alice@contoso.test')}\n`,
  )
  expect(stderr).toBe('')
  const names = [...stdout.matchAll(/^ {2}(\w+) +passed +\d+ ms/gm)].map(([, name]) => name)
  expect(names).toEqual(['dns', 'connect', 'tls', 'greeting', 'authenticate', 'mailbox'])
  expect(stdout).toContain(`at localhost, port ${world.ports.imapTls}, tls\n`)
  expect(stdout).toMatch(/\npassed\n$/)
  expect(code).toBe(0)
})

it('the command prints why a login failed, and never the token', SLOW, async () => {
  const { check, token } = await mailWorld()
  const secret = await token('bob@contoso.test')
  const { code, stdout, stderr } = await check('bob@contoso.test', secret)
  expect(code).toBe(1)
  expect(stdout).toMatch(
    / {2}mailbox +failed .*User is authenticated but not connected.*\nfailed\n$/,
  )
  expect(stdout + stderr).not.toContain(secret)
})

it('the command says how it is used when its arguments are wrong', SLOW, async () => {
  const wrong: [string[], RegExp][] = [
    [['imap', 'alice@contoso.test'], /Use --token-stdin or --password-stdin/],
    [['pop3', 'alice@contoso.test', '--token-stdin'], /imap or smtp/],
    [['imap', '--token-stdin'], /one address/],
    [['imap', 'a@b.test', '--token-stdin', '--port', 'many'], /port/],
    [['imap', 'a@b.test', '--tokenstdin'], /Unknown option/],
    [['imap', 'a@b.test', '--token-stdin', '--send-to', 'c@b.test'], /SMTP only/],
    [['smtp', 'a@b.test', '--token-stdin', '--send-to', 'C <c@b.test>'], /one address/],
  ]
  const runs = await Promise.all(wrong.map(([args]) => run(args, 'token')))
  for (const [index, { code, stderr, stdout }] of runs.entries()) {
    expect(stderr).toMatch(wrong[index]?.[1] ?? /never/)
    expect(stderr).toContain('Usage: ')
    expect(stdout).toBe('')
    expect(code).toBe(64)
  }
})

it('the command tells a server that cannot be reached from one that refuses', SLOW, async () => {
  const { check, world, token } = await mailWorld()
  const secret = await token('alice@contoso.test')
  await world.stopMail()
  const { code, stdout } = await check('alice@contoso.test', secret)
  expect(stdout).toMatch(/ {2}connect +inconclusive/)
  expect(code).toBe(75)
})

it('the command sends one test message with --send-to, and says so', SLOW, async () => {
  const { world, check, token } = await mailWorld()
  const secret = await token('alice@contoso.test')
  const { code, stdout } = await check('alice@contoso.test', secret, [
    '--send-to',
    'bob@contoso.test',
  ])
  expect(stdout).toMatch(/ {2}send +passed .*The server accepted the message <\w+@contoso\.test>/)
  expect(code).toBe(0)
  expect(world.smtp.tls.messages).toMatchObject([
    { from: 'alice@contoso.test', to: ['bob@contoso.test'] },
  ])
})
