/** The commands of an operator beside `npm start`: copies of the database, and the way from and to D1. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BadEnvironment } from '../env.ts'
import { describeError } from '../log.ts'
import {
  copyContents,
  copyDatabase,
  createFile,
  describeContents,
  inspectDatabase,
} from './copy-database.ts'
import { exportSql, importSql } from './d1-dump.ts'
import { prepareFolder } from './data-folder.ts'
import { endOpenAccess } from './ended-access.ts'
import { lockFolder } from './lock.ts'
import { readEnvironment, readSettings } from './settings.ts'
import { StartFailure } from './start-failure.ts'

export type CommandContext = {
  dataDir: string
  databaseFile: string
  /** Location of the encryption keys, for sentences. */
  keySource: string
  now: () => Date
}

type Command = {
  /** Says what FILE is. */
  usage: string
  /** Returns what to print. Throws StartFailure. */
  run: (context: CommandContext, file: string) => string
}

const KEYS_APART = (source: string) =>
  `Its secrets are encrypted, and without their keys it is worthless. The keys are not in it: back up ${source} too, in another place.`

function backup({ databaseFile, keySource }: CommandContext, file: string): string {
  const contents = copyDatabase(databaseFile, file)
  return `Copied the database to ${file}: ${describeContents(contents)}, checked.\n${KEYS_APART(keySource)}`
}

function restore(context: CommandContext, file: string): string {
  const { databaseFile, now } = context
  if (file === databaseFile || !existsSync(file))
    throw new StartFailure(
      `${file} is not a copy of the database. Name a copy that the command "backup" has made.`,
    )
  const contents = inspectDatabase(file)
  return whileStopped(context, () => {
    const fresh = `${databaseFile}.restored`
    rmSync(fresh, { force: true })
    createFile(fresh, (part) => {
      copyContents(file, part)
      endAccessIn(part, now())
    })
    const replaced = moveAside(databaseFile, now())
    renameSync(fresh, databaseFile)
    const kept = replaced === null ? '' : `\nThe database that it replaces is now ${replaced}.`
    return `Restored ${describeContents(contents)}.${kept}\nConsole sessions, open sign-ins and links have ended.`
  })
}

function endAccessIn(file: string, now: Date): void {
  const database = new DatabaseSync(file)
  try {
    endOpenAccess(database, now)
  } finally {
    database.close()
  }
}

/**
 * Moves the database away, with a WAL that a killed server has left: beside the copy, SQLite would apply it.
 * Returns the new path, or null if there was none.
 */
function moveAside(databaseFile: string, now: Date): string | null {
  if (!existsSync(databaseFile)) return null
  const time = now.toISOString().replaceAll(/\W/g, '')
  const aside = databaseFile.replace(/\.sqlite$/, `-replaced-${time}.sqlite`)
  // The database first: without its WAL it would lack the last changes, and a start does not begin where only the
  // WAL is left.
  for (const end of ['', '-wal', '-shm']) {
    if (existsSync(`${databaseFile}${end}`)) renameSync(`${databaseFile}${end}`, `${aside}${end}`)
  }
  return aside
}

function importFile(context: CommandContext, file: string): string {
  const { databaseFile, keySource, now } = context
  if (!existsSync(file)) throw new StartFailure(`There is no file ${file}.`)
  return whileStopped(context, () => {
    const contents = createFile(databaseFile, (part) => {
      importSql(file, part)
      const imported = inspectDatabase(part)
      endAccessIn(part, now())
      return imported
    })
    return `Imported ${describeContents(contents)}.\nBefore the start, set ENCRYPTION_KEYS to the value that it has at Cloudflare: the keys of ${keySource} do not decrypt this data unless they are the same.`
  })
}

function exportFile(context: CommandContext, file: string): string {
  const { databaseFile, keySource } = context
  if (!existsSync(databaseFile)) throw new StartFailure(`There is no database at ${databaseFile}.`)
  return whileStopped(context, () => {
    const contents = inspectDatabase(databaseFile)
    createFile(file, (part) => exportSql(databaseFile, part))
    return `Exported ${describeContents(contents)} to ${file}.\n${KEYS_APART(keySource)}`
  })
}

/** Keeps a server from running meanwhile, whose changes would be lost. */
function whileStopped<Value>({ dataDir }: CommandContext, work: () => Value): Value {
  prepareFolder('DATA_DIR', dataDir)
  const lock = lockFolder(dataDir)
  try {
    return work()
  } finally {
    lock.release()
  }
}

const commands: Record<string, Command> = {
  backup: { usage: 'a new file for the copy', run: backup },
  restore: { usage: 'a copy of the database', run: restore },
  import: { usage: 'the output of "wrangler d1 export"', run: importFile },
  export: { usage: 'a new file for "wrangler d1 execute --file"', run: exportFile },
}

export const isCommand = (name: string | undefined): name is string =>
  name !== undefined && Object.hasOwn(commands, name)

/** Runs the command on an absolute path and returns what to print. Throws StartFailure, also for a missing argument. */
export function runCommand(context: CommandContext, name: string, args: readonly string[]): string {
  const command = commands[name]
  const [file, ...rest] = args
  if (file === undefined || rest.length > 0 || !command)
    throw new StartFailure(
      `Usage: npm run ${name} -- FILE, or without a clone: mailgrant ${name} FILE\nFILE is ${command?.usage}.`,
    )
  return command.run(context, file)
}

/** Runs the command with the settings of the environment and prints its outcome. Returns the exit code. */
export function runFromCommandLine(name: string, args: readonly string[]): number {
  try {
    const environment = readEnvironment()
    const { node, shared } = readSettings(environment)
    const { dataDir } = node
    const context = {
      dataDir,
      databaseFile: join(dataDir, 'mailgrant.sqlite'),
      keySource: shared.encryptionKeys ? 'ENCRYPTION_KEYS' : join(dataDir, 'encryption-keys'),
      now: () => new Date(),
    }
    // npm changes to the folder of package.json, and names the one before.
    const files = args.map((file) => resolve(environment.INIT_CWD ?? '', file))
    console.log(runCommand(context, name, files))
    return 0
  } catch (error) {
    const isExpected = error instanceof BadEnvironment || error instanceof StartFailure
    console.error(isExpected ? error.message : describeError(error))
    return 1
  }
}
