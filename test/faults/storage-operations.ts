/** Operations that must survive a failing D1, each in a prepared world, and what a client must get afterwards. */

import { createApp } from '../../api/app.ts'
import { runMaintenance } from '../../api/domain/operations/maintenance/maintenance.ts'
import { TOKEN_ENDPOINT } from '../../api/paths.ts'
import { createServices } from '../../api/services.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { appOnlyForm } from '../api/app-only-world.ts'
import { enableGraph, graphForm } from '../api/graph-world.ts'
import { PUBLIC_URL } from '../api/harness.ts'
import { createKey } from '../api/keys.ts'
import { imapForm, type MailWorld, passwordForm, smtpForm } from '../api/mail-world.ts'
import { k1, k2, valuesPerKey } from '../api/rotation.ts'
import { savedAccount } from '../api/saved-account.ts'
import {
  CALLBACK,
  getWithCookie,
  readAuthorization,
  returnFromMicrosoft,
  sendForm,
  startSignIn,
} from '../api/sign-in.ts'
import { system } from '../api/system-call.ts'
import { app, secrets } from '../sandbox/personas.ts'
import { connectBoth } from './both-resources.ts'

type World = MailWorld & { faultyDb: D1Database }

export type Prepared = {
  /** Runs the operation once, as a client repeats it after a 503. */
  act: () => Promise<Response>
  /** Returns what is wrong once the operation has succeeded and D1 is healthy. */
  check?: () => Promise<string[]>
  /** True if the operation ends in a refusal by design, as when a person discards a sign-in. */
  refuses?: boolean
}

export type Operation = {
  name: string
  prepare: (world: World) => Promise<Prepared>
  /** True if the schedule runs it again an hour later, whatever became of this run. */
  scheduled?: true
  /**
   * Tables and types of events of which a repetition leaves more, since the client sends the change again, and nothing
   * in it says that it is the same.
   */
  mayRepeat?: readonly string[]
  /** Tables and types of events of which a failure leaves fewer, since the operation goes on without them. */
  bestEffort?: readonly string[]
}

const HOUR = 3600
const SETTINGS = '/v1/integrations/microsoft/settings'
const ONCE = { 'idempotency-key': 'storage-faults' }

const caller =
  (
    world: World,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) =>
  () =>
    world.call(method, path, body, headers)

/** Returns what keeps a caller from a token that Entra knows. */
async function tokenProblem(world: World, path: string): Promise<string[]> {
  const response = await world.call('POST', path, {})
  const { access_token: token, code } = await response.json<{
    access_token?: string
    code?: string
  }>()
  if (!token) return [`a caller gets ${response.status} ${code}`]
  return world.entra.checkToken(token) ? [] : ['Entra does not know the token']
}

/**
 * Asks for a token, and for another one after its end. The refresh token that was stored must be the one that works.
 */
async function twoTokens(world: World, path: string): Promise<string[]> {
  const first = await tokenProblem(world, path)
  world.advance(2 * HOUR)
  return [...first, ...(await tokenProblem(world, path))]
}

const expectCompleted = async (world: World, id: string) => {
  const { status, problem } = await readAuthorization(world, id)
  return status === 'completed' ? [] : [`the sign-in is lost: ${status} ${problem?.code}`]
}

async function refresh(world: World): Promise<Prepared> {
  const { path } = await savedAccount(world)
  world.advance(2 * HOUR)
  const act = caller(world, 'POST', path, {})
  return { act, check: () => twoTokens(world, path) }
}

/** The second refresh uses the token that the first one has brought. */
async function refreshBoth(world: World): Promise<Prepared> {
  await world.activate()
  const [outlook, graph] = await connectBoth(world)
  world.advance(2 * HOUR)
  const act = async () => {
    const first = await world.call('POST', outlook, {})
    return first.ok ? world.call('POST', graph, {}) : first
  }
  const check = async () => [
    ...(await twoTokens(world, outlook)),
    ...(await tokenProblem(world, graph)),
  ]
  return { act, check }
}

async function reconnect(world: World): Promise<Prepared> {
  const { id, path } = await savedAccount(world)
  const started = await startSignIn(world, undefined, { mail_account_id: id, apply: 'at_once' })
  const check = async () => {
    world.advance(2 * HOUR)
    return [...(await expectCompleted(world, started.id)), ...(await tokenProblem(world, path))]
  }
  return { act: visit(world, started), check }
}

/** Visits the callback, as a reload does. */
const visit =
  (world: World, { back, cookie }: { back: URL; cookie: string }) =>
  () =>
    getWithCookie(world, back, cookie)

async function callback(world: World): Promise<Prepared> {
  await world.activate()
  const started = await startSignIn(world)
  const check = async () => {
    const lost = await expectCompleted(world, started.id)
    const { grant } = await readAuthorization(world, started.id)
    if (!grant) return lost
    const { id } = await world.save(imapForm(grant.id))
    world.advance(2 * HOUR)
    return [...lost, ...(await tokenProblem(world, `/v1/mail-accounts/${id}/access-token`))]
  }
  return { act: visit(world, started), check }
}

/** Bob's mailbox, in which Alice signed in: she keeps it, or discards it. */
const decide =
  (decision: 'keep' | 'discard') =>
  async (world: World): Promise<Prepared> => {
    await world.activate()
    const input = { username: 'bob@contoso.test' }
    const { id, browser, back } = await startSignIn(world, 'alice@contoso.test', input)
    const question = await returnFromMicrosoft(browser, back)
    const fields = question.forms[0]?.fields.map(({ name, value }) => [name, value]) ?? []
    const body = new URLSearchParams({ ...Object.fromEntries(fields), decision })
    const cookie = await browser.jar.getCookieString(CALLBACK)
    const expected = decision === 'keep' ? 'completed' : 'failed'
    const check = async () => {
      const { status } = await readAuthorization(world, id)
      return status === expected ? [] : [`the sign-in is ${status}, not ${expected}`]
    }
    const act = () => sendForm(world, CALLBACK, body, { cookie })
    return { act, check, refuses: decision === 'discard' }
  }

async function mismatch(world: World): Promise<Prepared> {
  await world.activate()
  const started = await startSignIn(world, 'alice@contoso.test', { username: 'bob@contoso.test' })
  const act = visit(world, started)
  const check = async () => {
    const { status } = await readAuthorization(world, started.id)
    return status === 'pending' ? [] : [`the question is lost: ${status}`]
  }
  return { act, check }
}

async function importToken(world: World): Promise<Prepared> {
  await world.activate()
  const username = 'alice@contoso.test'
  const refresh_token = world.entra.control.signInElsewhere({ username })
  const act = caller(world, 'POST', '/v1/grants', { refresh_token, username }, ONCE)
  const check = async () => {
    const grants = await (await world.call('GET', '/v1/grants')).json<{ data: { id: string }[] }>()
    const [grant, ...others] = grants.data
    if (!grant || others.length > 0) return [`${grants.data.length} grants instead of one`]
    const account = await world.save(imapForm(grant.id))
    world.advance(2 * HOUR)
    return tokenProblem(world, `/v1/mail-accounts/${account.id}/access-token`)
  }
  return { act, check }
}

const creating =
  (path: string, input: object) =>
  async (world: World): Promise<Prepared> => ({ act: caller(world, 'POST', path, input, ONCE) })

const onSettings =
  (method: string, path: string, input?: object, before?: (world: World) => Promise<unknown>) =>
  async (world: World): Promise<Prepared> => {
    await world.activate()
    await before?.(world)
    return { act: caller(world, method, `/v1/integrations/microsoft${path}`, input) }
  }

/** A program asks the token endpoint (RFC 6749) with a key of its own. */
async function oauthClient(world: World): Promise<Prepared> {
  const { id, path } = await savedAccount(world)
  const { key } = await createKey(world, { scopes: ['tokens'], mail_accounts: [id] })
  const act = () =>
    world.send(
      new Request(`${PUBLIC_URL}${TOKEN_ENDPOINT}`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: id,
          refresh_token: key,
        }),
      }),
    )
  return { act, check: () => tokenProblem(world, path) }
}

/** A sign-in for both resources: the code is redeemed for one, and a refresh brings the token of the other. */
async function callbackOfBoth(world: World): Promise<Prepared> {
  await world.activate()
  await enableGraph(world)
  const started = await startSignIn(world, undefined, { protocols: ['imap', 'graph_send'] })
  const check = async () => {
    const lost = await expectCompleted(world, started.id)
    const { grant } = await readAuthorization(world, started.id)
    if (!grant) return lost
    const accounts = [await world.save(imapForm(grant.id)), await world.save(graphForm(grant.id))]
    const problems: string[] = lost
    for (const { id } of accounts) {
      problems.push(...(await twoTokens(world, `/v1/mail-accounts/${id}/access-token`)))
    }
    return problems
  }
  return { act: visit(world, started), check }
}

/** Sends one message, however often the call is repeated. */
async function testMessage(world: World, protocol: 'smtp' | 'graph_send'): Promise<Prepared> {
  await world.activate()
  await enableGraph(world)
  const grant = await world.grant('alice@contoso.test', { protocols: [protocol] })
  const { id } = await world.save(smtpForm(grant, { protocol }))
  const sent = () =>
    world.graph.messages.length + world.probes.filter(({ message }) => message).length
  const before = sent()
  return {
    act: caller(
      world,
      'POST',
      `/v1/mail-accounts/${id}/test-message`,
      { to: 'bob@contoso.test' },
      ONCE,
    ),
    check: async () => {
      const count = sent() - before
      return count === 1 ? [] : [`${count} messages were sent`]
    },
  }
}

const secret = { type: 'client_secret', client_secret: secrets.next }

/** A credential is promoted. The ETag keeps a repetition from undoing that. */
const promoting =
  (credential: object) =>
  async (world: World): Promise<Prepared> => {
    const { path } = await savedAccount(world)
    // A federated credential requires a public address, or a simulated Entra.
    world.services.settings = { ...world.services.settings, entraAuthority: 'http://127.0.0.1' }
    await world.call('PUT', `${SETTINGS}/next-credential`, credential)
    const settings = await world.call('GET', SETTINGS)
    const { federated } = await settings.json<{
      federated: { issuer: string; subject: string; audience: string }
    }>()
    const { issuer, subject, audience } = federated
    world.entra.control.addFederatedCredential({ issuer, subject, audience })
    const headers = { 'if-match': settings.headers.get('etag') ?? '' }
    const check = () => {
      world.advance(2 * HOUR)
      return twoTokens(world, path)
    }
    return { act: caller(world, 'POST', `${SETTINGS}/promote`, {}, headers), check }
  }

/** One run of the maintenance re-encrypts everything with a new key, and the old one is removed. */
async function rotateKey(world: World): Promise<Prepared> {
  const { path } = await savedAccount(world)
  await world.save(passwordForm())
  const { settings } = world.services
  const deploy = (encryptionKeys: KeyRing) => {
    const services = createServices(world.faultyDb, { ...settings, encryptionKeys }, world.services)
    return { services, world: { ...world, services, app: createApp(services) } }
  }
  const rotating = deploy([k2, k1])
  const act = async () => {
    await runMaintenance(rotating.services, system)
    return new Response()
  }
  const check = async () => {
    Object.assign(world.services, { store: deploy([k2]).services.store })
    const { k1: older = 0 } = await valuesPerKey(world)
    const failures = older > 0 ? [`${older} values are still sealed by the old key`] : []
    return [...failures, ...(await twoTokens(world, path))]
  }
  return { act, check }
}

export const operations: readonly Operation[] = [
  { name: 'refresh', prepare: refresh },
  { name: 'refresh of both resources', prepare: refreshBoth },
  {
    name: 'issue of a stored token',
    prepare: async (world) => {
      const { path } = await savedAccount(world)
      return { act: caller(world, 'POST', path, {}), check: () => tokenProblem(world, path) }
    },
  },
  { name: 'token of an OAuth client', prepare: oauthClient },
  {
    name: 'app-only token',
    prepare: async (world) => {
      await world.activate()
      const { id } = await world.save(appOnlyForm())
      const path = `/v1/mail-accounts/${id}/access-token`
      return { act: caller(world, 'POST', path, {}), check: () => tokenProblem(world, path) }
    },
  },
  { name: 'callback', prepare: callback },
  // The second token is fetched later.
  { name: 'callback for both resources', prepare: callbackOfBoth, bestEffort: ['daily_counts'] },
  { name: 'callback of another account', prepare: mismatch },
  { name: 'keeping another account', prepare: decide('keep') },
  { name: 'discarding another account', prepare: decide('discard') },
  { name: 'reconnect', prepare: reconnect },
  { name: 'import of a refresh token', prepare: importToken },
  {
    name: 'save with a new grant',
    prepare: async (world) => {
      const { id, path } = await savedAccount(world)
      const grant = await world.grant('alice@contoso.test', { saved: false })
      const form = imapForm(grant, { owner: { type: 'department', id: 'dep_1' } })
      const check = async () => {
        world.advance(2 * HOUR)
        return tokenProblem(world, path)
      }
      return { act: caller(world, 'PUT', `/v1/mail-accounts/${id}`, form), check }
    },
    mayRepeat: ['mail_account.updated'],
  },
  {
    name: 'deletion of a grant',
    prepare: async (world) => {
      const { grant } = await savedAccount(world)
      return { act: caller(world, 'DELETE', `/v1/grants/${grant}?detach=true`) }
    },
  },
  { name: 'test message', prepare: (world) => testMessage(world, 'smtp') },
  {
    name: 'test message through Graph',
    prepare: (world) => testMessage(world, 'graph_send'),
    // The accepted message also counts as a validation, whose record may be lost.
    bestEffort: ['validations', 'validation.passed', 'daily_counts'],
  },
  {
    name: 'settings',
    prepare: onSettings('PUT', '/settings', {
      client_id: app.clientId,
      credential: { type: 'client_secret', client_secret: secrets.current },
      tenant: 'organizations',
    }),
    mayRepeat: ['integration.settings_changed'],
  },
  {
    name: 'activation',
    prepare: onSettings('POST', '/activate', undefined, (world) =>
      world.call('POST', '/v1/integrations/microsoft/deactivate'),
    ),
  },
  {
    name: 'promotion of a credential',
    prepare: promoting(secret),
  },
  {
    name: 'promotion of a federated credential',
    prepare: promoting({ type: 'federated' }),
  },
  {
    name: 'new API key',
    prepare: creating('/v1/api-keys', { name: 'Worker', scopes: ['read'] }),
  },
  {
    name: 'new webhook',
    prepare: creating('/v1/webhooks', { url: 'https://helpdesk.example.com/hooks' }),
  },
  {
    name: 'maintenance',
    scheduled: true,
    prepare: async (world) => {
      const { path } = await savedAccount(world)
      await world.save(appOnlyForm())
      world.advance(40 * 24 * HOUR)
      const act = async () => {
        await runMaintenance(world.services, system)
        return new Response()
      }
      return { act, check: () => tokenProblem(world, path) }
    },
  },
  { name: 'rotation of a key', prepare: rotateKey, scheduled: true },
]
