/**
 * Starts the product and its simulated world on loopback: the mail servers and Entra in this process,
 * the server and the checker as child processes. `stop` leaves no process, port or file behind.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveHttp } from '../http-server.ts'
import { createThirdParty } from '../third-party/server.ts'
import { startWorld, type World, type WorldPorts } from '../world.ts'
import { type Child, root, startChild } from './child.ts'
import {
  type DemoPorts,
  defaultPorts,
  freeDemoPorts,
  isExcluded,
  occupiedPorts,
  type Part,
} from './ports.ts'
import { databaseFolder, type Runtime, startServer } from './runtime.ts'
import {
  checkerSettings,
  demoKeys,
  mailClientSettings,
  remoteChecker,
  serverSettings,
} from './settings.ts'
import { runCrons } from './wrangler.ts'

export type DemoOptions = {
  /** Runtime of the product; `node` by default. */
  runtime?: Runtime
  /** `inside`: in the process of the server, which then runs on Node. */
  checker?: 'child' | 'inside'
  /** `free` for tests; by default the documented ports. */
  ports?: 'free' | DemoPorts
  /** Parts that are not started; the others are configured as if they were. */
  without?: readonly Part[]
  /** Stores database and keys in `.data/demo` and reuses them in the next run. */
  keep?: boolean
  rootApiKey?: string | undefined
  /** ALLOWED_ORIGINS besides that of the third-party page. */
  allowedOrigins?: string | undefined
  /** More settings of the server. */
  settings?: Record<string, string>
  /** Called with every line of output of a child process. */
  onLine?: (part: 'server' | 'checker', line: string) => void
  /** Aborts the start and stops whatever has started. */
  signal?: AbortSignal
}

export type Demo = {
  ports: DemoPorts
  /** Origins. */
  urls: { api: string; checker: string; entra: string; thirdParty: string }
  rootApiKey: string
  /** Folder of the database file. */
  databaseFolder: string
  world: World
  without: readonly Part[]
  /** Child processes, each the leader of its own process group. */
  children: readonly { name: string; pid: number }[]
  /** Resolves with a message if a child process ends unexpectedly. */
  failed: Promise<string>
  stop: () => Promise<void>
}

const START_TIMEOUT_MS = 90_000

/** Polls until the response is 200. Throws when a child has ended or the time is up. */
async function waitUntilReady(url: string, children: readonly Child[], signal?: AbortSignal) {
  let last = 'no answer'
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    signal?.throwIfAborted()
    const ended = children.find((child) => child.ended())
    if (ended) throw new Error(`The ${ended.name} ended during start-up:\n${ended.tail()}`)
    try {
      const limit = AbortSignal.timeout(5000)
      const response = await fetch(url, {
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      })
      const body = await response.text()
      if (response.status === 200 && !/"checker":\{"status":"degraded"/.test(body)) return
      last = `${response.status} ${body.slice(0, 500)}`
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const tails = children.map((child) => `${child.name}:\n${child.tail()}`).join('\n')
  throw new Error(`${url} is not ready after ${START_TIMEOUT_MS / 1000} s: ${last}\n${tails}`)
}

/** Returns the ports of the world. Excluded parts get free ports, since theirs may be in use. */
function worldPorts(ports: DemoPorts, without: readonly Part[]): WorldPorts {
  const pick = (name: keyof WorldPorts) => (isExcluded(name, without) ? 0 : ports[name])
  return {
    entra: pick('entra'),
    graph: pick('graph'),
    imapStarttls: pick('imapStarttls'),
    imapTls: pick('imapTls'),
    smtpStarttls: pick('smtpStarttls'),
    smtpTls: pick('smtpTls'),
  }
}

/** Starts and waits until `/readyz` returns 200; without a checker, until `/healthz` does. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { runtime = 'node', checker = 'child', without = [], keep = false, signal } = options
  const ports = options.ports === 'free' ? await freeDemoPorts() : (options.ports ?? defaultPorts)
  const startsChecker = checker === 'child' && !without.includes('checker')
  const occupied = await occupiedPorts(ports, without)
  if (occupied.length > 0) throw new Error(occupied.join('\n'))

  const stops: (() => Promise<unknown>)[] = []
  let folder: string | null = null
  const stop = async () => {
    await Promise.all(stops.splice(0).map((stopPart) => stopPart()))
    if (folder) await rm(folder, { recursive: true, force: true })
  }
  const children: Child[] = []
  const started = (child: Child): Child => {
    children.push(child)
    stops.push(() => child.stop())
    return child
  }

  try {
    folder = await mkdtemp(join(tmpdir(), 'mailgrant-demo-'))
    const persistent = join(root, '.data', 'demo')
    const keys = await demoKeys(keep ? persistent : folder, keep, options.rootApiKey)

    const publicUrl = `http://localhost:${ports.api}`
    const world = await startWorld({
      ports: worldPorts(ports, without),
      publicUrl,
    })
    stops.push(world.stop)
    if (without.includes('entra')) await world.stopEntra()
    if (without.includes('mail')) await world.stopMail()

    const onLine = (part: 'server' | 'checker') => (line: string) => options.onLine?.(part, line)
    const state = join(keep ? persistent : folder, runtime)
    const startChecker = () =>
      startChild({
        name: 'checker',
        args: ['checker/main.ts'],
        cwd: root,
        env: { PATH: process.env.PATH, ...checkerSettings(ports, keys, world.caFile) },
        onLine: onLine('checker'),
      })
    if (startsChecker) started(startChecker())
    started(
      await startServer(runtime, {
        folder,
        state,
        port: ports.api,
        settings: {
          ...serverSettings(ports, keys, options.allowedOrigins),
          ...options.settings,
          ...(checker === 'inside' ? mailClientSettings(world.caFile) : remoteChecker(ports, keys)),
        },
        onLine: onLine('server'),
        signal,
      }),
    )
    if (!without.includes('third-party')) {
      const page = createThirdParty({ api: publicUrl, apiKey: keys.rootApiKey })
      stops.push((await serveHttp(page.fetch, ports.thirdParty)).stop)
    }
    await waitUntilReady(
      `http://127.0.0.1:${ports.api}/${without.includes('checker') ? 'healthz' : 'readyz'}`,
      children,
      signal,
    )

    if (runtime === 'edge') stops.push(runCrons(ports.api))

    let stopping = false
    const failed = Promise.race(
      children.map(async (child) => {
        const code = await child.exited
        if (stopping) return new Promise<string>(() => {})
        return `The ${child.name} ended unexpectedly (${code === null ? 'signal' : `exit code ${code}`}).\n${child.tail()}`
      }),
    )
    return {
      ports,
      urls: {
        api: publicUrl,
        checker: `http://127.0.0.1:${ports.checker}`,
        entra: `http://127.0.0.1:${ports.entra}`,
        thirdParty: `http://127.0.0.1:${ports.thirdParty}`,
      },
      rootApiKey: keys.rootApiKey,
      databaseFolder: databaseFolder(runtime, state),
      world,
      without,
      children: children.map(({ name, pid }) => ({ name, pid })),
      failed,
      stop: () => {
        stopping = true
        return stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
