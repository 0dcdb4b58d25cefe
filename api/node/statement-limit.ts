/**
 * A time limit for statements on a file that somebody else could have made. node:sqlite cannot interrupt a statement,
 * and neither does the end of a thread: a thread beside it ends the whole process.
 */
import { Worker } from 'node:worker_threads'

export type StatementLimit = {
  /** Gives the next statement its own time. */
  restart: () => void
  end: () => void
}

/** Slowest speed of a disk that still works. The watching thread gives up to twice the time. */
const BYTES_PER_MS = 1_000
const LEAST_MS = 60_000

const WATCH = `
const { workerData: { statements, limitMs, sentence } } = require('node:worker_threads')
let last
setInterval(() => {
  const current = Atomics.load(statements, 0)
  if (current === last) {
    require('node:fs').writeSync(2, sentence)
    process.kill(process.pid, 'SIGKILL')
  }
  last = current
}, limitMs)`

/** Ends the process with a sentence about the file when a statement takes longer than a slow disk needs for all of it. */
export function limitStatements(file: string, bytes: number, leastMs = LEAST_MS): StatementLimit {
  const statements = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(WATCH, {
    eval: true,
    // Not those of this process, which could make a module of it.
    execArgv: [],
    workerData: {
      statements,
      limitMs: leastMs + bytes / BYTES_PER_MS,
      sentence: `SQLite never finishes reading ${file}, so the file is damaged or was manipulated. Nothing was changed. Use another copy.\n`,
    },
  })
  worker.unref()
  return {
    restart: () => void Atomics.add(statements, 0, 1),
    end: () => void worker.terminate(),
  }
}
