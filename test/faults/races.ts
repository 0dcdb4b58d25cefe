/**
 * Many callers at once on two isolates. Entra ends a grant whose refresh token is used twice, and a code
 * works once, so every race that is lost shows.
 */

import { seeded } from '../seeded.ts'
import { type Isolates, startIsolates } from './isolates.ts'
import { createTally, type Kind, SEED, type Size } from './kinds.ts'

const KEYS = `k1:${Buffer.alloc(32, 1).toString('base64')}`

type Race = { name: string; rounds: number; run: (isolates: Isolates) => Promise<string[]> }

export async function races(size: Size): Promise<Kind[]> {
  const tally = createTally()
  const random = seeded(SEED)
  const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)] as Value
  const isolates = await startIsolates({ keys: KEYS, entra: { strictRotation: true } })
  try {
    const { path } = await isolates.connect()
    const list: Race[] = [
      {
        name: 'refresh',
        rounds: 120,
        run: () => refreshRace(isolates, pick([2, 3, 10, 50]), random(300), path),
      },
      {
        name: 'refresh while Entra takes 4 to 9 s',
        rounds: 3,
        run: () => refreshRace(isolates, 20, 4000 + random(5000), path),
      },
      {
        name: 'refresh of a token that a mail server refused',
        rounds: 20,
        run: () => rejectedRace(isolates, pick([2, 20]), random(200)),
      },
      {
        name: 'refresh while Entra is down',
        rounds: 20,
        run: () => outageRace(isolates, pick([2, 20]), random(200)),
      },
      {
        name: 'refresh beside a reconnection',
        rounds: 30,
        run: () => reconnectRace(isolates, pick([2, 10]), random(200)),
      },
      {
        name: 'refresh beside a change of the settings',
        rounds: 20,
        run: () => settingsRace(isolates, pick([2, 10]), random(200)),
      },
      {
        name: 'refresh beside the maintenance',
        rounds: 10,
        run: () => maintenanceRace(isolates, pick([2, 10]), random(200)),
      },
      {
        name: 'refresh beside the deletion of the account',
        rounds: 20,
        run: () => deletionRace(isolates, pick([2, 10]), random(200)),
      },
      { name: 'app-only token', rounds: 15, run: () => appTokenRace(isolates, 30, random(200)) },
      { name: '50 callbacks', rounds: 15, run: () => callbackRace(isolates, 50, random(200)) },
      {
        name: '50 callbacks that reconnect',
        rounds: 10,
        run: () => reconnectingCallbacks(isolates, 50, random(200)),
      },
      { name: '30 decisions on one account', rounds: 10, run: () => decisionRace(isolates, 30) },
      { name: '30 saves with one Idempotency-Key', rounds: 10, run: () => saveRace(isolates, 30) },
    ]
    for (const { name, rounds, run } of list) {
      const trials = size === 'full' ? rounds : Math.ceil(rounds / 20)
      for (let round = 1; round <= trials; round += 1) {
        await tally.trial(name, async () => {
          const failures = [...(await run(isolates)), ...leaks(isolates)]
          isolates.network.delayMs = 0
          return failures.map((failure) => `round ${round} of seed ${SEED}: ${failure}`)
        })
      }
    }
  } finally {
    await isolates.stop()
  }
  return tally.kinds()
}

/** Starts `count` calls at once, alternately on both isolates. */
const onBoth = <Value>(count: number, start: (at: number) => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => start(at)))

/** Returns what tokens were shown in the log of workerd. */
function leaks({ logs, entra }: Isolates): string[] {
  const text = logs.splice(0).join('\n')
  return entra
    .issuedSecrets()
    .filter((secret) => text.includes(secret))
    .map((secret) => `the log shows ${secret.slice(0, 20)}...`)
}

/** Returns a failure unless every caller has the same token, by one refresh. */
function oneToken(
  { entra }: Isolates,
  answers: readonly { status: number; body: Record<string, unknown> }[],
  grantType: 'refresh_token' | 'client_credentials' = 'refresh_token',
): string[] {
  const tokens = new Set(answers.map(({ body }) => body.access_token))
  const refused = answers.filter(({ status }) => status !== 200)
  const asked = entra.counts().token[grantType]
  return [
    ...refused.slice(0, 1).map(({ status, body }) => {
      return `${refused.length} of ${answers.length} callers are answered ${status} ${body.code}`
    }),
    ...(tokens.size > 1 && refused.length === 0 ? [`${tokens.size} different tokens`] : []),
    ...(asked === 1 ? [] : [`Entra was asked ${asked} times`]),
  ]
}

/** Returns a failure unless the grant can be refreshed: no refresh token was used twice. */
async function refreshable(isolates: Isolates, path: string): Promise<string[]> {
  isolates.network.delayMs = 0
  await isolates.expire()
  const { status, body } = await isolates.call(0, 'POST', path, {})
  if (status === 200) return []
  return [`afterwards a caller is answered ${status} ${body.code}: ${isolates.logs.slice(-3)}`]
}

async function expired(isolates: Isolates, delayMs: number) {
  const account = await isolates.connect()
  await isolates.expire()
  isolates.network.delayMs = delayMs
  isolates.entra.control.resetCounts()
  return account
}

const refusedTwice = ({ entra }: Isolates): string[] => {
  const refused = entra.tokenCalls().filter(({ status }) => status !== 200)
  return refused.map(({ grantType, status }) => `Entra refused a ${grantType} with ${status}`)
}

async function refreshRace(isolates: Isolates, callers: number, delayMs: number, path: string) {
  await isolates.expire()
  isolates.network.delayMs = delayMs
  isolates.entra.control.resetCounts()
  const answers = await onBoth(callers, (at) => isolates.call(at, 'POST', path, {}))
  return [...oneToken(isolates, answers), ...(await refreshable(isolates, path))]
}

async function rejectedRace(isolates: Isolates, callers: number, delayMs: number) {
  const { path } = await isolates.connect()
  const { body } = await isolates.call(0, 'POST', path, {})
  const db = await isolates.db()
  await db
    .prepare('UPDATE grants SET refreshed_at = ?')
    .bind(Date.now() - 120_000)
    .run()
  isolates.network.delayMs = delayMs
  isolates.entra.control.resetCounts()
  const refused = { rejected_expires_at: body.expires_at }
  const answers = await onBoth(callers, (at) => isolates.call(at, 'POST', path, refused))
  return [...oneToken(isolates, answers), ...(await refreshable(isolates, path))]
}

async function outageRace(isolates: Isolates, callers: number, delayMs: number) {
  const { path } = await expired(isolates, delayMs)
  isolates.entra.control.faultNext({ kind: 'outage', times: 1000 })
  const answers = await onBoth(callers, (at) => isolates.call(at, 'POST', path, {}))
  isolates.entra.control.clearFaults()
  const asked = isolates.entra.counts().token.refresh_token
  const wrong = answers.filter(({ body }) => body.code !== 'provider_unavailable')
  const db = await isolates.db()
  await db.prepare('UPDATE grants SET retry_at = 1 WHERE retry_at IS NOT NULL').run()
  return [
    ...(asked === 1 ? [] : [`Entra was asked ${asked} times during the outage`]),
    ...wrong.map(({ status, body }) => `a caller is answered ${status} ${body.code}`),
    ...(await refreshable(isolates, path)),
  ]
}

async function reconnectRace(isolates: Isolates, callers: number, delayMs: number) {
  const { id, path } = await isolates.connect()
  const started = await isolates.startSignIn({ mail_account_id: id, apply: 'at_once' })
  await isolates.expire()
  isolates.network.delayMs = delayMs
  isolates.entra.control.resetCounts()
  const [answers] = await Promise.all([
    onBoth(callers, (at) => isolates.call(at, 'POST', path, {})),
    isolates.visit(1, started.path, started.cookie),
  ])
  const refused = answers.filter(({ status }) => status !== 200)
  const { status } = await isolates.expectStatus(200, 'GET', `/v1/authorizations/${started.id}`)
  return [
    ...refused.map(({ status, body }) => `a caller is answered ${status} ${body.code}`),
    ...(status === 'completed' ? [] : [`the reconnection is ${status}`]),
    ...refusedTwice(isolates),
    ...(await refreshable(isolates, path)),
  ]
}

async function settingsRace(isolates: Isolates, callers: number, delayMs: number) {
  const { path } = await expired(isolates, delayMs)
  const settings = '/v1/integrations/microsoft/settings'
  const { client_id, tenant } = await isolates.expectStatus(200, 'GET', settings)
  const [answers, changed] = await Promise.all([
    onBoth(callers, (at) => isolates.call(at, 'POST', path, {})),
    isolates.call(1, 'PUT', settings, { client_id, tenant }),
  ])
  return [
    ...oneToken(isolates, answers),
    ...(changed.status === 200 ? [] : [`the change is answered ${changed.status}`]),
    ...(await refreshable(isolates, path)),
  ]
}

async function maintenanceRace(isolates: Isolates, callers: number, delayMs: number) {
  const { path } = await expired(isolates, delayMs)
  const [answers] = await Promise.all([
    onBoth(callers, (at) => isolates.call(at, 'POST', path, {})),
    isolates.maintain(0),
    isolates.maintain(1),
  ])
  const refused = answers.filter(({ status }) => status !== 200)
  return [
    ...refused.map(({ status, body }) => `a caller is answered ${status} ${body.code}`),
    ...refusedTwice(isolates),
    ...(await refreshable(isolates, path)),
  ]
}

async function deletionRace(isolates: Isolates, callers: number, delayMs: number) {
  const { id, path } = await expired(isolates, delayMs)
  const [answers, deleted] = await Promise.all([
    onBoth(callers, (at) => isolates.call(at, 'POST', path, {})),
    isolates.call(1, 'DELETE', `/v1/mail-accounts/${id}`),
  ])
  const wrong = answers.filter(({ status }) => ![200, 404, 409].includes(status))
  return [
    ...wrong.map(({ status, body }) => `a caller is answered ${status} ${body.code}`),
    ...(deleted.status === 204 ? [] : [`the deletion is answered ${deleted.status}`]),
    ...refusedTwice(isolates),
  ]
}

async function appTokenRace(isolates: Isolates, callers: number, delayMs: number) {
  const { id } = await isolates.expectStatus(201, 'POST', '/v1/mail-accounts', {
    owner: { type: 'department', id: 'dep_1' },
    protocol: 'imap',
    username: 'support@contoso.test',
    authentication: {
      type: 'oauth',
      provider: 'microsoft',
      flow: 'app_only',
      tenant: 'contoso.test',
    },
  })
  await (await isolates.db()).prepare('DELETE FROM app_tokens').run()
  isolates.network.delayMs = delayMs
  isolates.entra.control.resetCounts()
  const path = `/v1/mail-accounts/${id}/access-token`
  const answers = await onBoth(callers, (at) => isolates.call(at, 'POST', path, {}))
  return oneToken(isolates, answers, 'client_credentials')
}

/** Returns failures unless one of the answers is the page of success and the others say so. */
async function oneSignIn(
  isolates: Isolates,
  authorization: string,
  answers: readonly { status: number }[],
): Promise<string[]> {
  const exchanges = isolates.entra.counts().token.authorization_code
  const completed = answers.filter(({ status }) => status === 200).length
  const broken = answers.filter(({ status }) => status >= 500)
  const { status } = await isolates.expectStatus(200, 'GET', `/v1/authorizations/${authorization}`)
  return [
    ...(exchanges === 1 ? [] : [`the code was redeemed ${exchanges} times`]),
    ...(completed === 1 ? [] : [`${completed} pages of success`]),
    ...broken.map((answer) => `a page with status ${answer.status}`),
    ...(status === 'completed' ? [] : [`the sign-in is ${status}`]),
  ]
}

const countGrants = async (isolates: Isolates): Promise<number> =>
  (await (await isolates.db()).prepare('SELECT COUNT(*) AS n FROM grants').first<number>('n')) ?? 0

async function callbackRace(isolates: Isolates, browsers: number, delayMs: number) {
  const { id, path, cookie } = await isolates.startSignIn()
  const before = await countGrants(isolates)
  isolates.network.delayMs = delayMs
  isolates.entra.control.resetCounts()
  const answers = await onBoth(browsers, (at) => isolates.visit(at, path, cookie))
  const grants = (await countGrants(isolates)) - before
  return [
    ...(await oneSignIn(isolates, id, answers)),
    ...(grants === 1 ? [] : [`${grants} new grants`]),
  ]
}

async function reconnectingCallbacks(isolates: Isolates, browsers: number, delayMs: number) {
  const account = await isolates.connect()
  const input = { mail_account_id: account.id, apply: 'at_once' }
  const { id, path, cookie } = await isolates.startSignIn(input)
  const before = await countGrants(isolates)
  isolates.network.delayMs = delayMs
  isolates.entra.control.resetCounts()
  const answers = await onBoth(browsers, (at) => isolates.visit(at, path, cookie))
  const grants = (await countGrants(isolates)) - before
  return [
    ...(await oneSignIn(isolates, id, answers)),
    ...(grants === 0 ? [] : [`${grants} new grants`]),
    ...(await refreshable(isolates, account.path)),
  ]
}

/** Alice signed in for Bob's mailbox, and the button is pressed many times. */
async function decisionRace(isolates: Isolates, presses: number) {
  const { id, path, cookie, browser } = await isolates.startSignIn({ username: 'bob@contoso.test' })
  const question = await browser.visit(`http://localhost:8787${path}`, {
    from: { url: 'https://login.microsoftonline.com/common/consent', headers: new Headers() },
  })
  const fields = question.forms[0]?.fields.map(({ name, value }) => [name, value]) ?? []
  const form = new URLSearchParams({ ...Object.fromEntries(fields), decision: 'keep' })
  const before = await countGrants(isolates)
  const answers = await onBoth(presses, (at) =>
    isolates.visit(at, '/oauth/microsoft/callback', cookie, form),
  )
  const grants = (await countGrants(isolates)) - before
  const broken = answers.filter(({ status }) => status >= 500)
  const { status } = await isolates.expectStatus(200, 'GET', `/v1/authorizations/${id}`)
  return [
    ...(grants === 1 ? [] : [`${grants} new grants`]),
    ...broken.map((answer) => `a page with status ${answer.status}`),
    ...(status === 'completed' ? [] : [`the sign-in is ${status}`]),
  ]
}

let saves = 0

async function saveRace(isolates: Isolates, callers: number) {
  saves += 1
  const form = {
    owner: { type: 'department', id: `race_${saves}` },
    protocol: 'imap',
    host: 'mail.example.org',
    username: 'desk@example.org',
    authentication: { type: 'password', password: 'correct horse' },
  }
  const key = { 'idempotency-key': `race-${saves}` }
  const answers = await onBoth(callers, (at) =>
    isolates.call(at, 'POST', '/v1/mail-accounts', form, key),
  )
  const ids = new Set(answers.flatMap(({ body }) => (body.id ? [body.id] : [])))
  const wrong = answers.filter(
    ({ status, body }) => status !== 201 && body.code !== 'idempotency_in_progress',
  )
  const listed = await isolates.expectStatus(
    200,
    'GET',
    `/v1/mail-accounts?owner_type=department&owner_id=race_${saves}`,
  )
  const saved = (listed.data as unknown[]).length
  return [
    ...(ids.size === 1 && saved === 1 ? [] : [`${saved} accounts under ${ids.size} ids`]),
    ...wrong.map(({ status, body }) => `a caller is answered ${status} ${body.code}`),
  ]
}
