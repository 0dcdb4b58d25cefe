/** Starts programs and stops them by process id; the cleanup process stops what is left. */
import { type ChildProcess, spawn } from 'node:child_process'
import { registerProcess, unregisterProcess } from './cleanup.ts'
import { until } from './ports.ts'

/** Sends a signal. Returns false if the process no longer exists. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}

/** Sends SIGTERM, and SIGKILL if the process still runs after 5 seconds. */
export async function end(pid: number): Promise<void> {
  const exited = (timeoutMs: number) =>
    until(
      () => !signal(pid, 0),
      () => `process ${pid} is still running`,
      timeoutMs,
    )
  signal(pid, 'SIGTERM')
  await exited(5_000).catch(() => {
    signal(pid, 'SIGKILL')
    // A dead process stays listed if its parent does not collect it.
    return exited(1_000).catch(() => {})
  })
  unregisterProcess(pid)
}

export type Program = {
  pid: number
  /** Returns all of its standard output and standard error. */
  output: () => string
  /** Returns null while it runs. */
  exitCode: () => number | null
  stop: () => Promise<void>
}

export function start(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Program {
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const { pid } = child
  if (pid === undefined) throw new Error(`${file} could not be started`)
  registerProcess(pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.once('exit', () => unregisterProcess(pid))
  return {
    pid,
    output: () => output,
    exitCode: () => child.exitCode,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await end(pid)
      await ended
    },
  }
}

/** Runs a program to completion and returns its output. Throws with the output if it fails. */
export async function run(file: string, args: readonly string[]): Promise<string> {
  const program = start(file, args)
  await until(
    () => program.exitCode() !== null,
    () => `${file} did not exit: ${program.output()}`,
  )
  if (program.exitCode() !== 0) throw new Error(`${file} failed: ${program.output()}`)
  return program.output()
}
