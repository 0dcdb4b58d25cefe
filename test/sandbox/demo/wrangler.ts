/** Runs the Worker under `wrangler dev`, without any call to the internet. */
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { MINUTE_MS } from '../../../schema/durations.ts'
import { type Child, root, startChild } from './child.ts'
import { envFile } from './settings.ts'

/** Path of the wrangler script. Only the manifest is exported by the package. */
const wrangler = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
)

/** Disables update checks, metrics, error reports and the download of cf.json; keeps all files in `folder`. */
const wranglerEnv = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  // The Worker must read its settings from the env file only.
  ROOT_API_KEY: undefined,
  CI: '1',
  NO_COLOR: '1',
  DO_NOT_TRACK: '1',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_METRICS: 'false',
  // Its traces keep whole URLs, with codes and secrets of links.
  X_LOCAL_OBSERVABILITY: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_LOG_PATH: join(folder, 'wrangler-logs'),
  WRANGLER_CACHE_DIR: join(folder, 'wrangler-cache'),
  WRANGLER_REGISTRY_PATH: join(folder, 'wrangler-registry'),
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  CLOUDFLARE_INCLUDE_PROCESS_ENV: 'false',
  CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'true',
})

export type ServerOptions = {
  /** Temporary files of this run. */
  folder: string
  /** Folder of the database. */
  state: string
  port: number
  settings: Record<string, string>
  onLine?: (line: string) => void
  signal?: AbortSignal | undefined
}

/** Applies pending migrations. Rejects with the output of wrangler when one fails. */
export async function migrate({ signal, ...options }: ServerOptions): Promise<void> {
  const child = startChild({
    name: 'migrations',
    cwd: root,
    env: wranglerEnv(options.folder),
    args: [
      ...[wrangler, 'd1', 'migrations', 'apply', 'mailgrant'],
      ...['--local', '--persist-to', options.state],
    ],
    ...(options.onLine ? { onLine: options.onLine } : {}),
  })
  const abort = () => void child.stop()
  signal?.addEventListener('abort', abort)
  const code = await child.exited
  signal?.removeEventListener('abort', abort)
  await child.stop()
  signal?.throwIfAborted()
  if (code !== 0) throw new Error(`The migrations could not be applied:\n${child.tail()}`)
}

/** Runs what is due each minute, as Cloudflare does. `wrangler dev` runs no crons. */
export function runCrons(port: number): () => Promise<void> {
  const timer = setInterval(() => {
    const minute = new Date().getMinutes()
    for (const cron of ['* * * * *', minute % 2 === 0 ? '*/2 * * * *' : '1-59/2 * * * *']) {
      const query = new URLSearchParams({ cron })
      fetch(`http://127.0.0.1:${port}/cdn-cgi/handler/scheduled?${query}`).catch(() => undefined)
    }
  }, MINUTE_MS)
  return async () => clearInterval(timer)
}

/** Starts the Worker. Settings go through an env file, since arguments show in the process list. */
export async function startWorker(options: ServerOptions): Promise<Child> {
  const file = join(options.folder, 'worker.env')
  await writeFile(file, envFile(options.settings), { mode: 0o600 })
  return startChild({
    name: 'Worker',
    cwd: root,
    env: wranglerEnv(options.folder),
    args: [
      ...[wrangler, 'dev', '--local', '--persist-to', options.state, '--env-file', file],
      ...['--ip', '127.0.0.1', '--port', String(options.port), '--inspector-port', '0'],
      ...['--show-interactive-dev-session=false'],
    ],
    ...(options.onLine ? { onLine: options.onLine } : {}),
  })
}
