/** Other programs, started here and ended by their process id, at the latest by the keeper. */
import { type ChildProcess, spawn } from 'node:child_process'
import { keepProcess, letGoProcess } from './kept.ts'
import { until } from './ports.ts'

/** False when there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}

/** SIGTERM, and SIGKILL for what is still there after 5 seconds. */
export async function end(pid: number): Promise<void> {
  const gone = (patience: number) =>
    until(
      () => !signal(pid, 0),
      () => `process ${pid} goes on`,
      patience,
    )
  signal(pid, 'SIGTERM')
  await gone(5_000).catch(() => {
    signal(pid, 'SIGKILL')
    // Where nobody collects dead processes, one stays on the list: it holds nothing any more.
    return gone(1_000).catch(() => {})
  })
  letGoProcess(pid)
}

export type Program = {
  pid: number
  /** Everything it has written to standard output and standard error. */
  output: () => string
  /** Null while it runs. */
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
  keepProcess(pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.once('exit', () => letGoProcess(pid))
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

/** Runs to its end and returns what it wrote. Throws, with that, when it fails. */
export async function run(file: string, args: readonly string[]): Promise<string> {
  const program = start(file, args)
  await until(
    () => program.exitCode() !== null,
    () => `${file} does not end: ${program.output()}`,
  )
  if (program.exitCode() !== 0) throw new Error(`${file} failed: ${program.output()}`)
  return program.output()
}
