/**
 * One refresh token and two resources: callers ask two isolates for access tokens of both at once, or one resource
 * fails while the other goes on. Entra ends a grant whose refresh token is used twice, so a lost race shows.
 */

import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { enableGraph, graphForm } from '../api/graph-world.ts'
import { PUBLIC_URL, ROOT_KEY } from '../api/harness.ts'
import { activeMailWorld, createMailWorld, imapForm, type MailWorld } from '../api/mail-world.ts'
import { getWithCookie, readAuthorization, startSignIn } from '../api/sign-in.ts'
import type { FaultInput } from '../sandbox/entra/entra.ts'
import { faultOf, GRAPH_FAULTS, type GraphFault } from '../sandbox/graph/errors.ts'
import { seeded } from '../seeded.ts'
import { createTally, type Kind, SEED, type Size } from './kinds.ts'

const HOUR = 3600
const RACES = { small: 100, full: 10_000 }
const AUDIENCES = ['https://outlook.office.com', 'https://graph.microsoft.com']

/** Signs alice in for both resources, and saves an account for each. Returns the paths of their access tokens. */
export async function connectBoth(world: MailWorld): Promise<[outlook: string, graph: string]> {
  expect((await enableGraph(world)).status).toBe(200)
  const signIn = await startSignIn(world, undefined, { protocols: ['imap', 'graph_send'] })
  await getWithCookie(world, signIn.back, signIn.cookie)
  const grant = (await readAuthorization(world, signIn.id)).grant?.id ?? ''
  const imap = await world.save(imapForm(grant))
  const graph = await world.save(graphForm(grant))
  return [pathOf(imap.id), pathOf(graph.id)]
}

const pathOf = (id: string) => `/v1/mail-accounts/${id}/access-token`
const idOf = (path: string) => path.split('/')[3] ?? ''

/** Lets all work that is ready go first, this many times. */
async function turns(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Pauses for a twentieth of the time, and leaves the clock as it is. */
const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  sleep(ms / 20, undefined, signal ? { signal } : {}).catch(() => {})

type Outcome = { status: number; token: string | undefined; code: string | undefined }

async function createTwoIsolates(random: (below: number) => number) {
  const first = await activeMailWorld({ entra: { strictRotation: true }, outside: { pause } })
  const { fetch, now } = first.services
  const entra = first.entra.fetch
  first.entra.fetch = async (...request) => {
    await turns(random(6))
    const response = await entra(...request)
    await turns(random(6))
    return response
  }
  const second = await createMailWorld({ keepDatabase: true, outside: { pause, fetch, now } })
  const paths = await connectBoth(first)
  /** Calls the app directly, since checking each response against the document would take longer than the races. */
  const call = async (at: number, path: string): Promise<Outcome> => {
    await turns(random(8))
    const { app } = at % 2 === 0 ? first : second
    const context = createExecutionContext()
    const headers = { authorization: `Bearer ${ROOT_KEY}` }
    const request = new Request(`${PUBLIC_URL}${path}`, { method: 'POST', headers })
    const response = await app.fetch(request, { clientAddress: '192.0.2.1' }, context)
    await waitOnExecutionContext(context)
    const { access_token: token, code } = await response.json<{
      access_token?: string
      code?: string
    }>()
    return { status: response.status, token, code }
  }
  return { ...first, paths, call, validateGraph: () => first.validateSaved(idOf(paths[1])) }
}

type TwoIsolates = Awaited<ReturnType<typeof createTwoIsolates>>

/** Returns what is wrong with the tokens that several callers got for this resource. */
function wrongTokens({ entra }: TwoIsolates, responses: readonly Outcome[], resource: number) {
  const refused = responses.find(({ status }) => status !== 200)
  if (refused) return [`a caller gets ${refused.status} ${refused.code}`]
  const tokens = [...new Set(responses.map(({ token }) => token ?? ''))]
  const audiences = tokens.map((token) => entra.checkToken(token)?.audience)
  return tokens.length === 1 && audiences[0] === AUDIENCES[resource]
    ? []
    : [`${tokens.length} tokens for ${audiences}`]
}

/** Both access tokens have expired, and this many callers ask for each. */
async function race(world: TwoIsolates, callers: number): Promise<string[]> {
  const { call, entra, paths } = world
  world.advance(2 * HOUR)
  entra.control.resetCounts()
  const responses = await Promise.all(
    paths.map((path) => Promise.all(Array.from({ length: callers }, (_, at) => call(at, path)))),
  )
  const calls = entra.tokenCalls().map(({ status }) => status)
  return [
    ...responses.flatMap((each, resource) => wrongTokens(world, each, resource)),
    ...(calls.join() === '200,200' ? [] : [`Entra returned ${calls}`]),
  ]
}

const FAULTS = ['outage', 'rate_limit', 'server_error', 'html', 'loop_detected'] as const

/** One resource fails: the other gets its token, and the failing one when Entra works again. */
async function oneFails(
  world: TwoIsolates,
  kind: FaultInput['kind'],
  failing: number,
): Promise<string[]> {
  const { call, entra, paths } = world
  world.advance(2 * HOUR)
  const resource = failing === 0 ? 'outlook' : 'graph'
  entra.control.faultNext({ kind, resource, times: 1000 })
  const responses = await Promise.all(paths.map((path, at) => call(at, path)))
  entra.control.clearFaults()
  const other = responses.filter((_, at) => at !== failing)
  const code = responses[failing]?.code
  world.advance(HOUR / 6)
  const later = await Promise.all(paths.map((path, at) => call(at, path)))
  return [
    ...wrongTokens(world, other, 1 - failing),
    ...(code === 'provider_unavailable' ? [] : [`the failing resource gets ${code}`]),
    ...later.flatMap((response, at) => wrongTokens(world, [response], at)),
  ]
}

/**
 * Graph refuses mail while both tokens have expired. Neither is lost, and mail is accepted once the fault has ended.
 */
async function graphFails(world: TwoIsolates, fault: GraphFault): Promise<string[]> {
  const { call, entra, paths, validateGraph } = world
  world.advance(2 * HOUR)
  entra.control.resetCounts()
  entra.control.setGraphFault('alice@contoso.test', fault)
  const [validation, ...responses] = await Promise.all([
    validateGraph(),
    ...paths.map((path, at) => call(at, path)),
  ])
  entra.control.setGraphFault('alice@contoso.test', null)
  world.advance(HOUR / 6)
  const outcomes = [validation.outcome, (await validateGraph()).outcome]
  const refused = entra.tokenCalls().filter(({ status }) => status !== 200)
  return [
    ...responses.flatMap((response, at) => wrongTokens(world, [response], at)),
    ...refused.map(({ status }) => `Entra returned ${status}`),
    ...((outcomes[0] === 'passed') === (faultOf(fault).onSending === true) &&
    outcomes[1] === 'passed'
      ? []
      : [`the validations end ${outcomes}`]),
  ]
}

/** The consent for Graph is withdrawn. Graph's account needs a new sign-in, and the other account still works. */
async function withdrawn(world: TwoIsolates): Promise<string[]> {
  const { call, entra, paths } = world
  entra.control.withdrawConsent('alice@contoso.test', 'graph')
  const failures: string[] = []
  for (let at = 0; at < 3; at += 1) {
    world.advance(2 * HOUR)
    const [outlook, graph] = await Promise.all(paths.map((path) => call(at, path)))
    failures.push(...wrongTokens(world, outlook ? [outlook] : [], 0))
    if (graph?.code !== 'reconnect_required') failures.push(`Graph gets ${graph?.code}`)
  }
  return failures
}

export async function bothResources(size: Size): Promise<Kind[]> {
  const tally = createTally()
  const random = seeded(SEED)
  const world = await createTwoIsolates(random)
  for (let round = 1; round <= RACES[size]; round += 1) {
    await tally.trial('both resources at once', async () =>
      (await race(world, 1 + random(4))).map((failure) => `round ${round}: ${failure}`),
    )
  }
  for (const kind of FAULTS) {
    for (const failing of [0, 1]) {
      await tally.trial(`${kind} of one resource`, () => oneFails(world, kind, failing))
    }
  }
  for (const fault of GRAPH_FAULTS) {
    await tally.trial('Graph refuses mail', async () =>
      (await graphFails(world, fault)).map((failure) => `${fault}: ${failure}`),
    )
  }
  await tally.trial('withdrawn consent', () => withdrawn(world))
  return tally.kinds()
}
