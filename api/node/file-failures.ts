/** Sentences for failures to read or write a file that the operator names. */
import { StartFailure } from './start-failure.ts'

/** Sentences by the code of Node's errors, and by the primary result code of SQLite's (https://sqlite.org/rescode.html). */
const SENTENCES: Record<string, (path: string) => string> = {
  ENOENT: (path) => `The folder of ${path} does not exist. Create it first.`,
  ENOTDIR: (path) => `${path} is not inside a folder.`,
  EACCES: (path) => `${path} cannot be written: check the owner and mode of its folder.`,
  EROFS: (path) => `${path} cannot be written: its disk is read-only.`,
  ENOSPC: (path) => `The disk is full, so ${path} was not written. Free some space and try again.`,
  5: (path) => `The database ${path} is locked by another program.`,
  8: (path) => `${path} cannot be written: check the owner and mode of the file and its folder.`,
  10: (path) => `${path} cannot be read or written: its disk reports an error.`,
  11: (path) => `The database ${path} is damaged. Restore a copy of it.`,
  13: (path) => `The disk is full, so ${path} was not written. Free some space and try again.`,
  14: (path) => `${path} cannot be opened: check the owner and mode of the file and its folder.`,
  26: (path) => `${path} is not an SQLite database.`,
}

/** Returns the sentence for a failure to read or write the file `path`, or the error itself if there is none. */
export function explainFailure(error: unknown, path: string): unknown {
  const sentence = SENTENCES[codeOf(error)]?.(path)
  return sentence === undefined ? error : new StartFailure(sentence, { cause: error })
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  // An extended result code has the primary one in its lowest byte.
  if ('errcode' in error) return String(Number(error.errcode) & 0xff)
  return 'code' in error ? String(error.code) : ''
}
