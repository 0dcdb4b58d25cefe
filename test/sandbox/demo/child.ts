/**
 * A child process of the demo that leads its own process group: ending the group also ends what the
 * child started (wrangler starts workerd, which would outlive it).
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Folder of the repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

export type ChildOptions = {
  /** Name used in messages: "server". */
  name: string
  args: readonly string[]
  cwd: string
  env: NodeJS.ProcessEnv
  onLine?: (line: string) => void
}

export type Child = {
  name: string
  pid: number
  /** Last lines of its output, for error messages. */
  tail: () => string
  /** Resolves with the exit code, or null after a signal. Never rejects. */
  exited: Promise<number | null>
  ended: () => boolean
  /** Sends SIGTERM to the group and SIGKILL to what is left after `graceMs`. May take a second longer. */
  stop: (graceMs?: number) => Promise<void>
}

const TAIL_LINES = 40

/** Returns true while any process of the group is alive. */
export function isGroupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch {
    // The group ended before the signal reached it.
  }
}

async function waitUntil(done: () => boolean, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!done() && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Starts `node ...args` with the Node that runs this process. */
export function startChild({ name, args, cwd, env, onLine }: ChildOptions): Child {
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error(`the ${name} could not be started`)
  // If this process crashes, the group must not outlive it.
  const lastResort = () => signal(pid, 'SIGKILL')
  process.once('exit', lastResort)
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > TAIL_LINES) lines.shift()
      onLine?.(line)
    })
  }
  let ended = false
  const exited = new Promise<number | null>((resolve) => {
    const end = (code: number | null) => {
      ended = true
      resolve(code)
    }
    child.once('exit', end)
    child.once('error', () => end(null))
  })
  return {
    name,
    pid,
    exited,
    ended: () => ended,
    tail: () => lines.join('\n'),
    async stop(graceMs = 3000) {
      signal(pid, 'SIGTERM')
      await waitUntil(() => !isGroupAlive(pid), graceMs)
      if (isGroupAlive(pid)) signal(pid, 'SIGKILL')
      // A killed process has released its ports but counts as alive until its parent reaps it. For the children of
      // wrangler that is init, which can take a moment.
      await waitUntil(() => !isGroupAlive(pid), 1000)
      process.off('exit', lastResort)
    },
  }
}
