/** Tests the checker, as its own process, against Dovecot and Postfix with tokens from oidc-provider. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MailProtocol } from '../../schema/mail-servers.ts'
import type { ProbeRequest } from '../../schema/probe.ts'
import { type Checker, startChecker } from './checker-process.ts'
import { refusalOfOneLine } from './mail-worker.ts'
import { type MailWorld, type Server, startMailWorld } from './mail-world.ts'
import { type Account, olga, pavel } from './people.ts'
import { until } from './ports.ts'
import { signIn } from './sign-in.ts'

let world: MailWorld
let checker: Checker
/** A checker that does not trust the authority of the servers' certificate. */
let untrusting: Checker
/** Olga's access token. */
let token: string

beforeAll(async () => {
  world = await startMailWorld()
  const environment = {
    EXTRA_OAUTH_MAIL_HOSTS: world.extraMailHosts,
    ALLOW_PRIVATE_HOSTS: 'true',
  }
  checker = await startChecker({ ...environment, NODE_EXTRA_CA_CERTS: world.caFile })
  untrusting = await startChecker(environment)
  token = await signIn(world.oidc, olga)
})

afterAll(async () => {
  await Promise.all([checker?.stop(), untrusting?.stop()])
  await world?.stop()
})

const login = (server: Server, { username }: Account, accessToken: string): ProbeRequest => ({
  ...server,
  identity: username,
  credential: { type: 'oauth', access_token: accessToken, cloud: 'global' },
})

const PARSER = `
import email, email.policy, json, sys
message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
print(json.dumps({
    "defects": [str(each) for each in [*message.defects, *(d for _, value in message.items() for d in value.defects)]],
    "from": message["from"], "to": message["to"], "subject": message["subject"], "id": message["message-id"],
    "auto": message["auto-submitted"], "date": message["date"].datetime.timestamp(),
    "type": message.get_content_type(), "charset": message.get_content_charset(),
    "text": message.get_content(),
}))
`

type ParsedMessage = Record<'id' | 'text', string> & { date: number }

/** Reads a message with the email package of Python. */
const readWithPython = (message: string) =>
  new Promise<ParsedMessage>((resolve, reject) => {
    const child = execFile('python3', ['-c', PARSER], (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout) as ParsedMessage),
    )
    child.stdin?.end(message, 'latin1')
  })

const REFUSAL: Record<MailProtocol, object> = {
  imap: { imap_status: 'NO', imap_response_code: 'AUTHENTICATIONFAILED' },
  smtp: { smtp_code: 535, smtp_enhanced: '5.7.8' },
}

const SERVERS = [
  ['Dovecot, IMAP with TLS', 'imapTls'],
  ['Dovecot, IMAP with STARTTLS', 'imapStarttls'],
  ['Postfix, SMTP with STARTTLS', 'smtpStarttls'],
] as const

describe.for(SERVERS)('%s', ([, kind]) => {
  it('accepts the token by XOAUTH2, with all steps', async () => {
    const server = world.servers[kind]
    const report = await checker.probe(login(server, olga, token))
    expect(report).toMatchObject({ outcome: 'passed', mechanism: 'XOAUTH2', failure: null })
    const steps = report.steps.map(({ name, outcome }) => [name, outcome])
    const greetingFirst = server.security === 'starttls'
    expect(steps).toEqual([
      ['dns', 'passed'],
      ['connect', 'passed'],
      ...(greetingFirst ? [['greeting', 'passed']] : []),
      ['tls', 'passed'],
      ...(greetingFirst ? [] : [['greeting', 'passed']]),
      ['authenticate', 'passed'],
      ['mailbox', server.protocol === 'imap' ? 'passed' : 'skipped'],
    ])
  })

  it("refuses the token for another person's mailbox", async () => {
    const server = world.servers[kind]
    expect(await checker.probe(login(server, pavel, token))).toMatchObject({
      outcome: 'failed',
      mechanism: 'XOAUTH2',
      failure: { step: 'authenticate', kind: 'rejected', ...REFUSAL[server.protocol] },
    })
  })

  it('refuses a forged token, and says so in its challenge', async () => {
    const server = world.servers[kind]
    const forged = token.split('').reverse().join('')
    const report = await checker.probe(login(server, olga, forged))
    expect(report).toMatchObject({
      outcome: 'failed',
      failure: { step: 'authenticate', kind: 'rejected', ...REFUSAL[server.protocol] },
    })
    expect(report.failure?.challenge).toContain('"status":"401"')
    expect(JSON.stringify(report)).not.toContain(forged)
  })

  it('is inconclusive while its token service is down', async () => {
    const server = world.servers[kind]
    world.oidc.setIntrospection(false)
    const during = await checker.probe(login(server, olga, token))
    world.oidc.setIntrospection(true)
    // Without the challenge, this response looks like a rejected token.
    expect(during).toMatchObject({
      outcome: 'inconclusive',
      failure: { step: 'authenticate', kind: 'unavailable', ...REFUSAL[server.protocol] },
    })
    expect(await checker.probe(login(server, olga, token))).toMatchObject({ outcome: 'passed' })
  })

  it('receives no token if its certificate is not trusted', async () => {
    const report = await untrusting.probe(login(world.servers[kind], olga, token))
    expect(report).toMatchObject({
      outcome: 'failed',
      mechanism: null,
      failure: {
        step: 'tls',
        kind: 'tls',
        code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        certificate_issuer: 'CN=Mailgrant interop CA',
      },
    })
    expect(report.steps.find(({ name }) => name === 'authenticate')?.outcome).toBe('skipped')
  })
})

describe('a test message', () => {
  const send = (from: string, to: string) =>
    checker.probe({ ...login(world.servers.smtpStarttls, olga, token), message: { from, to } })

  it('is accepted by Postfix once, and stored as other programs can read it', async () => {
    const report = await send(olga.username, pavel.username)
    expect(report).toMatchObject({ outcome: 'passed', mechanism: 'XOAUTH2', sent: true })
    expect(report.steps.at(-1)?.detail).toMatch(/250 2\.0\.0 Ok: queued as/)
    await until(async () => (await world.postfix.messages()).length > 0, world.postfix.log)
    const stored = await world.postfix.messages()
    expect(stored).toHaveLength(1)
    const message = await readWithPython(stored[0] ?? '')
    expect(message).toMatchObject({
      defects: [],
      from: olga.username,
      to: pavel.username,
      subject: 'Test message from Mailgrant',
      auto: 'auto-generated',
      type: 'text/plain',
      charset: 'utf-8',
    })
    expect(report.steps.at(-1)?.detail).toContain(message.id)
    expect(Math.abs(Date.now() / 1000 - message.date)).toBeLessThan(120)
    expect(message.text).toMatch(/^This is a test message\./)
  })

  it('is refused under the address of someone else, although the login passes', async () => {
    expect(await send(pavel.username, olga.username)).toMatchObject({
      outcome: 'failed',
      sent: false,
      failure: {
        step: 'send',
        kind: 'rejected',
        smtp_code: 553,
        reply: `553 5.7.1 <${pavel.username}>: Sender address rejected: not owned by user ${olga.username}`,
      },
    })
  })
})

describe('Postfix as Debian ships it', () => {
  it('changes no limit of lines', async () => {
    expect(await world.postfix.changedSettings()).not.toMatch(/(?:line_length|response)_limit/)
  })

  it('logs in with a token of 2,400 characters, which it would not read within the command', async () => {
    const server = world.servers.smtpStarttls
    expect(token).toHaveLength(2400)
    expect(await checker.probe(login(server, olga, token))).toMatchObject({ outcome: 'passed' })
    const ca = await readFile(world.caFile, 'utf8')
    const reply = await refusalOfOneLine(server, olga, token, ca)
    expect(reply).toBe(
      '535 5.7.8 Error: authentication failed: Invalid base64 data in initial response',
    )
  })

  it('is said not to have read a token beyond its limit', async () => {
    const report = await checker.probe(login(world.servers.smtpStarttls, olga, 'x'.repeat(9300)))
    expect(report).toMatchObject({
      outcome: 'failed',
      failure: {
        kind: 'line_too_long',
        smtp_code: 500,
        smtp_enhanced: '5.5.6',
        reply: '500 5.5.6 SASL response limit exceeded',
      },
    })
  })
})

describe('Dovecot', () => {
  it.each(['imapTls', 'imapStarttls'] as const)(
    'is said not to have read a token beyond its limit, although it responds with nothing (%s)',
    async (kind) => {
      expect(await checker.probe(login(world.servers[kind], olga, 'x'.repeat(7000)))).toMatchObject(
        { outcome: 'failed', failure: { kind: 'line_too_long', reply: null } },
      )
    },
  )
})

describe('all servers', () => {
  it('accept 30 concurrent logins', async () => {
    const requests = Array.from({ length: 10 }, () =>
      Object.values(world.servers).map((server) => login(server, olga, token)),
    ).flat()
    const reports = await Promise.all(requests.map(checker.probe))
    expect(reports.map(({ outcome }) => outcome)).toEqual(requests.map(() => 'passed'))
  })

  it('caused no error in the authorization server', () => {
    expect(world.oidc.errors).toEqual([])
  })
})
