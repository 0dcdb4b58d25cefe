/**
 * Faults of Entra at each endpoint that the product calls. Afterwards Entra is healthy and time passes, so the grant
 * must be usable, unless Entra has said that it is dead.
 */
import { vi } from 'vitest'
import { appOnlyForm } from '../api/app-only-world.ts'
import { imapForm } from '../api/mail-world.ts'
import { savedAccount } from '../api/saved-account.ts'
import {
  authorize,
  browserOf,
  callbackUrl,
  readAuthorization,
  returnFromMicrosoft,
} from '../api/sign-in.ts'
import {
  type EntraFault,
  keyFaults,
  type Meaning,
  numberFaults,
  tokenFaults,
} from './entra-kinds.ts'
import { createFaultyWorld, type FaultyWorld } from './entra-world.ts'
import { createTally, type Kind, type Size } from './kinds.ts'

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
/** Longer than the daily retry of a blocked grant. */
const LATER = 25 * HOUR

type Body = { code?: string; access_token?: string }

type Context = { name: string; run: (fault: EntraFault) => Promise<string[]> }

const refreshes: readonly Context[] = [1, 2, 4].map((times) => ({
  name: `${times} refreshes`,
  run: (fault) => refreshTrial(fault, times),
}))

const exchange: Context = { name: 'exchange of a code', run: (fault) => exchangeTrial(fault) }

/** Operations that call the token endpoint, and so can meet its faults. */
const tokenContexts: readonly Context[] = [
  ...refreshes,
  { name: 'refresh of a token that is still valid', run: bridgedTrial },
  exchange,
  ...[1, 3].map((times) => ({
    name: `${times} requests for an app-only token`,
    run: (fault: EntraFault) => appTokenTrial(fault, times),
  })),
]

const keyContexts: readonly Context[] = (['new', 'warm', 'rotated'] as const).map((start) => ({
  name: `sign-in, ${start} keys`,
  run: (fault) => keysTrial(fault, start),
}))

export async function entraFaults(size: Size): Promise<Kind[]> {
  const tally = createTally()
  const full = size === 'full'
  const run = async (
    fault: EntraFault,
    kind: string,
    contexts: readonly Context[],
    turn: number,
  ) => {
    // In small size the contexts take turns.
    const one = fault.forged ? [exchange] : contexts.slice(turn % contexts.length).slice(0, 1)
    const chosen = full ? contexts : one
    for (const context of chosen) {
      await tally.trial(kind, async () =>
        (await context.run(fault)).map((failure) => `${context.name}: ${failure}`),
      )
    }
  }
  try {
    for (const [turn, fault] of tokenFaults.entries()) {
      await run(fault, `token: ${fault.name}`, tokenContexts, turn)
    }
    for (const [turn, group] of numberFaults.entries()) {
      for (const fault of full ? group : group.slice(0, 1)) {
        await run(fault, `token: ${fault.name}`, tokenContexts, turn)
      }
    }
    for (const [turn, fault] of keyFaults.entries()) {
      await run(fault, `keys: ${fault.name}`, keyContexts, turn)
    }
  } finally {
    vi.useRealTimers()
  }
  return tally.kinds()
}

/** Codes with which a call may be refused while Entra responds like this. */
const expectedCodes: Record<Meaning, readonly string[]> = {
  passes: ['provider_unavailable'],
  suspect: ['provider_unavailable', 'reconnect_required'],
  blocks: ['grant_blocked', 'credential_rejected', 'provider_unavailable'],
  ends: ['reconnect_required', 'grant_blocked', 'provider_unavailable'],
}

/** Calls `times` times while Entra fails, an hour apart. Returns the responses that are not expected. */
async function callDuringFault(
  world: FaultyWorld,
  path: string,
  { meaning }: EntraFault,
  times: number,
): Promise<string[]> {
  const failures: string[] = []
  for (let at = 1; at <= times; at += 1) {
    const response = await world.call('POST', path, {})
    const { code = 'none' } = await response.json<Body>()
    const confirmed = meaning === 'suspect' && at > 1
    const expected =
      response.status === 200 ||
      (expectedCodes[meaning].includes(code) &&
        (meaning !== 'suspect' || confirmed || code === 'provider_unavailable'))
    if (!expected) failures.push(`call ${at} during the fault returns ${response.status} ${code}`)
    world.advance(HOUR)
  }
  return failures
}

/** Fails `times` refreshes, then expects a token. */
async function refreshTrial(fault: EntraFault, times: number): Promise<string[]> {
  const world = await createFaultyWorld(fault)
  const { id, path, grant } = await savedAccount(world)
  world.advance(2 * DAY)
  world.inject('refresh', fault.respond)
  const failures = await callDuringFault(world, path, fault, times)
  world.heal()
  world.advance(LATER)
  const mayBeDead = fault.meaning === 'ends' || (fault.meaning === 'suspect' && times > 1)
  if (mayBeDead && (await world.grantStatus(grant)) === 'reconnect_required') {
    failures.push(...(await signInAgain(world, id)))
  }
  failures.push(...(await expectToken(world, path)))
  const status = await world.grantStatus(grant)
  if (status !== 'active') failures.push(`afterwards the grant is ${status}`)
  return [...failures, ...(await findings(world))]
}

/** Fails a refresh three minutes before the expiry: the stored token bridges the outage. */
async function bridgedTrial(fault: EntraFault): Promise<string[]> {
  if (fault.meaning !== 'passes') return refreshTrial(fault, 1)
  const world = await createFaultyWorld(fault)
  world.entra.control.setTokenLifetime(HOUR)
  const { path } = await savedAccount(world)
  world.advance(HOUR - 3 * MINUTE)
  world.inject('refresh', fault.respond)
  const { status } = await world.call('POST', path, {})
  const failures = status === 200 ? [] : [`a valid token is withheld: ${status}`]
  return [...failures, ...(await findings(world))]
}

/** Requests the app's own token this many times during the fault. Returns what is wrong. */
async function appTokenTrial(fault: EntraFault, times: number): Promise<string[]> {
  const world = await createFaultyWorld(fault)
  await world.activate()
  const { id } = await world.save(appOnlyForm())
  const path = `/v1/mail-accounts/${id}/access-token`
  world.inject('app_token', fault.respond)
  const failures: string[] = []
  for (let at = 1; at <= times; at += 1) {
    const response = await world.call('POST', path, {})
    const { code = 'none' } = await response.json<Body>()
    const wrong =
      code === 'reconnect_required' ||
      (fault.meaning === 'passes' && response.status !== 200 && code !== 'provider_unavailable')
    if (wrong) failures.push(`call ${at} during the fault returns ${response.status} ${code}`)
    world.advance(HOUR)
  }
  world.heal()
  world.advance(LATER)
  failures.push(...(await expectToken(world, path)))
  return [...failures, ...(await findings(world))]
}

/** Fails a sign-in that reconnects. The old grant stays usable, and the next sign-in works. */
async function exchangeTrial(fault: EntraFault): Promise<string[]> {
  const world = await createFaultyWorld(fault)
  const { id, path } = await savedAccount(world)
  world.inject('exchange', fault.respond)
  const failures: string[] = []
  const status = await signIn(world, { mail_account_id: id, apply: 'at_once' })
  if (status === 'pending') failures.push('the failed sign-in stays pending')
  if (fault.forged && status !== 'failed') failures.push(`a forged id_token: ${status}`)
  world.heal()
  world.advance(LATER)
  failures.push(...(await expectToken(world, path)), ...(await signInAgain(world, id)))
  world.advance(LATER)
  failures.push(...(await expectToken(world, path)))
  return [...failures, ...(await findings(world))]
}

/**
 * Responds wrongly to the request for signing keys. `warm`: the keys of yesterday are known and still valid, so that
 * the fault must not be noticed. Five minutes later a sign-in must work in any case.
 */
async function keysTrial(fault: EntraFault, start: 'new' | 'warm' | 'rotated'): Promise<string[]> {
  const world = await createFaultyWorld(fault)
  await world.activate()
  const failures: string[] = []
  if (start !== 'new') {
    failures.push(...(await signInAndSave(world)))
    world.advance(LATER)
  }
  if (start === 'rotated') world.entra.control.rotateKeys()
  world.inject('keys', fault.respond)
  const { id, url } = await authorize(world)
  const browser = browserOf(world)
  const back = await callbackUrl(world, browser, url)
  await returnFromMicrosoft(browser, back)
  const { status } = await readAuthorization(world, id)
  if (start === 'warm' && !fault.withdrawn && status !== 'completed')
    failures.push('valid keys are no longer used')
  world.heal()
  world.advance(5 * MINUTE + 1)
  if (status === 'pending') {
    // The code is not spent, so a reload completes the sign-in.
    await returnFromMicrosoft(browser, back)
    const reloaded = (await readAuthorization(world, id)).status
    if (reloaded !== 'completed') failures.push(`after a reload the sign-in is ${reloaded}`)
  }
  failures.push(...(await signInAndSave(world)))
  return [...failures, ...(await findings(world))]
}

/** Signs Alice in. Returns the status of the authorization. */
async function signIn(world: FaultyWorld, body: Record<string, unknown> = {}): Promise<string> {
  const { id, url } = await authorize(world, body)
  const browser = browserOf(world)
  await returnFromMicrosoft(browser, await callbackUrl(world, browser, url))
  return (await readAuthorization(world, id)).status
}

async function signInAgain(world: FaultyWorld, account: string): Promise<string[]> {
  const status = await signIn(world, { mail_account_id: account, apply: 'at_once' })
  return status === 'completed' ? [] : [`afterwards a new sign-in is ${status}`]
}

/** Signs in for a new account and expects a token for it. */
async function signInAndSave(world: FaultyWorld): Promise<string[]> {
  const { id, url } = await authorize(world)
  const browser = browserOf(world)
  await returnFromMicrosoft(browser, await callbackUrl(world, browser, url))
  const { status, grant, problem } = await readAuthorization(world, id)
  if (!grant) return [`afterwards a sign-in is ${status}: ${problem?.detail}`]
  const account = await world.save(imapForm(grant.id))
  return expectToken(world, `/v1/mail-accounts/${account.id}/access-token`)
}

/** Returns what keeps a caller from a token that Entra knows. */
async function expectToken(world: FaultyWorld, path: string): Promise<string[]> {
  const response = await world.call('POST', path, {})
  const { access_token: token, code } = await response.json<Body>()
  if (!token) return [`afterwards a caller gets ${response.status} ${code}`]
  return world.entra.checkToken(token) ? [] : ['afterwards Entra does not know the token']
}

async function findings(world: FaultyWorld): Promise<string[]> {
  return [...(await world.leaks()), ...world.serverErrors()]
}
