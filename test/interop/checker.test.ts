/** The checker, as its own process, against Dovecot and Postfix with tokens of oidc-provider. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProbeRequest } from '../../schema/probe.ts'
import { type Checker, startChecker } from './checker-process.ts'
import { type MailWorld, type Server, startMailWorld } from './mail-world.ts'
import { type Account, olga, pavel } from './people.ts'
import { until } from './ports.ts'
import { signIn } from './sign-in.ts'

let world: MailWorld
let checker: Checker
/** Has not been told of the authority that issued the servers' certificate. */
let wary: Checker
/** Olga's. */
let token: string

beforeAll(async () => {
  world = await startMailWorld()
  const environment = {
    EXTRA_OAUTH_MAIL_HOSTS: world.extraMailHosts,
    ALLOW_PRIVATE_HOSTS: 'true',
  }
  checker = await startChecker({ ...environment, NODE_EXTRA_CA_CERTS: world.caFile })
  wary = await startChecker(environment)
  token = (await signIn(world.oidc, olga)).tokens.accessToken
})

afterAll(async () => {
  await Promise.all([checker?.stop(), wary?.stop()])
  await world?.stop()
})

const login = (server: Server, { username }: Account, accessToken: string): ProbeRequest => ({
  ...server,
  identity: username,
  credential: { type: 'oauth', access_token: accessToken, cloud: 'global' },
})

const kinds = [
  ['Dovecot, IMAP with TLS', 'imapTls'],
  ['Dovecot, IMAP with STARTTLS', 'imapStarttls'],
  ['Postfix, SMTP with STARTTLS', 'smtpStarttls'],
] as const

describe.for(kinds)('%s', ([, kind]) => {
  const refused = (protocol: string) =>
    protocol === 'imap'
      ? { imap_status: 'NO', imap_response_code: 'AUTHENTICATIONFAILED' }
      : { smtp_code: 535, smtp_enhanced: '5.7.8' }

  it('takes the token by XOAUTH2, step by step', async () => {
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
      failure: { step: 'authenticate', kind: 'rejected', ...refused(server.protocol) },
    })
  })

  it('refuses a token that nobody issued, and says so in its challenge', async () => {
    const server = world.servers[kind]
    const madeUp = token.split('').reverse().join('')
    const report = await checker.probe(login(server, olga, madeUp))
    expect(report).toMatchObject({
      outcome: 'failed',
      failure: { step: 'authenticate', kind: 'rejected', ...refused(server.protocol) },
    })
    expect(report.failure?.challenge).toContain('"status":"401"')
    expect(JSON.stringify(report)).not.toContain(madeUp)
  })

  it('refuses a token that has run out', async () => {
    const server = world.servers[kind]
    world.oidc.setAccessTokenLifetime(1)
    const { tokens } = await signIn(world.oidc, olga)
    world.oidc.setAccessTokenLifetime(3600)
    await until(
      async () => !(await world.oidc.isActive(tokens.accessToken)),
      () => 'the token does not run out',
    )
    expect(await checker.probe(login(server, olga, tokens.accessToken))).toMatchObject({
      outcome: 'failed',
      failure: { step: 'authenticate', kind: 'rejected' },
    })
  })

  it('says nothing about the token while its token service is down', async () => {
    const server = world.servers[kind]
    world.oidc.setIntrospection(false)
    const during = await checker.probe(login(server, olga, token))
    world.oidc.setIntrospection(true)
    // To a client that does not read the challenge this looks like a bad token.
    expect(during).toMatchObject({
      outcome: 'inconclusive',
      failure: { step: 'authenticate', kind: 'unavailable', ...refused(server.protocol) },
    })
    expect(await checker.probe(login(server, olga, token))).toMatchObject({ outcome: 'passed' })
  })

  it('gets no token while its certificate is not trusted', async () => {
    const report = await wary.probe(login(world.servers[kind], olga, token))
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

describe('all servers at once', () => {
  it('takes 30 logins at the same time', async () => {
    const requests = Array.from({ length: 10 }, () =>
      Object.values(world.servers).map((server) => login(server, olga, token)),
    ).flat()
    const reports = await Promise.all(requests.map(checker.probe))
    expect(reports.map(({ outcome }) => outcome)).toEqual(requests.map(() => 'passed'))
  })

  it('is seen to use XOAUTH2 by the servers, which offer OAUTHBEARER as well', async () => {
    const { imapTls, imapStarttls, smtpStarttls } = world.servers
    await checker.probe(login(imapTls, olga, token))
    await checker.probe(login(imapStarttls, olga, token))
    // Postfix names the mechanism of a login only where it fails.
    await checker.probe(login(smtpStarttls, pavel, token))
    const log = async () => (await world.dovecot.log()) + (await world.postfix.log())
    await until(
      async () => /method=XOAUTH2.*SASL XOAUTH2 authentication failed/s.test(await log()),
      async () => `no login is in the logs: ${await log()}`,
    )
    expect(await log()).not.toMatch(/(?:method=|SASL )OAUTHBEARER/)
  })

  it('leaves no token in the log of the checker', async () => {
    for (const server of Object.values(world.servers)) {
      await checker.probe(login(server, olga, token))
      await checker.probe(login(server, pavel, token))
      await wary.probe(login(server, olga, token))
    }
    const log = checker.output() + wary.output()
    for (const outcome of ['"outcome":"passed"', '"kind":"rejected"', '"kind":"tls"']) {
      expect(log).toContain(outcome)
    }
    const message = `user=${olga.username}\u0001auth=Bearer ${token}\u0001\u0001`
    expect(log).not.toContain(token)
    expect(log).not.toContain(Buffer.from(message).toString('base64'))
  })

  it('finds nothing wrong inside the authorization server', () => {
    expect(world.oidc.errors).toEqual([])
  })
})
