/**
 * A child process of the demo, at the head of its own process group: ending the group ends what the
 * child itself started (wrangler starts workerd, and that would outlive it).
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type ChildOptions = {
  /** How people call it: "Worker". */
  name: string
  args: readonly string[]
  cwd: string
  env: NodeJS.ProcessEnv
  onLine?: (line: string) => void
}

export type Child = {
  name: string
  pid: number
  /** The last lines of its output, for a message when it fails. */
  tail: () => string
  /** Resolves with the exit code, null when a signal ended it. Never rejects. */
  exited: Promise<number | null>
  ended: () => boolean
  /** SIGTERM to the group, SIGKILL to what is left after `grace` milliseconds. Takes a second more. */
  stop: (grace?: number) => Promise<void>
}

const TAIL = 40

/** Whether any process of the group still lives. */
function groupLives(pid: number): boolean {
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
    // The group has ended between the question and the signal.
  }
}

async function until(done: () => boolean, limit: number): Promise<void> {
  const deadline = Date.now() + limit
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
  // Should this process crash, the group must not outlive it.
  const lastResort = () => signal(pid, 'SIGKILL')
  process.once('exit', lastResort)
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > TAIL) lines.shift()
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
    async stop(grace = 3000) {
      signal(pid, 'SIGTERM')
      await until(() => !groupLives(pid), grace)
      if (groupLives(pid)) signal(pid, 'SIGKILL')
      // What is killed holds nothing any more, but counts as alive until its parent has heard of it:
      // init, for what wrangler started, and some take their time.
      await until(() => !groupLives(pid), 1000)
      process.off('exit', lastResort)
    },
  }
}
