/** Sign-ins of people, their tokens, and what refreshes bring. */
import { fail, type Kit } from '../context.ts'
import type { Exchange } from '../recorder.ts'
import { livesAnHour, member, present, readJwt, refusalOf, yes } from '../responses.ts'
import type { Step } from './step.ts'

const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'
const IMAP = 'IMAP.AccessAsUser.All'
const SEND = 'Mail.Send'

/** Notes what every sign-in shows. Returns the redemption of its code. */
async function observeSignIn(kit: Kit, account: 'work' | 'personal'): Promise<Exchange> {
  const { observe, target } = kit
  const { exchange, callback } = await kit.signIn(account, undefined, { again: true })
  const query = callback?.searchParams
  observe(
    'callback-parameters',
    'code and state, each once',
    query?.getAll('code').length === 1 && query.getAll('state').length === 1
      ? 'code and state, each once'
      : 'something else',
  )
  const { claims = {}, header = {} } = readJwt(exchange ? member(exchange, 'id_token') : '') ?? {}
  const issuer = `${target.login}/${claims.tid}/v2.0`
  const iss = query?.get('iss') ?? null
  const fits = iss === null || iss === issuer
  observe(
    'callback-issuer',
    'none, or that of the id_token',
    fits ? 'none, or that of the id_token' : 'another one',
  )
  if (!exchange) fail('no code was redeemed')
  const body = (exchange.json ?? {}) as Record<string, unknown>
  const expected = [
    'access_token',
    'token_type',
    'expires_in',
    'scope',
    'refresh_token',
    'id_token',
  ]
  observe('token-response', 'all', present(body, expected))
  observe('access-token-lifetime', '60 to 90 minutes', livesAnHour(exchange))
  const names = ['aud', 'nonce', 'exp', 'sub', 'oid', 'preferred_username', 'tid']
  observe(
    'id-token-claims',
    'all, for this app',
    `${present(claims, names)}, for ${claims.aud === exchange.form.get('client_id') ? 'this app' : 'another'}`,
  )
  observe(
    'id-token-algorithm',
    'RS256 with kid',
    `${header.alg === 'RS256' ? 'RS256' : 'another'} ${header.kid === undefined ? 'without' : 'with'} kid`,
  )
  observe('id-token-issuer', 'yes', yes(claims.iss === issuer))
  return exchange
}

/** Refreshes for a resource, and returns the response. */
const refresh = (kit: Kit, exchange: Exchange, tenant: string, scope: string) =>
  kit.repeat(kit.refreshForm(exchange, scope), {}, { tenant })

/** Notes what refreshes of a sign-in for Outlook show. `tenant`: the account's own. */
async function observeRefreshes(
  kit: Kit,
  exchange: Exchange,
  tenant: string,
  expected: {
    rotates: 'newest-refresh-token' | 'refresh-token-personal'
    both: string
    missing: ['missing-consent-work' | 'missing-consent-personal', string]
  },
): Promise<void> {
  const { observe, scopeAt } = kit
  const outlook = scopeAt('outlook', IMAP)
  const first = await refresh(kit, exchange, tenant, outlook)
  observe('refresh-at-own-tenant', '200', refusalOf(first))
  const again = await refresh(kit, exchange, tenant, outlook)
  const isNew =
    member(first, 'refresh_token') !== '' &&
    member(first, 'refresh_token') !== member(exchange, 'refresh_token')
  observe(
    expected.rotates,
    'a new one, and the old one works',
    `${isNew ? 'a new one' : 'none'}, and the old one ${again.status === 200 ? 'works' : 'does not'}`,
  )
  const both = await refresh(kit, exchange, tenant, `${outlook} ${scopeAt('graph', SEND)}`)
  observe('token-one-resource', expected.both, refusalOf(both))
  const [id, missing] = expected.missing
  const graph = await refresh(kit, exchange, tenant, scopeAt('graph', SEND))
  const after = await refresh(kit, exchange, tenant, outlook)
  observe(id, `${missing}, then 200`, `${refusalOf(graph)}, then ${refusalOf(after)}`)
}

const tenantOf = (exchange: Exchange) =>
  String(readJwt(member(exchange, 'id_token'))?.claims.tid ?? 'unknown')

const work: Step = {
  id: 'sign-in-work',
  title: 'Sign in with the work account, for IMAP and SMTP',
  needs: ['work'],
  checks: [
    'callback-parameters',
    'callback-issuer',
    'token-response',
    'access-token-lifetime',
    'work-token-is-readable',
    'id-token-claims',
    'id-token-algorithm',
    'id-token-issuer',
    'newest-refresh-token',
    'refresh-at-own-tenant',
    'token-one-resource',
    'missing-consent-work',
    'resource-unknown',
    'pkce-s256',
    'declared-under-graph',
    'localhost-redirect',
    'no-origin',
  ],
  async run(kit) {
    const { observe } = kit
    const exchange = await observeSignIn(kit, 'work')
    observe('pkce-s256', '200', refusalOf(exchange))
    observe('declared-under-graph', '200', refusalOf(exchange))
    observe('localhost-redirect', '200', refusalOf(exchange))
    const claims = readJwt(member(exchange, 'access_token'))?.claims ?? {}
    observe('work-token-is-readable', 'all', present(claims, ['aud', 'scp', 'tid', 'appid', 'upn']))
    const tenant = tenantOf(exchange)
    await observeRefreshes(kit, exchange, tenant, {
      rotates: 'newest-refresh-token',
      both: '400 invalid_request AADSTS28000',
      missing: ['missing-consent-work', '400 invalid_grant AADSTS65001'],
    })
    const unknown = await refresh(
      kit,
      exchange,
      tenant,
      'https://mailgrant.invalid/IMAP.AccessAsUser.All',
    )
    observe('resource-unknown', '400 invalid_resource AADSTS500011', refusalOf(unknown))
    const scope = kit.scopeAt('outlook', IMAP)
    const fromPage = await kit.repeat(
      kit.refreshForm(exchange, scope),
      {},
      { tenant, headers: { origin: 'https://mailgrant.invalid' } },
    )
    observe('no-origin', 'refused', fromPage.status === 200 ? 'accepted' : 'refused')
  },
}

const codeOnce: Step = {
  id: 'code-once',
  title: 'Redeem a code twice',
  needs: ['work'],
  checks: ['code-once'],
  async run(kit) {
    // A code of an earlier sign-in has expired by now.
    const { exchange } = await kit.signIn('work', undefined, { again: true })
    if (!exchange) fail('no code was redeemed')
    kit.observe(
      'code-once',
      '400 invalid_grant AADSTS54005',
      refusalOf(await kit.repeat(exchange, {})),
    )
  },
}

const personal: Step = {
  id: 'sign-in-personal',
  title: 'Sign in with the personal account, for IMAP and SMTP',
  needs: ['personal'],
  checks: [
    'personal-tenant',
    'outlook-prefix',
    'refresh-token-personal',
    'refresh-at-own-tenant',
    'token-one-resource',
    'missing-consent-personal',
  ],
  async run(kit) {
    const { observe } = kit
    const exchange = await observeSignIn(kit, 'personal')
    observe('outlook-prefix', '200', refusalOf(exchange))
    observe('personal-tenant', 'yes', yes(tenantOf(exchange) === PERSONAL_TENANT))
    await observeRefreshes(kit, exchange, 'consumers', {
      rotates: 'refresh-token-personal',
      both: '400 invalid_scope AADSTS70011',
      missing: ['missing-consent-personal', '400 invalid_grant AADSTS70000'],
    })
  },
}

const cancelled: Step = {
  id: 'consent-cancelled',
  title: 'Cancel on the consent page',
  needs: ['work'],
  checks: ['consent-cancelled'],
  async run(kit) {
    const { callback } = await kit.signIn('work', ['graph_send'], { again: true, press: 'cancel' })
    const error = callback?.searchParams.get('error') ?? 'none'
    const number = /AADSTS(\d+)/.exec(callback?.searchParams.get('error_description') ?? '')?.[1]
    const isKnown = ['access_denied', 'consent_required'].includes(error)
    kit.observe(
      'consent-cancelled',
      'declined, AADSTS65004',
      `${isKnown ? 'declined' : 'something else'}, AADSTS${number ?? ' missing'}`,
    )
  },
}

const redirectUri: Step = {
  id: 'redirect-uri',
  title: 'Use a redirect URI that is not registered',
  needs: ['work'],
  checks: ['redirect-uri-unknown'],
  async run(kit) {
    const { client_id: client } = Object.fromEntries((await kit.appRequest()).form)
    const query = new URLSearchParams({
      client_id: client ?? '',
      response_type: 'code',
      redirect_uri: 'http://localhost:1/not-registered',
      scope: 'openid',
    })
    const url = `${kit.target.login}/organizations/oauth2/v2.0/authorize?${query}`
    const number = await kit.person.ask({ do: 'read', url, as: 'work' })
    kit.observe('redirect-uri-unknown', '50011', /^\d{1,9}$/.test(number) ? number : 'no number')
  },
}

/** Signs in for Outlook and Graph at once. The code is then redeemed for Outlook, and a refresh brings Graph. */
const both = (account: 'work' | 'personal'): Step => ({
  id: `two-resources-${account}`,
  title: `Sign in with the ${account} account for Outlook and Graph at once`,
  needs: [account],
  checks: [`authorize-two-resources-${account}`],
  async run(kit) {
    const { grant } = await kit.signIn(account, ['imap', 'smtp', 'graph_send'], { again: true })
    const read = grant ? await kit.api.expect(200, 'GET', `/v1/grants/${grant}`) : null
    const protocols = read?.protocols
    const saw = Array.isArray(protocols) ? [...protocols].sort().join(' ') : 'no sign-in'
    kit.observe(`authorize-two-resources-${account}`, 'graph_send imap smtp', saw)
  },
})

export const signInSteps: readonly Step[] = [work, cancelled, redirectUri, personal]
/** Their consent is for both resources, so they come after the steps that must not have one of them. */
export const bothSteps: readonly Step[] = [both('work'), both('personal')]
export const lastSteps: readonly Step[] = [codeOnce]
