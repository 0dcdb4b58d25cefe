/** Runs a program in a mount namespace of its own, in which it sees other files. */
import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { registerProcess, unregisterProcess } from '../cleanup.ts'

export const TIME_LIMIT_SECONDS = 30
/** Arguments to put before a command. */
export const TIME_LIMIT = ['timeout', '--kill-after=1', String(TIME_LIMIT_SECONDS)] as const
/** Exit code of `timeout` at the limit. */
const TIMED_OUT = 124

export type RecipeContent = {
  /** Empty folder for the files. */
  folder: string
  keyFile: string
  /** `mailgrant-token`. */
  script: URL
  /** Files of the recipe by path, with the values of the test. */
  files: ReadonlyMap<string, string>
}

export type Outcome = {
  /** Standard output and standard error, as they came. */
  output: string
  /** Null at the time limit; 0 if the program was stopped because it was done. */
  exitCode: number | null
}

/** Returns true when the program has done what it was started for, although it still runs. */
export type IsDone = (output: string) => Promise<boolean>

const POLL_MS = 100

/** Passes the arguments to unshare(1), after `--mount`. Stops the program as soon as it is done. */
export function runInNamespace(
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
  isDone?: IsDone,
): Promise<Outcome> {
  // A group of its own, so that nothing that the program has started outlives it.
  const child = spawn('/usr/bin/unshare', ['--mount', ...args], {
    ...options,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('unshare could not be started')
  registerProcess(-pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  let done = false
  const timer = setInterval(async () => {
    if (done || !(await isDone?.(output))) return
    done = true
    child.kill()
  }, POLL_MS)
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearInterval(timer)
      unregisterProcess(-pid)
      const exitCode = done ? 0 : code === TIMED_OUT ? null : code
      resolve({ output: stripVTControlCharacters(output).replaceAll('\r', ''), exitCode })
    })
  })
}
