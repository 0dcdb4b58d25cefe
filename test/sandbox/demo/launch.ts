/**
 * Starts the product and its simulated world on loopback: the mail servers and Entra in this process,
 * the Worker and the checker as children. `stop` ends all of it and leaves no process, port or file.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveHttp } from '../http-server.ts'
import { createThirdParty } from '../third-party/server.ts'
import { startWorld, type World, type WorldOptions, type WorldPorts } from '../world.ts'
import { type Child, startChild } from './child.ts'
import {
  type DemoPorts,
  defaultPorts,
  freeDemoPorts,
  isLeftOut,
  type Part,
  takenPorts,
} from './ports.ts'
import { checkerSettings, demoKeys, workerSettings } from './settings.ts'
import { migrate, root, startWorker } from './wrangler.ts'

export type DemoOptions = {
  /** `free` for tests; the ports of the documentation by default. */
  ports?: 'free' | DemoPorts
  /** Parts that are not started; the others are told where they would be. */
  without?: readonly Part[]
  /** Keeps database and keys in `.wrangler/demo` and finds them again. */
  keep?: boolean
  rootApiKey?: string | undefined
  /** Every line that a child writes. */
  onLine?: (part: 'worker' | 'checker', line: string) => void
  /** What the world is to do otherwise: handlers of the mail servers, people, clock. */
  world?: Pick<WorldOptions, 'entra' | 'imap' | 'smtp' | 'now'>
  /** Ends the start half-way; what had started is ended too. */
  signal?: AbortSignal
}

export type Demo = {
  ports: DemoPorts
  /** Origins. */
  urls: { api: string; checker: string; entra: string; thirdParty: string }
  rootApiKey: string
  /** Where the Worker's D1 lives. */
  state: string
  world: World
  without: readonly Part[]
  /** Each the head of its own process group. */
  children: readonly { name: string; pid: number }[]
  /** Resolves with a message when a child ends that nobody stopped. */
  failed: Promise<string>
  stop: () => Promise<void>
}

const START_LIMIT = 90_000

/** Asks until the answer is 200, a child has ended, or the time is up. */
async function waitFor(url: string, children: readonly Child[], signal?: AbortSignal) {
  let last = 'no answer'
  const deadline = Date.now() + START_LIMIT
  while (Date.now() < deadline) {
    signal?.throwIfAborted()
    const ended = children.find((child) => child.ended())
    if (ended) throw new Error(`The ${ended.name} ended while it started:\n${ended.tail()}`)
    try {
      const limit = AbortSignal.timeout(5000)
      const response = await fetch(url, {
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      })
      const body = await response.text()
      if (response.status === 200) return
      last = `${response.status} ${body.slice(0, 500)}`
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const tails = children.map((child) => `${child.name}:\n${child.tail()}`).join('\n')
  throw new Error(`${url} is not ready after ${START_LIMIT / 1000} s: ${last}\n${tails}`)
}

/** Free ports in place of those of parts that are left out: theirs belong to somebody else. */
function worldPorts(ports: DemoPorts, without: readonly Part[]): WorldPorts {
  const pick = (name: keyof WorldPorts) => (isLeftOut(name, without) ? 0 : ports[name])
  return {
    entra: pick('entra'),
    imapStarttls: pick('imapStarttls'),
    imapTls: pick('imapTls'),
    smtpStarttls: pick('smtpStarttls'),
    smtpTls: pick('smtpTls'),
  }
}

/** Starts and waits until `/readyz` answers 200; without a checker, until `/healthz` does. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { without = [], keep = false, signal } = options
  const ports = options.ports === 'free' ? await freeDemoPorts() : (options.ports ?? defaultPorts)
  const taken = await takenPorts(ports, without)
  if (taken.length > 0) throw new Error(taken.join('\n'))

  const stops: (() => Promise<unknown>)[] = []
  let folder: string | null = null
  const stop = async () => {
    // All at once: a port is free when its owner has heard of it, not after everybody else.
    await Promise.all(stops.splice(0).map((each) => each()))
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
    const kept = join(root, '.wrangler', 'demo')
    const keys = await demoKeys(keep ? kept : folder, keep, options.rootApiKey)

    const publicUrl = `http://localhost:${ports.worker}`
    const world = await startWorld({
      ...options.world,
      ports: worldPorts(ports, without),
      publicUrl,
    })
    stops.push(world.stop)
    if (without.includes('entra')) await world.stopEntra()
    if (without.includes('mail')) await world.stopMail()

    const onLine = (part: 'worker' | 'checker') => (line: string) => options.onLine?.(part, line)
    const worker = {
      folder,
      state: join(keep ? kept : folder, 'state'),
      port: ports.worker,
      settings: workerSettings(ports, keys),
      onLine: onLine('worker'),
    }
    await migrate(worker, signal)
    if (!without.includes('checker')) {
      started(
        startChild({
          name: 'checker',
          args: ['checker/main.ts'],
          cwd: root,
          env: { PATH: process.env.PATH, ...checkerSettings(ports, keys, world.caFile) },
          onLine: onLine('checker'),
        }),
      )
    }
    const api = `http://127.0.0.1:${ports.worker}`
    started(await startWorker(worker))
    if (!without.includes('third-party')) {
      const page = createThirdParty({ api: publicUrl, apiKey: keys.rootApiKey })
      stops.push((await serveHttp(page.fetch, ports.thirdParty)).stop)
    }
    await waitFor(`${api}/${without.includes('checker') ? 'healthz' : 'readyz'}`, children, signal)

    let stopping = false
    const failed = Promise.race(
      children.map(async (each) => {
        const code = await each.exited
        if (stopping) return new Promise<string>(() => {})
        return `The ${each.name} ended unexpectedly (${code ?? 'by a signal'}).\n${each.tail()}`
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
      state: worker.state,
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
