/**
 * Writes lines to standard output once per turn of the event loop, in one call: a busy server answers many requests
 * in one turn. A file is written synchronously; what a pipe does not take is kept in memory until its reader goes on.
 */

export type LineWriter = {
  /** The line ends with its line break. */
  write: (line: string) => void
  /** Writes what is waiting. Must also run on exit; only SIGKILL then loses lines, those of the last turn. */
  flush: () => void
}

/** Most bytes that wait while the reader has stopped; further lines are dropped. */
const MAX_BACKLOG = 4_194_304

/** `describeDropped` returns the line that replaces dropped ones once the reader goes on. */
export function createLineWriter(
  stream: Pick<NodeJS.WriteStream, 'write' | 'writableLength'>,
  describeDropped: (count: number) => string,
): LineWriter {
  let waiting: string[] = []
  let dropped = 0
  function flush() {
    if (waiting.length === 0) return
    const lines = waiting
    waiting = []
    if (stream.writableLength > MAX_BACKLOG) {
      dropped += lines.length
      return
    }
    if (dropped > 0) lines.unshift(describeDropped(dropped))
    dropped = 0
    stream.write(lines.join(''))
  }
  return {
    write(line) {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(line)
    },
    flush,
  }
}
