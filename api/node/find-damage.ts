/** The check of the database file while it is open. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type StorageFailure, storageFailureOf } from './storage-failures.ts'

/** Prints a result code of SQLite. */
const CHECK = `
const { DatabaseSync } = require('node:sqlite')
try {
  const database = new DatabaseSync(process.argv[1], { readOnly: true, timeout: 5000 })
  console.log(database.prepare('PRAGMA quick_check(1)').get().quick_check === 'ok' ? 0 : 11)
} catch ({ errcode }) {
  console.log(errcode)
}`

/**
 * Reads every page of the database in a process of its own, as it takes seconds for a large one, and a statement in a
 * thread would delay the end of this process. Returns what is wrong, or null, also if `ending` is aborted.
 */
export async function findDamage(
  path: string,
  ending: AbortSignal,
): Promise<StorageFailure | null> {
  try {
    const check = promisify(execFile)
    const { stdout } = await check(process.execPath, ['-e', CHECK, path], { signal: ending })
    return storageFailureOf(Object.assign(new Error(), { errcode: Number(stdout) }))
  } catch (error) {
    if (ending.aborted) return null
    throw error
  }
}
