/** A world with the real checker app, whose login probe is replaced by the test. */
import { expect } from 'vitest'
import { createApp as createChecker } from '../../checker/app.ts'
import type { Event } from '../../checker/log.ts'
import type { MailAccount } from '../../schema/mail-account.ts'
import type { ProbeReport, ProbeRequest } from '../../schema/probe.ts'
import type { Validation } from '../../schema/validation.ts'
import { probeFailure } from '../probe-failure.ts'
import { createWorld, settings, type WorldOptions } from './harness.ts'

type Probe = (request: ProbeRequest) => ProbeReport

export const passes: Probe = ({ credential }) => ({
  outcome: 'passed',
  mechanism: credential.type === 'oauth' ? 'XOAUTH2' : 'PLAIN',
  steps: [
    { name: 'connect', outcome: 'passed', duration_ms: 3, detail: null },
    { name: 'authenticate', outcome: 'passed', duration_ms: 5, detail: null },
  ],
  failure: null,
  duration_ms: 8,
})

export const unanswered: Probe = () => ({
  outcome: 'inconclusive',
  mechanism: null,
  steps: [{ name: 'connect', outcome: 'inconclusive', duration_ms: 1, detail: 'no answer' }],
  failure: null,
  duration_ms: 1,
})

export const refuses: Probe = () => ({
  outcome: 'failed',
  mechanism: 'XOAUTH2',
  steps: [
    { name: 'connect', outcome: 'passed', duration_ms: 3, detail: null },
    {
      name: 'authenticate',
      outcome: 'failed',
      duration_ms: 5,
      detail: 'The server rejected the login: NO AUTHENTICATE failed.',
    },
  ],
  failure: probeFailure({ reply: 'NO AUTHENTICATE failed.', imap_status: 'NO' }),
  duration_ms: 8,
})

export type MailWorld = Awaited<ReturnType<typeof createMailWorld>>

export async function createMailWorld({
  probe = passes,
  ...options
}: WorldOptions & { probe?: Probe } = {}) {
  const probes: ProbeRequest[] = []
  const checkerLog: Event[] = []
  const login = { probe }
  const checker = createChecker({
    ring: options.settings?.checkerKeys ?? settings.checkerKeys,
    now: () => world.clock.now,
    log: (event) => checkerLog.push(event),
    probe: async (request) => {
      probes.push(request)
      return login.probe(request)
    },
  })
  const world = await createWorld({
    externalFetch: async (input, init) => checker.fetch(new Request(input, init)),
    ...options,
  })

  async function json<Body>(response: Response, status: number): Promise<Body> {
    const body = await response.json<Body>()
    expect(response.status, JSON.stringify([body, world.lines])).toBe(status)
    return body
  }

  return {
    ...world,
    /** Login requests that the checker received. */
    probes,
    checkerLog,
    /** Replace `login.probe` to change the mail server's response. */
    login,
    async save(form: object): Promise<MailAccount> {
      return json(await world.call('POST', '/v1/mail-accounts', form), 201)
    },
    async replace(id: string, form: object): Promise<MailAccount> {
      return json(await world.call('PUT', `/v1/mail-accounts/${id}`, form), 200)
    },
    read: (id: string) => world.get<MailAccount>(`/v1/mail-accounts/${id}`),
    async validate(form: object): Promise<Validation> {
      return json(await world.call('POST', '/v1/validations', form), 201)
    },
    async validateSaved(id: string): Promise<Validation> {
      return json(await world.call('POST', `/v1/mail-accounts/${id}/validate`), 201)
    },
    async grantStatus(id: string): Promise<string> {
      const response = await world.call('GET', `/v1/grants/${id}`)
      return response.status === 404 ? 'gone' : (await response.json<{ status: string }>()).status
    },
    /** Types of all events, oldest first. */
    async events(): Promise<string[]> {
      const { data } = await world.get<{ data: { type: string }[] }>('/v1/events?limit=200')
      const types = data.map(({ type }) => type).reverse()
      // The tests' own calls with the root key cause this event.
      return types.filter((type) => type !== 'root_key.used')
    },
  }
}

/** Creates a mail world with an active integration. */
export async function activeMailWorld(...options: Parameters<typeof createMailWorld>) {
  const world = await createMailWorld(...options)
  await world.activate()
  return world
}

export const department = { type: 'department', id: 'dep_7' }
export const brand = { type: 'brand', id: 'brand_3' }

export const oauth = (grantId: string) => ({
  type: 'oauth',
  provider: 'microsoft',
  grant_id: grantId,
})

/** Input for a department's IMAP account of Alice's mailbox, with `changes` applied. */
export const imapForm = (grantId: string, changes: object = {}) => ({
  owner: department,
  protocol: 'imap',
  username: 'alice@contoso.test',
  authentication: oauth(grantId),
  ...changes,
})

export const smtpForm = (grantId: string, changes: object = {}) =>
  imapForm(grantId, { owner: brand, protocol: 'smtp', ...changes })

/** Input for a password account on another mail server. */
export const passwordForm = (changes: object = {}) => ({
  owner: department,
  protocol: 'imap',
  host: 'mail.example.org',
  username: 'desk@example.org',
  authentication: { type: 'password', password: 'correct horse' },
  ...changes,
})

export const withoutPassword = { authentication: { type: 'password' } }

type MailWorldOptions = Parameters<typeof createMailWorld>[0]

export async function passwordAccountWorld() {
  const world = await createMailWorld()
  return { world, id: (await world.save(passwordForm())).id }
}

/** Creates an active mail world with a grant of Alice. */
export async function grantWorld(
  given: Parameters<MailWorld['grant']>[1] = {},
  options: MailWorldOptions = {},
) {
  const world = await activeMailWorld(options)
  return { world, grant: await world.grant('alice@contoso.test', given) }
}

/** Creates an active mail world with an IMAP account of Alice. */
export async function imapAccountWorld(options: MailWorldOptions = {}) {
  const { world, grant } = await grantWorld({}, options)
  return { world, grant, id: (await world.save(imapForm(grant))).id }
}
