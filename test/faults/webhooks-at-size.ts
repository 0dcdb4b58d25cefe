/**
 * Webhooks at size, on a simulated clock: many mailboxes need reconnecting at once, and endpoints are
 * slow, fail at random, are mute, or ask for silence. Each trial is a message or a run.
 */
import type { Kind, Size } from './kinds.ts'
import {
  type Behaviour,
  createWebhookWorld,
  type SimulatedEndpoint,
  type WebhookWorld,
} from './webhook-world.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 24 * 60
/** Minutes in which an endpoint that responds within 100 ms has so many messages: 15 for 10,000. */
const minutesFor = (count: number) => Math.max(2, (15 * count) / 10_000)
/** Longest time in which an endpoint that is back after a pause gets all that waited. */
const MAX_DAYS = 4

/** Responds within 50 to 100 ms. */
const healthy: Behaviour = (random) => ({ ms: 50 + random(51), status: 204 })
/** Fails three times in ten: half with 500, half without a response. */
const flaky: Behaviour = (random) => {
  const ms = 50 + random(51)
  const chance = random(20)
  if (chance < 3) return { ms }
  return { ms, status: chance < 6 ? 500 : 204 }
}
const slow: Behaviour = () => ({ ms: 3000, status: 200 })
const mute: Behaviour = () => ({ ms: Number.POSITIVE_INFINITY })
const refusing: Behaviour = () => ({ ms: 1 })

/** Accepts the requests of the first ten seconds of each five minutes, then asks for silence. */
const limiting: Behaviour = (_random, now) => {
  const inPeriod = now.getTime() % (5 * MINUTE_MS)
  if (inPeriod < 10_000) return { ms: 50, status: 200 }
  return { ms: 50, status: 429, retryAfter: Math.ceil((5 * MINUTE_MS - inPeriod) / 1000) }
}

/** Returns the minutes until the endpoint had accepted all messages, or null. */
function minutesUntilComplete(
  { accepted }: SimulatedEndpoint,
  count: number,
  startedAt: Date,
): number | null {
  if (accepted.size < count) return null
  const last = Math.max(...[...accepted.values()].map(({ at }) => at))
  return (last - startedAt.getTime()) / MINUTE_MS
}

/** Returns a sentence if the endpoint did not have all messages in time. */
function latenessOf(
  endpoint: SimulatedEndpoint,
  count: number,
  startedAt: Date,
  limit: number,
): string[] {
  const minutes = minutesUntilComplete(endpoint, count, startedAt)
  if (minutes !== null && minutes <= limit) return []
  return [`${endpoint.accepted.size} of ${count} messages, ${minutes} minutes instead of ${limit}`]
}

/** Returns one sentence per message that was lost or accepted twice. */
function lossesOf(world: WebhookWorld, name: string, endpoint: SimulatedEndpoint): string[] {
  const notDelivered = world
    .states()
    .filter(({ webhook, state }) => webhook === endpoint.id && state !== 'delivered')
    .map(({ state, count }) => `${count} messages to the ${name} endpoint are ${state}`)
  const twice = [...endpoint.accepted.values()].filter(({ times }) => times > 1).length
  return [
    ...notDelivered,
    ...(twice > 0 ? [`the ${name} endpoint got ${twice} messages twice`] : []),
  ]
}

/** Returns one sentence per run that left the limits of its invocation, or used too many connections. */
const excessesOf = ({ invocations }: WebhookWorld): string[] =>
  invocations.flatMap(({ perEndpoint, atOnce, endedAt }, index) => [
    ...(perEndpoint > 2 ? [`run ${index} has ${perEndpoint} requests to one endpoint`] : []),
    ...(atOnce > 6 ? [`run ${index} has ${atOnce} requests at once`] : []),
    ...(endedAt === null ? [`run ${index} has not ended`] : []),
  ])

/** Returns the figures of a world's runs, for the report. */
function figuresOf({ invocations }: WebhookWorld) {
  const most = (key: 'queries' | 'subrequests') =>
    Math.max(...invocations.map((invocation) => invocation[key]))
  return { runs: invocations.length, queries: most('queries'), subrequests: most('subrequests') }
}

export async function webhooksAtSize(size: Size): Promise<Kind[]> {
  const count = size === 'full' ? 10_000 : 600
  return [
    ...(await threeEndpoints(count)),
    await deadNeighbours(size === 'full' ? 2000 : 300),
    await silence(size === 'full' ? 5000 : 300),
    await killedRuns(size === 'full' ? 3000 : 300),
    ...(size === 'full' ? [await backlog(100_000)] : []),
  ]
}

/** The case that deliveries are designed for. */
export async function threeEndpoints(count: number): Promise<Kind[]> {
  const world = createWebhookWorld()
  try {
    const endpoints = {
      healthy: await world.addEndpoint('healthy', healthy),
      flaky: await world.addEndpoint('flaky', flaky),
      slow: await world.addEndpoint('slow', slow),
    }
    await world.reconnect(count)
    const startedAt = world.clock.now()
    await world.runEveryMinute(MAX_DAYS * DAY_MINUTES, () =>
      Object.values(endpoints).every(({ accepted }) => accepted.size === count),
    )
    await world.clock.advance(MINUTE_MS)
    const { runs, queries, subrequests } = figuresOf(world)
    return [
      ...Object.entries(endpoints).map(([name, endpoint]) => {
        const minutes = minutesUntilComplete(endpoint, count, startedAt)
        const limit = name === 'healthy' ? minutesFor(count) : MAX_DAYS * DAY_MINUTES
        return {
          name: `${name} one of three endpoints, complete after ${minutes?.toFixed(1)} minutes`,
          trials: count,
          failures: [
            ...lossesOf(world, name, endpoint),
            ...latenessOf(endpoint, count, startedAt, limit),
          ],
        }
      }),
      {
        name: `runs with at most ${queries} queries and ${subrequests} requests`,
        trials: runs,
        failures: [...excessesOf(world), ...world.errors, ...world.scans()],
      },
    ]
  } finally {
    world.stop()
  }
}

/** Endpoints that never respond share the connections with one that does. */
export async function deadNeighbours(count: number): Promise<Kind> {
  const world = createWebhookWorld()
  try {
    for (let index = 0; index < 5; index += 1) await world.addEndpoint(`mute-${index}`, mute)
    await world.addEndpoint('refusing', refusing)
    const alive = await world.addEndpoint('alive', healthy)
    await world.reconnect(count)
    const startedAt = world.clock.now()
    const limit = minutesFor(count)
    await world.runEveryMinute(limit, () => alive.accepted.size === count)
    await world.clock.advance(MINUTE_MS)
    return {
      name: 'messages beside six dead endpoints',
      trials: count,
      failures: [
        ...latenessOf(alive, count, startedAt, limit),
        ...excessesOf(world),
        ...world.errors,
      ],
    }
  } finally {
    world.stop()
  }
}

/** `Retry-After` holds for the endpoint, not only for the message that was refused. */
export async function silence(count: number): Promise<Kind> {
  const world = createWebhookWorld()
  try {
    const endpoint = await world.addEndpoint('limiting', limiting)
    await world.reconnect(count)
    await world.runEveryMinute(DAY_MINUTES, () => endpoint.accepted.size === count)
    await world.clock.advance(MINUTE_MS)
    const { requests } = endpoint
    const early = requests.filter(({ at }, index) =>
      requests
        .slice(Math.max(0, index - 20), index)
        .map(({ at: sent, reply: { ms, retryAfter = 0 } }) => [sent + ms, retryAfter] as const)
        .some(([answered, seconds]) => answered <= at && at < answered + seconds * 1000),
    )
    return {
      name: 'messages to an endpoint that asks for silence',
      trials: count,
      failures: [
        ...lossesOf(world, 'limiting', endpoint),
        ...early.map(({ id, at }) => `${id} was sent at ${new Date(at).toISOString()}, too early`),
        ...world.errors,
      ],
    }
  } finally {
    world.stop()
  }
}

/** Runs that end without a word. Their messages are sent by a later run, at most a batch of them twice. */
export async function killedRuns(count: number): Promise<Kind> {
  const world = createWebhookWorld()
  try {
    const endpoint = await world.addEndpoint('healthy', healthy)
    await world.reconnect(count)
    const kills = 5
    for (let kill = 1; kill <= kills; kill += 1) {
      void world.invoke()
      await world.clock.advance(kill * 1000)
      world.kill()
    }
    await world.runEveryMinute(60, () => endpoint.accepted.size === count)
    await world.clock.advance(5 * MINUTE_MS)
    await world.runEveryMinute(1, () => false)
    await world.clock.advance(MINUTE_MS)
    const twice = [...endpoint.accepted.values()].filter(({ times }) => times > 1).length
    const lost = lossesOf(world, 'healthy', endpoint).filter((one) => !one.endsWith('twice'))
    return {
      name: 'messages through five killed runs',
      trials: count,
      failures: [
        ...lost,
        ...(endpoint.accepted.size === count ? [] : [`${endpoint.accepted.size} arrived`]),
        ...(twice > kills * 100 ? [`${twice} messages arrived twice`] : []),
      ],
    }
  } finally {
    world.stop()
  }
}

/** A backlog that no run can read whole: an endpoint that was away, beside one that is not. */
async function backlog(count: number): Promise<Kind> {
  const world = createWebhookWorld()
  try {
    const away = await world.addEndpoint('away', refusing)
    await world.reconnect(count)
    const queued = () => world.states().reduce((sum, row) => sum + row.count, 0)
    await world.runEveryMinute(count / 10_000 + 1, () => false)
    const alive = await world.addEndpoint('alive', healthy)
    await world.reconnectOnce('gr_late')
    await world.runEveryMinute(1, () => false)
    const worst = figuresOf(world)
    return {
      name: 'events of a backlog beside an endpoint that is away',
      trials: count,
      failures: [
        ...(queued() === count + 2 ? [] : [`${queued()} messages are queued`]),
        ...(alive.accepted.size === 1 ? [] : ['the new event did not arrive within a minute']),
        ...(away.requests.length < 100 ? [] : [`${away.requests.length} requests to a dead host`]),
        ...(worst.queries <= 200 ? [] : [`a run made ${worst.queries} queries`]),
        ...excessesOf(world),
        ...world.scans(),
      ],
    }
  } finally {
    world.stop()
  }
}
