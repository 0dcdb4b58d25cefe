/**
 * Child processes of the benchmark, controlled over Node's IPC. Each ends with its channel (see
 * child-hook.js), so none outlives this process, even after a crash.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Response of the hook to `memory`. */
export type Memory = {
  /** Resident set size in bytes, before garbage collection. */
  rss: number
  /** Live JavaScript objects in bytes, after full garbage collection. */
  heap: number
}

/** Response of the hook to `delay`: delays of the event loop since `watch delay`, in milliseconds. */
export type Delay = { p99: number; max: number }

export type Child = {
  /** Sends a message and returns the next one received. One request at a time. */
  request: (message: unknown) => Promise<unknown>
  /** First message, which some children send when they are ready. */
  firstMessage: Promise<unknown>
  stop: () => Promise<void>
}

export type ChildOptions = {
  args?: readonly string[]
  /** Command-line flags of Node. */
  flags?: readonly string[]
  env?: Record<string, string>
  /** Working directory; the project's by default. */
  cwd?: string
  /** File descriptor for its standard output, which is discarded by default. */
  stdout?: number
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const HOOK = new URL('./child-hook.js', import.meta.url).href

/** Starts a child process. `file` is relative to this folder. Shows only its standard error. */
export function startChild(file: string, options: ChildOptions): Child {
  const { args = [], flags = [], env = {}, cwd = ROOT, stdout = 'ignore' } = options
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
    cwd,
    execArgv: ['--import', HOOK, ...flags],
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
  })
  // Not `close`, which is never emitted after this side has disconnected the channel.
  const exited = once(child, 'exit')
  const nextMessage = () =>
    new Promise<unknown>((resolve, reject) => {
      const ended = () => reject(new Error(`${file} ended before it responded`))
      child.once('exit', ended)
      child.once('message', (message) => {
        child.off('exit', ended)
        resolve(message)
      })
    })
  const firstMessage = nextMessage()
  // Not every child sends a first message, and not every caller waits for it.
  firstMessage.catch(() => {})
  return {
    firstMessage,
    request(message) {
      const response = nextMessage()
      child.send(message as object)
      return response
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
