/** The operator's commands besides `npm start`: copies of the database, and moving to and from D1. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BadEnvironment } from '../env.ts'
import { describeError } from '../log.ts'
import { copyDatabase, createFile, describeContents, inspectDatabase } from './copy-database.ts'
import { exportSql, openDump } from './d1-dump.ts'
import { prepareFolder } from './data-folder.ts'
import { lockFolder } from './lock.ts'
import { printable } from './log.ts'
import type { Migration } from './migrations.ts'
import { createRestoredDatabase, type RestoreOptions } from './restored-database.ts'
import { type CopyRules, makeScheduledCopy, SCHEDULED_COPY } from './scheduled-copies.ts'
import { readEnvironment, readSettings } from './settings.ts'
import { StartFailure } from './start-failure.ts'
import { openCopy } from './take-rows.ts'

export type CommandContext = {
  dataDir: string
  databaseFile: string
  /** Folder of relative paths. */
  folder: string
  /** Location of the encryption keys, for messages. */
  keySource: string
  copyRules: CopyRules
  migrations: readonly Migration[]
  now: () => Date
}

type Command = {
  /** Description of FILE in the usage text. */
  usage: string
  /** Options that it takes. */
  flags?: string
  /** Returns what to print. Throws StartFailure. */
  run: (context: CommandContext, file: string, options: RestoreOptions) => string
}

const KEYS_APART = (source: string) =>
  `Its secrets are encrypted, so it is useless without their keys, which are not in it. Back up ${source} too, in another place.`

function backup({ databaseFile, keySource }: CommandContext, file: string): string {
  const contents = copyDatabase(databaseFile, file)
  return `Copied the database to ${file}: ${describeContents(contents)}, checked.\n${KEYS_APART(keySource)}`
}

function copyOnSchedule({ databaseFile, copyRules, now }: CommandContext, folder: string): string {
  const copy = (target: string) => void copyDatabase(databaseFile, target)
  return JSON.stringify(makeScheduledCopy(folder, copyRules, now(), copy))
}

function restore(context: CommandContext, file: string, options: RestoreOptions): string {
  const { databaseFile, now } = context
  if (file === databaseFile || !existsSync(file))
    throw new StartFailure(
      `${file} is not a copy of the database. Choose a copy that the command "backup" made.`,
    )
  return whileStopped(context, () => {
    const fresh = `${databaseFile}.restored`
    if (!existsSync(databaseFile) && existsSync(fresh)) {
      // An earlier restore was interrupted between its two renames. Its database is complete, and access that has
      // ended since the copy is ended in it, too.
      moveAside(databaseFile, now())
      renameSync(fresh, databaseFile)
      if (file === fresh) return 'The restore that was interrupted is complete.'
    }
    rmSync(fresh, { force: true })
    const { contents, lines } = createRestoredDatabase(context, openCopy, file, fresh, options)
    const replaced = moveAside(databaseFile, now())
    renameSync(fresh, databaseFile)
    const kept = replaced === null ? [] : [`The database that it replaces is now ${replaced}.`]
    return [`Restored ${contents}.`, ...kept, ...lines].join('\n')
  })
}

/**
 * Moves the database away, with a WAL that a killed server has left, since beside the copy, SQLite would apply it.
 * Returns the new path, or null if there was none.
 */
function moveAside(databaseFile: string, now: Date): string | null {
  const ends = ['', '-wal', '-shm'].filter((end) => existsSync(`${databaseFile}${end}`))
  if (ends.length === 0) return null
  const time = now.toISOString().replaceAll(/\W/g, '')
  const aside = databaseFile.replace(/\.sqlite$/, `-replaced-${time}.sqlite`)
  // Moves the database first. If the process dies in between, only a WAL is left, and a start refuses that. Without
  // its WAL, a database would lack its last changes.
  for (const end of ends) renameSync(`${databaseFile}${end}`, `${aside}${end}`)
  return aside
}

function importFile(context: CommandContext, file: string, options: RestoreOptions): string {
  const { databaseFile, keySource, now } = context
  if (!existsSync(file)) throw new StartFailure(`There is no file ${file}.`)
  return whileStopped(context, () => {
    if (!existsSync(databaseFile)) moveAside(databaseFile, now())
    const { contents, lines } = createRestoredDatabase(
      context,
      openDump,
      file,
      databaseFile,
      options,
    )
    return [
      `Imported ${contents}.`,
      ...lines,
      `Before you start Mailgrant, set ENCRYPTION_KEYS to its value on Cloudflare. The keys in ${keySource} can't decrypt this data unless they are the same.`,
    ].join('\n')
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

/** Runs the work under the lock of the folder, since changes of a server that runs meanwhile would be lost. */
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
  [SCHEDULED_COPY]: {
    usage: 'the folder BACKUP_DIR',
    run: copyOnSchedule,
  },
  restore: {
    usage: 'a copy of the database',
    flags: ' [--keep-keys] [--with-deleted]',
    run: restore,
  },
  import: { usage: 'the output of "wrangler d1 export"', flags: ' [--keep-keys]', run: importFile },
  export: { usage: 'a new file for "wrangler d1 execute --file"', run: exportFile },
}

export const isCommand = (name: string | undefined): name is string =>
  name !== undefined && Object.hasOwn(commands, name)

/** Runs the command and returns what to print. Throws StartFailure, also for wrong arguments. */
export function runCommand(context: CommandContext, name: string, args: readonly string[]): string {
  const command = commands[name]
  const flags = args.filter((arg) => arg.startsWith('--'))
  const [file, ...rest] = args.filter((arg) => !arg.startsWith('--'))
  const known = command?.flags ?? ''
  const isKnown = flags.every((flag) => known.includes(`[${flag}]`))
  if (file === undefined || rest.length > 0 || !command || !isKnown)
    throw new StartFailure(
      `Usage: npm run ${name} -- FILE${known}, or without a clone: mailgrant ${name} FILE${known}\nFILE is ${command?.usage}.`,
    )
  const options = {
    keepKeys: flags.includes('--keep-keys'),
    withDeleted: flags.includes('--with-deleted'),
  }
  return command.run(context, resolve(context.folder, file), options)
}

/** Runs the command with the settings of the environment and prints its outcome. Returns the exit code. */
export function runFromCommandLine(
  migrations: readonly Migration[],
  name: string,
  args: readonly string[],
): number {
  try {
    // Administrators run it as the user `mailgrant`, often in their home folder, which that user cannot read.
    const environment = readEnvironment((text) => console.error(text))
    const { node, shared } = readSettings(environment)
    const { dataDir } = node
    const context = {
      dataDir,
      databaseFile: join(dataDir, 'mailgrant.sqlite'),
      // npm changes to the folder of package.json, and passes on the one before.
      folder: environment.INIT_CWD ?? '',
      keySource: shared.encryptionKeys ? 'ENCRYPTION_KEYS' : join(dataDir, 'encryption-keys'),
      copyRules: node.copyRules,
      migrations,
      now: () => new Date(),
    }
    console.log(printable(runCommand(context, name, args)))
    return 0
  } catch (error) {
    const isExpected = error instanceof BadEnvironment || error instanceof StartFailure
    console.error(printable(isExpected ? error.message : describeError(error)))
    return 1
  }
}
