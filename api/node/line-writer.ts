/**
 * Writes lines to standard output once per turn of the event loop. Node's writes to a file or pipe are
 * synchronous, and a busy server answers many requests in one turn.
 */

export type LineWriter = {
  /** The line ends with its line break. */
  write: (line: string) => void
  /** Writes what is waiting. Must also run on exit; only SIGKILL then loses lines, those of the last turn. */
  flush: () => void
}

export function createLineWriter(writeNow: (text: string) => void): LineWriter {
  let waiting = ''
  function flush() {
    if (waiting === '') return
    const text = waiting
    waiting = ''
    writeNow(text)
  }
  return {
    write(line) {
      if (waiting === '') setImmediate(flush)
      waiting += line
    },
    flush,
  }
}
