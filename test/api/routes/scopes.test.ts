/** Every operation of the document, called by every kind of caller, responds as the document states. */
import { describe, expect, it } from 'vitest'
import { document } from '../../../api/openapi/document.ts'
import { PROBLEM_JSON } from '../../../api/problem.ts'
import type { Scope } from '../../../schema/api-key.ts'
import { app } from '../../sandbox/personas.ts'
import { appOnlyForm } from '../app-only-world.ts'
import { configure, openKeySession, pageHeaders, visitAs } from '../console-sign-in.ts'
import { HOOK } from '../domain/webhooks/webhook-world.ts'
import { PUBLIC_URL, type World } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { activeMailWorld, imapForm, passwordForm, smtpForm } from '../mail-world.ts'
import { operationsOf as readOperations } from '../openapi-reading.ts'
import { browserOf } from '../sign-in.ts'

const SCOPES: Scope[] = ['read', 'write', 'tokens', 'admin']
const SETTINGS = '/v1/integrations/microsoft/settings'
const GUARDED = /^\/(?:v1\/|metrics$)/

/** Scopes that satisfy each required scope, written out so that the product is not its own reference. */
const sufficientScopes: Record<Scope, Scope[]> = {
  read: ['read', 'write', 'admin'],
  write: ['write', 'admin'],
  tokens: ['tokens', 'admin'],
  admin: ['admin'],
}

function describeOperations(world: World) {
  return readOperations(document(world.app)).map(({ method, path, operation, ...rest }) => ({
    method: method.toUpperCase(),
    path,
    id: operation.operationId ?? '',
    scope: (operation['x-required-scope'] ?? null) as Scope | null,
    schemes: (operation.security ?? []).flatMap((scheme) => Object.keys(scheme)),
    statuses: rest.statuses,
    codes: (status: number) =>
      Object.keys(rest.responses[status]?.content?.[PROBLEM_JSON]?.examples ?? {}),
  }))
}
type Operation = ReturnType<typeof describeOperations>[number]

let operations: Operation[] | undefined
/** Makes the document once, since it is the same in every world, and takes as long as all calls of a test. */
function operationsOf(world: World): Operation[] {
  operations ??= describeOperations(world)
  return operations
}

/** Ids of existing resources, by the path segment before the parameter. */
type Ids = Record<string, string>

const pathOf = ({ path }: Operation, ids: Ids) =>
  path.replaceAll(/([\w-]+)\/\{\w+\}/g, (_, kind: string) => `${kind}/${ids[kind] ?? 'x'}`)

async function populatedWorld(customer: string | null = null) {
  const world = await activeMailWorld()
  const grant = await world.grant('alice@contoso.test')
  const account = await world.save(imapForm(grant))
  if (customer) await world.replace(account.id, imapForm(grant, { customer }))
  const validation = await world.validateSaved(account.id)
  const created = await world.call('POST', '/v1/authorizations', {
    provider: 'microsoft',
    username: 'alice@contoso.test',
    customer,
  })
  const hook = { url: 'https://hooks.example.com/a', customer }
  const webhook = await world.call('POST', '/v1/webhooks', hook)
  const ids: Ids = {
    'mail-accounts': account.id,
    grants: grant,
    validations: validation.id,
    authorizations: (await created.json<{ id: string }>()).id,
    webhooks: (await webhook.json<{ id: string }>()).id,
  }
  return { world, ids }
}

async function codeOf(response: Response): Promise<string | null> {
  const problem = response.headers.get('content-type') === 'application/problem+json'
  return problem ? (await response.json<{ code: string }>()).code : null
}

/** Bodies of operations that check their body before they look for the resource. */
const BODIES: Record<string, object> = { sendTestMessage: { to: 'bob@contoso.test' } }

/** Operations that no limited key may use, and those that none limited to some email accounts may. */
const UNRESTRICTED = ['getMetrics', 'importGrant', 'listCustomers']
const OF_ACCOUNTS = ['createMailAccount', 'createMailAccounts']

/** Returns the scope that a key with a customer needs, since its own events and webhooks are not the deployment's. */
const customerScope = ({ scope, path }: Operation): Scope | null => {
  if (path === '/v1/events') return 'read'
  return path.startsWith('/v1/webhooks') ? 'write' : scope
}

const LIMITED = (['read', 'write', 'tokens'] as const).flatMap((scope) => [
  { scope, customer: null, caller: 'restricted to another account' },
  { scope, customer: 'globex', caller: 'of another customer' },
])

const send = (world: World, operation: Operation, ids: Ids, headers: Record<string, string>) => {
  const bodiless = operation.method === 'GET' || operation.method === 'DELETE'
  return world.send(
    new Request(`${PUBLIC_URL}${pathOf(operation, ids)}`, {
      method: operation.method,
      headers: { 'content-type': 'application/json', ...headers },
      redirect: 'manual',
      ...(!bodiless && { body: JSON.stringify(BODIES[operation.id] ?? {}) }),
    }),
  )
}

async function expectUnchanged(world: World, path: string) {
  const shown = await world.call('GET', path)
  const headers = { 'if-match': shown.headers.get('etag') ?? '' }
  const body = await shown.json()
  const response = await world.call('PUT', path, body, headers)
  expect([path, response.status, await response.json()]).toEqual([path, 200, body])
  expect(await world.get(path)).toEqual(body)
}

/** Sorts deletions last, so that the resources exist for all other calls. */
const deletionsLast = (operations: Operation[]) =>
  operations.toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'))

async function personSession(world: World, role: string) {
  await configure(world)
  world.entra.control.setRoles('carol@contoso.test', [role])
  const browser = browserOf(world)
  await visitAs(world, browser, 'carol@contoso.test')
  return pageHeaders(browser)
}

type Caller = {
  caller: string
  scope: Scope
  scheme: 'api_key' | 'console_session'
  headersIn: (world: World) => Promise<Record<string, string>>
}

const keyOf = async (world: World, scope: Scope) =>
  (await createKey(world, { scopes: [scope] })).key

const roles: [role: string, scope: Scope][] = [
  ['Mailgrant.Viewer', 'read'],
  ['Mailgrant.Operator', 'write'],
  ['Mailgrant.Admin', 'admin'],
]

const callers: Caller[] = [
  ...SCOPES.flatMap((scope): Caller[] => [
    {
      caller: `a key with the scope ${scope}`,
      scope,
      scheme: 'api_key',
      headersIn: async (world) => bearer(await keyOf(world, scope)),
    },
    {
      caller: `a session of a key with the scope ${scope}`,
      scope,
      scheme: 'console_session',
      headersIn: async (world) => openKeySession(world, await keyOf(world, scope)),
    },
  ]),
  ...roles.map(
    ([role, scope]): Caller => ({
      caller: `a person with the role ${role}`,
      scope,
      scheme: 'console_session',
      headersIn: (world) => personSession(world, role),
    }),
  ),
]

describe('every PUT of the document', () => {
  it('takes what GET returned, and then changes nothing', async () => {
    const { world, ids } = await populatedWorld()
    const sender = await world.save(smtpForm(ids.grants ?? ''))
    const password = await world.save(passwordForm({ owner: null }))
    const appOnly = await world.save(appOnlyForm())
    const hooks = [
      { url: HOOK, description: 'Help desk' },
      { url: HOOK, type: 'slack', enabled: false },
      { type: 'email', to: 'it@contoso.test', mail_account_id: sender.id },
    ].map((hook) => world.call('POST', '/v1/webhooks', hook))
    const limited = { scopes: ['tokens'], mail_accounts: [sender.id], app_only: true }
    const verified = await world.call('POST', `${SETTINGS}/verify`, { tenant: 'contoso.test' })
    expect(await verified.json()).toMatchObject({ outcome: 'passed' })
    const several: Record<string, string[]> = {
      'mail-accounts': [sender.id, password.id, appOnly.id],
      webhooks: await Promise.all(
        hooks.map(async (made) => (await (await made).json<Ids>()).id ?? ''),
      ),
      'api-keys': [(await createKey(world, limited)).id, (await createKey(world)).id],
    }
    const operations = operationsOf(world)
    const puts = operations.filter(
      ({ method, path }) =>
        method === 'PUT' && operations.some((get) => get.method === 'GET' && get.path === path),
    )
    const paths = puts.flatMap((put) => {
      const [kind = ''] = /[\w-]+(?=\/\{)/.exec(put.path) ?? []
      return (several[kind] ?? ['']).map((id) => pathOf(put, { ...ids, [kind]: id }))
    })
    expect(paths.length).toBeGreaterThan(puts.length)
    for (const path of paths) await expectUnchanged(world, path)
    const certificate = { client_id: app.clientId, credential: { type: 'certificate' } }
    expect((await world.call('PUT', SETTINGS, certificate)).status).toBe(200)
    await expectUnchanged(world, SETTINGS)
    const known = 'client_id, credential, secret_expires_at, cloud, tenant, home_tenant, protocols'
    const misspelt = await world.problem('PUT', SETTINGS, { clientId: app.clientId })
    const message = `is not recognised (known: ${known})`
    expect(misspelt.errors).toContainEqual({ pointer: '/clientId', message })
  })
})

describe('every operation of the document', () => {
  it('below /v1 documents its key, its scope and the problems of every kind of caller', async () => {
    const { world } = await populatedWorld()
    const guarded = operationsOf(world).filter(({ path }) => GUARDED.test(path))
    expect(guarded.length).toBeGreaterThan(25)
    for (const { id, scope, schemes, codes } of guarded) {
      expect([id, SCOPES.includes(scope ?? ('' as Scope))]).toEqual([id, true])
      expect([id, schemes.includes('api_key')]).toEqual([id, true])
      expect([id, codes(401)]).toEqual([id, ['unauthorized']])
      expect([id, codes(403).includes('insufficient_scope')]).toEqual([id, true])
      expect([id, codes(429)]).toEqual([id, ['rate_limited']])
    }
    expect(guarded.filter(({ schemes }) => schemes.length === 1).map(({ id }) => id)).toEqual([
      'issueAccessToken',
    ])
  })

  it.each(callers)('responds to $caller as documented', async ({ scope, scheme, headersIn }) => {
    const { world, ids } = await populatedWorld()
    const headers = await headersIn(world)
    // A session would end itself by the operations that have no scope.
    const testable = operationsOf(world).filter(
      (operation) =>
        operation.scope || (scheme === 'api_key' && operation.schemes.includes(scheme)),
    )
    for (const operation of deletionsLast(testable)) {
      const response = await send(world, operation, ids, headers)
      const actual = [operation.id, response.status, await codeOf(response)]
      const mayDo = !operation.scope || sufficientScopes[operation.scope].includes(scope)
      if (mayDo && operation.schemes.includes(scheme)) {
        expect(actual).not.toEqual([operation.id, expect.toBeOneOf([401, 403]), expect.anything()])
        const documented = expect.arrayContaining([String(response.status)])
        expect([operation.id, operation.statuses]).toEqual([operation.id, documented])
      } else {
        expect(actual).toEqual([operation.id, 403, 'insufficient_scope'])
      }
    }
  })

  it('responds to a missing, unknown or revoked key as documented', async () => {
    const { world, ids } = await populatedWorld()
    const revoked = await createKey(world, { scopes: ['admin'] })
    await world.call('DELETE', `/v1/api-keys/${revoked.id}`)
    const basic = { authorization: `Basic ${revoked.key}` }
    for (const operation of operationsOf(world)) {
      for (const headers of [{}, basic, bearer('unknown'), bearer(revoked.key)]) {
        const response = await send(world, operation, ids, headers)
        const actual = [operation.id, response.status === 401, await codeOf(response)]
        if (operation.schemes.length > 0) {
          expect(actual).toEqual([operation.id, true, 'unauthorized'])
          expect(response.headers.get('www-authenticate')).toContain('Bearer')
        } else expect(actual).toEqual([operation.id, false, actual[2]])
      }
    }
  })

  it('is open without a key only where the document lists no scheme', async () => {
    const { world } = await populatedWorld()
    const open = operationsOf(world).filter(({ schemes }) => schemes.length === 0)
    expect(open.filter(({ path }) => GUARDED.test(path))).toEqual([])
    expect(open.length).toBeGreaterThan(1)
  })

  it.each(LIMITED)(
    'responds to a key with the scope $scope, $caller, as documented',
    async ({ scope, customer }) => {
      const { world, ids } = await populatedWorld(customer && 'acme')
      const mine = await world.save(
        imapForm(await world.grant('bob@contoso.test'), { username: 'bob@contoso.test' }),
      )
      const limit = customer ? { customer } : { mail_accounts: [mine.id] }
      const unrestricted = [...UNRESTRICTED, ...(customer ? [] : OF_ACCOUNTS)]
      const key = await createKey(world, { scopes: [scope], ...limit })
      const kinds = Object.keys(ids).join('|')
      const ofAnother = new RegExp(`^/v1/(?:${kinds})/\\{\\w+\\}`)
      for (const operation of operationsOf(world).filter((one) => one.scope)) {
        const response = await send(world, operation, ids, bearer(key.key))
        const code = await codeOf(response.clone())
        const actual = [operation.id, response.status, code]
        const needed = customer ? customerScope(operation) : operation.scope
        if (needed && !sufficientScopes[needed].includes(scope)) {
          expect(actual).toEqual([operation.id, 403, 'insufficient_scope'])
        } else if (unrestricted.includes(operation.id)) {
          expect(operation.codes(403)).toContain('key_limited')
          expect(actual).toEqual([operation.id, 403, 'key_limited'])
        } else if (ofAnother.test(operation.path) && operation.method !== 'PUT') {
          expect(actual).toEqual([operation.id, 404, 'not_found'])
        } else if (operation.method === 'GET') {
          expect(actual).toEqual([operation.id, 200, null])
          const text = await response.text()
          for (const id of Object.values(ids))
            expect([operation.id, text.includes(id)]).toEqual([operation.id, false])
        } else {
          expect([operation.id, operation.statuses]).toEqual([
            operation.id,
            expect.arrayContaining([String(response.status)]),
          ])
        }
      }
    },
  )
})
