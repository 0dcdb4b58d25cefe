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

/** The file may be read at this speed, and twice as slowly before the process ends. */
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

/** Ends the process with a sentence about the file if a statement takes much longer than reading the whole file. */
export function limitStatements(file: string, bytes: number, leastMs = LEAST_MS): StatementLimit {
  const statements = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(WATCH, {
    eval: true,
    // Not those of this process, which could make a module of it.
    execArgv: [],
    workerData: {
      statements,
      limitMs: leastMs + bytes / BYTES_PER_MS,
      sentence: `${file} cannot be read: SQLite does not come to an end with it, so it is damaged or was made for that. Nothing was changed. Use another copy.\n`,
    },
  })
  worker.unref()
  return {
    restart: () => void Atomics.add(statements, 0, 1),
    end: () => void worker.terminate(),
  }
}
