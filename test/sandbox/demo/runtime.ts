/** Starts the product on one of its two runtimes, as a child process with its own folder. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildIfStale } from '../../../api/build.ts'
import { type Child, root, startChild } from './child.ts'
import { migrate, type ServerOptions, startWorker } from './wrangler.ts'

/** `node`: one process on SQLite, as `npm start` runs it. `edge`: workerd and D1. */
export const RUNTIMES = ['node', 'edge'] as const
export type Runtime = (typeof RUNTIMES)[number]

/** Returns the runtime that a suite tests: RUNTIME of the environment, by default `node`. */
export function testedRuntime(): Runtime {
  const name = process.env.RUNTIME || 'node'
  const runtime = RUNTIMES.find((known) => known === name)
  if (!runtime) throw new Error(`RUNTIME is ${name}, but must be one of ${RUNTIMES.join(', ')}.`)
  return runtime
}

/** Builds what the runtime needs, applies the migrations and starts the server, which might not listen yet. */
export async function startServer(runtime: Runtime, options: ServerOptions): Promise<Child> {
  if (runtime === 'node') return startNodeServer(options)
  await migrate(options)
  return startWorker(options)
}

/** Returns the folder of the database file within `state`, where wrangler also keeps what is not data. */
export const databaseFolder = (runtime: Runtime, state: string): string =>
  runtime === 'node' ? state : join(state, 'v3', 'd1')

let built: Promise<void> | undefined

async function startNodeServer(options: ServerOptions): Promise<Child> {
  const { state, port, settings, onLine } = options
  // Once for all servers of this process.
  built ??= buildIfStale()
  await Promise.all([built, mkdir(state, { recursive: true })])
  return startChild({
    name: 'server',
    args: ['--enable-source-maps', join(root, 'dist/mailgrant.js')],
    // Neither the `.env` of the working directory nor the caller's environment may change the demo.
    cwd: state,
    env: { PATH: process.env.PATH, ...settings, PORT: String(port), DATA_DIR: state },
    ...(onLine ? { onLine } : {}),
  })
}
