/**
 * Many callers at once, on two isolates or on Mailgrant in Node. Entra ends a grant whose refresh token is used
 * twice, and a code works once, so every race that is lost shows.
 */

import { appOnlyForm } from '../api/app-only-world.ts'
import { passwordForm } from '../api/mail-world.ts'
import { seeded } from '../seeded.ts'
import { type Deployment, expireTokens, type StartDeployment } from './deployment.ts'
import { createTally, type Kind, SEED, type Size } from './kinds.ts'

type Race = { name: string; rounds: number; run: (product: Deployment) => Promise<string[]> }

export async function races(size: Size, start: StartDeployment): Promise<Kind[]> {
  const tally = createTally()
  const random = seeded(SEED)
  const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)] as Value
  const product = await start({ entra: { strictRotation: true } })
  try {
    const { path } = await product.connect()
    const list: Race[] = [
      {
        name: 'refresh',
        rounds: 120,
        run: () => refreshRace(product, pick([2, 3, 10, 50]), random(300), path),
      },
      {
        name: 'refresh while Entra takes 4 to 9 s',
        rounds: 3,
        run: () => refreshRace(product, 20, 4000 + random(5000), path),
      },
      {
        name: 'refresh of a token that a mail server refused',
        rounds: 20,
        run: () => rejectedRace(product, pick([2, 20]), random(200)),
      },
      {
        name: 'refresh while Entra is down',
        rounds: 20,
        run: () => outageRace(product, pick([2, 20]), random(200)),
      },
      {
        name: 'refresh beside a reconnection',
        rounds: 30,
        run: () => reconnectRace(product, pick([2, 10]), random(200)),
      },
      {
        name: 'refresh beside a change of the settings',
        rounds: 20,
        run: () => settingsRace(product, pick([2, 10]), random(200)),
      },
      {
        name: 'refresh beside the maintenance',
        // In Node, only the schedule runs it.
        rounds: product.maintain ? 10 : 0,
        run: () => maintenanceRace(product, pick([2, 10]), random(200)),
      },
      {
        name: 'refresh beside the deletion of the account',
        rounds: 20,
        run: () => deletionRace(product, pick([2, 10]), random(200)),
      },
      { name: 'app-only token', rounds: 15, run: () => appTokenRace(product, 30, random(200)) },
      { name: '50 callbacks', rounds: 15, run: () => callbackRace(product, 50, random(200)) },
      {
        name: '50 callbacks that reconnect',
        rounds: 10,
        run: () => reconnectingCallbacks(product, 50, random(200)),
      },
      { name: '30 decisions on one account', rounds: 10, run: () => decisionRace(product, 30) },
      { name: '30 saves with one Idempotency-Key', rounds: 10, run: () => saveRace(product, 30) },
    ]
    for (const { name, rounds, run } of list) {
      const trials = size === 'full' ? rounds : Math.ceil(rounds / 20)
      for (let round = 1; round <= trials; round += 1) {
        await tally.trial(name, async () => {
          const failures = [...(await run(product)), ...leaks(product)]
          product.network.delayMs = 0
          return failures.map((failure) => `round ${round} of seed ${SEED}: ${failure}`)
        })
      }
    }
  } finally {
    await product.stop()
  }
  return tally.kinds()
}

/** Starts `count` calls at once. Two isolates take them in turn. */
const onBoth = <Value>(count: number, start: (at: number) => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => start(at)))

/** Returns a failure for each issued token in the log of the product. */
function leaks({ takeLog, entra }: Deployment): string[] {
  const text = takeLog()
  return entra
    .issuedSecrets()
    .filter((secret) => text.includes(secret))
    .map((secret) => `the log shows ${secret.slice(0, 20)}...`)
}

/** Returns a failure unless every caller has the same token, by one refresh. */
function oneToken(
  { entra }: Deployment,
  responses: readonly { status: number; body: Record<string, unknown> }[],
  grantType: 'refresh_token' | 'client_credentials' = 'refresh_token',
): string[] {
  const tokens = new Set(responses.map(({ body }) => body.access_token))
  const refused = responses.filter(({ status }) => status !== 200)
  const asked = entra.counts().token[grantType]
  return [
    ...refused.slice(0, 1).map(({ status, body }) => {
      return `${refused.length} of ${responses.length} callers get ${status} ${body.code}`
    }),
    ...(tokens.size > 1 && refused.length === 0 ? [`${tokens.size} different tokens`] : []),
    ...(asked === 1 ? [] : [`Entra was asked ${asked} times`]),
  ]
}

/** Returns a failure unless the grant can be refreshed, which means that no refresh token was used twice. */
async function refreshable(product: Deployment, path: string): Promise<string[]> {
  product.network.delayMs = 0
  await expireTokens(product)
  const { status, body } = await product.call(0, 'POST', path, {})
  if (status === 200) return []
  return [`afterwards a caller gets ${status} ${body.code}: ${product.lastLog()}`]
}

async function expired(product: Deployment, delayMs: number) {
  const account = await product.connect()
  await expireTokens(product)
  product.network.delayMs = delayMs
  product.entra.control.resetCounts()
  return account
}

const refusedTwice = ({ entra }: Deployment): string[] => {
  const refused = entra.tokenCalls().filter(({ status }) => status !== 200)
  return refused.map(({ grantType, status }) => `Entra refused a ${grantType} with ${status}`)
}

async function refreshRace(product: Deployment, callers: number, delayMs: number, path: string) {
  await expireTokens(product)
  product.network.delayMs = delayMs
  product.entra.control.resetCounts()
  const responses = await onBoth(callers, (at) => product.call(at, 'POST', path, {}))
  return [...oneToken(product, responses), ...(await refreshable(product, path))]
}

async function rejectedRace(product: Deployment, callers: number, delayMs: number) {
  const { path } = await product.connect()
  const { body } = await product.call(0, 'POST', path, {})
  const db = await product.db()
  await db
    .prepare('UPDATE grant_tokens SET issued_at = ?')
    .bind(Date.now() - 120_000)
    .run()
  product.network.delayMs = delayMs
  product.entra.control.resetCounts()
  const refused = { rejected_expires_at: body.expires_at }
  const responses = await onBoth(callers, (at) => product.call(at, 'POST', path, refused))
  return [...oneToken(product, responses), ...(await refreshable(product, path))]
}

async function outageRace(product: Deployment, callers: number, delayMs: number) {
  const { path } = await expired(product, delayMs)
  product.entra.control.faultNext({ kind: 'outage', times: 1000 })
  const responses = await onBoth(callers, (at) => product.call(at, 'POST', path, {}))
  product.entra.control.clearFaults()
  const asked = product.entra.counts().token.refresh_token
  const wrong = responses.filter(({ body }) => body.code !== 'provider_unavailable')
  const db = await product.db()
  await db.prepare('UPDATE grant_tokens SET retry_at = 1 WHERE retry_at IS NOT NULL').run()
  return [
    ...(asked === 1 ? [] : [`Entra was asked ${asked} times during the outage`]),
    ...wrong.map(({ status, body }) => `a caller gets ${status} ${body.code}`),
    ...(await refreshable(product, path)),
  ]
}

async function reconnectRace(product: Deployment, callers: number, delayMs: number) {
  const { id, path } = await product.connect()
  const started = await product.startSignIn({ mail_account_id: id, apply: 'at_once' })
  await expireTokens(product)
  product.network.delayMs = delayMs
  product.entra.control.resetCounts()
  const [responses] = await Promise.all([
    onBoth(callers, (at) => product.call(at, 'POST', path, {})),
    product.visit(1, started.path, started.cookie),
  ])
  const refused = responses.filter(({ status }) => status !== 200)
  const { status } = await product.expectStatus(200, 'GET', `/v1/authorizations/${started.id}`)
  return [
    ...refused.map(({ status, body }) => `a caller gets ${status} ${body.code}`),
    ...(status === 'completed' ? [] : [`the reconnection is ${status}`]),
    ...refusedTwice(product),
    ...(await refreshable(product, path)),
  ]
}

async function settingsRace(product: Deployment, callers: number, delayMs: number) {
  const { path } = await expired(product, delayMs)
  const settings = '/v1/integrations/microsoft/settings'
  const { client_id, tenant } = await product.expectStatus(200, 'GET', settings)
  const [responses, changed] = await Promise.all([
    onBoth(callers, (at) => product.call(at, 'POST', path, {})),
    product.call(1, 'PUT', settings, { client_id, tenant }),
  ])
  return [
    ...oneToken(product, responses),
    ...(changed.status === 200 ? [] : [`the change gets ${changed.status}`]),
    ...(await refreshable(product, path)),
  ]
}

async function maintenanceRace(product: Deployment, callers: number, delayMs: number) {
  const { path } = await expired(product, delayMs)
  const [responses] = await Promise.all([
    onBoth(callers, (at) => product.call(at, 'POST', path, {})),
    product.maintain?.(0),
    product.maintain?.(1),
  ])
  const refused = responses.filter(({ status }) => status !== 200)
  return [
    ...refused.map(({ status, body }) => `a caller gets ${status} ${body.code}`),
    ...refusedTwice(product),
    ...(await refreshable(product, path)),
  ]
}

async function deletionRace(product: Deployment, callers: number, delayMs: number) {
  const { id, path } = await expired(product, delayMs)
  const [responses, deleted] = await Promise.all([
    onBoth(callers, (at) => product.call(at, 'POST', path, {})),
    product.call(1, 'DELETE', `/v1/mail-accounts/${id}`),
  ])
  const wrong = responses.filter(({ status }) => ![200, 404, 409].includes(status))
  return [
    ...wrong.map(({ status, body }) => `a caller gets ${status} ${body.code}`),
    ...(deleted.status === 204 ? [] : [`the deletion gets ${deleted.status}`]),
    ...refusedTwice(product),
  ]
}

async function appTokenRace(product: Deployment, callers: number, delayMs: number) {
  const { id } = await product.expectStatus(201, 'POST', '/v1/mail-accounts', appOnlyForm())
  await (await product.db()).prepare('DELETE FROM app_tokens').run()
  product.network.delayMs = delayMs
  product.entra.control.resetCounts()
  const path = `/v1/mail-accounts/${id}/access-token`
  const responses = await onBoth(callers, (at) => product.call(at, 'POST', path, {}))
  return oneToken(product, responses, 'client_credentials')
}

/** Returns failures unless one of the responses is the page of success and the others say so. */
async function oneSignIn(
  product: Deployment,
  authorization: string,
  responses: readonly { status: number }[],
): Promise<string[]> {
  const exchanges = product.entra.counts().token.authorization_code
  const completed = responses.filter(({ status }) => status === 200).length
  const broken = responses.filter(({ status }) => status >= 500)
  const { status } = await product.expectStatus(200, 'GET', `/v1/authorizations/${authorization}`)
  return [
    ...(exchanges === 1 ? [] : [`the code was redeemed ${exchanges} times`]),
    ...(completed === 1 ? [] : [`${completed} pages of success`]),
    ...broken.map((response) => `a page with status ${response.status}`),
    ...(status === 'completed' ? [] : [`the sign-in is ${status}`]),
  ]
}

const countGrants = async (product: Deployment): Promise<number> =>
  (await (await product.db()).prepare('SELECT COUNT(*) AS n FROM grants').first<number>('n')) ?? 0

/** Starts a sign-in and lets many browsers return from it. Returns what went wrong, also if it made other grants than `made`. */
async function manyCallbacks(
  product: Deployment,
  browsers: number,
  delayMs: number,
  { input, made }: { input?: Record<string, unknown>; made: number },
) {
  const { id, path, cookie } = await product.startSignIn(input)
  const before = await countGrants(product)
  product.network.delayMs = delayMs
  product.entra.control.resetCounts()
  const responses = await onBoth(browsers, (at) => product.visit(at, path, cookie))
  const grants = (await countGrants(product)) - before
  return [
    ...(await oneSignIn(product, id, responses)),
    ...(grants === made ? [] : [`${grants} new grants`]),
  ]
}

const callbackRace = (product: Deployment, browsers: number, delayMs: number) =>
  manyCallbacks(product, browsers, delayMs, { made: 1 })

async function reconnectingCallbacks(product: Deployment, browsers: number, delayMs: number) {
  const account = await product.connect()
  const input = { mail_account_id: account.id, apply: 'at_once' }
  return [
    ...(await manyCallbacks(product, browsers, delayMs, { input, made: 0 })),
    ...(await refreshable(product, account.path)),
  ]
}

/** Alice signed in for Bob's mailbox, and the button is pressed many times. */
async function decisionRace(product: Deployment, presses: number) {
  const { id, path, cookie, browser } = await product.startSignIn({ username: 'bob@contoso.test' })
  const question = await browser.visit(product.publicUrl + path, {
    from: { url: 'https://login.microsoftonline.com/common/consent', headers: new Headers() },
  })
  const fields = question.forms[0]?.fields.map(({ name, value }) => [name, value]) ?? []
  const form = new URLSearchParams({ ...Object.fromEntries(fields), decision: 'keep' })
  const before = await countGrants(product)
  const responses = await onBoth(presses, (at) =>
    product.visit(at, '/oauth/microsoft/callback', cookie, form),
  )
  const grants = (await countGrants(product)) - before
  const broken = responses.filter(({ status }) => status >= 500)
  const { status } = await product.expectStatus(200, 'GET', `/v1/authorizations/${id}`)
  return [
    ...(grants === 1 ? [] : [`${grants} new grants`]),
    ...broken.map((response) => `a page with status ${response.status}`),
    ...(status === 'completed' ? [] : [`the sign-in is ${status}`]),
  ]
}

let saves = 0

async function saveRace(product: Deployment, callers: number) {
  saves += 1
  const form = passwordForm({ owner: { type: 'department', id: `race_${saves}` } })
  const key = { 'idempotency-key': `race-${saves}` }
  const responses = await onBoth(callers, (at) =>
    product.call(at, 'POST', '/v1/mail-accounts', form, key),
  )
  const ids = new Set(responses.flatMap(({ body }) => (body.id ? [body.id] : [])))
  const wrong = responses.filter(
    ({ status, body }) => status !== 201 && body.code !== 'idempotency_in_progress',
  )
  const listed = await product.expectStatus(
    200,
    'GET',
    `/v1/mail-accounts?owner_type=department&owner_id=race_${saves}`,
  )
  const saved = (listed.data as unknown[]).length
  return [
    ...(ids.size === 1 && saved === 1 ? [] : [`${saved} accounts under ${ids.size} ids`]),
    ...wrong.map(({ status, body }) => `a caller gets ${status} ${body.code}`),
  ]
}
