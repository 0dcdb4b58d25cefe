/** The operator's commands besides `npm start`: copies of the database, and moving to and from D1. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BadEnvironment } from '../env.ts'
import { describeError } from '../log.ts'
import { checkDatabase, copyDatabase, createFile, describeContents } from './copy-database.ts'
import { exportSql, loadDump } from './d1-dump.ts'
import { prepareFolder } from './data-folder.ts'
import { StartFailure } from './failures.ts'
import { lockFolder } from './lock.ts'
import { printable } from './log.ts'
import type { Migration } from './migrations.ts'
import { createRestoredDatabase } from './restored-database.ts'
import { readRevocations } from './revocations.ts'
import { type CopyRules, makeScheduledCopy, SCHEDULED_COPY } from './scheduled-copies.ts'
import { readEnvironment, readSettings } from './settings.ts'

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
  /** True if it takes the option --keep-keys. */
  takesKeepKeys?: true
  /** Returns what to print. Throws StartFailure. */
  run: (context: CommandContext, file: string, keepKeys: boolean) => string
}

const KEYS_APART = (source: string) =>
  `Its secrets are encrypted, so it is useless without their keys, which are not in it. Back up ${source} too, in another place.`

function backup({ databaseFile, keySource }: CommandContext, file: string): string {
  copyDatabase(databaseFile, file)
  return `Copied the database to ${file}: ${describeContents(file)}, checked.\n${KEYS_APART(keySource)}`
}

function copyOnSchedule({ databaseFile, copyRules, now }: CommandContext, folder: string): string {
  const copy = (target: string) => copyDatabase(databaseFile, target)
  return JSON.stringify(makeScheduledCopy(folder, copyRules, now(), copy))
}

function restore(context: CommandContext, file: string, keepKeys: boolean): string {
  const { dataDir, databaseFile, migrations, now } = context
  const fresh = `${databaseFile}.restored`
  if (file === databaseFile || file === fresh || !existsSync(file))
    throw new StartFailure(
      `${file} is not a copy of the database. Choose a copy that the command "backup" made.`,
    )
  return whileStopped(context, () => {
    // An interrupted restore may have left them.
    for (const left of [fresh, `${fresh}.part`]) rmSync(left, { force: true })
    const { since: revocationsSince } = readRevocations(dataDir)
    const options = { migrations, now: now(), revocationsSince, keepKeys }
    const { contents, lines } = createRestoredDatabase(file, fresh, options)
    const replaced = moveAside(databaseFile, now())
    renameSync(fresh, databaseFile)
    const kept = replaced === null ? [] : [`The database that it replaces is now ${replaced}.`]
    return [`Restored ${contents}.`, ...kept, UNDONE, ...lines].join('\n')
  })
}

const UNDONE =
  'Everything is as it was when the copy was made. What was deleted since then is back, such as email accounts, sign-ins and permissions of API keys. Only API keys that were revoked stay revoked.'

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

function importFile(context: CommandContext, file: string, keepKeys: boolean): string {
  const { databaseFile, keySource, migrations, now } = context
  if (!existsSync(file)) throw new StartFailure(`There is no file ${file}.`)
  return whileStopped(context, () => {
    if (!existsSync(databaseFile)) moveAside(databaseFile, now())
    const loaded = `${databaseFile}.loaded`
    const remove = () => {
      for (const left of [loaded, `${loaded}.part`]) rmSync(left, { force: true })
    }
    remove()
    try {
      createFile(loaded, (part) => loadDump(file, part))
      // What was revoked on D1 is not in DATA_DIR/revoked.
      const options = { migrations, now: now(), revocationsSince: null, keepKeys }
      const { contents, lines } = createRestoredDatabase(loaded, databaseFile, options)
      return [
        `Imported ${contents}.`,
        ...lines,
        `Before you start Mailgrant, set ENCRYPTION_KEYS to its value on Cloudflare. The keys in ${keySource} can't decrypt this data unless they are the same.`,
      ].join('\n')
    } finally {
      remove()
    }
  })
}

function exportFile(context: CommandContext, file: string): string {
  const { databaseFile, keySource } = context
  if (!existsSync(databaseFile)) throw new StartFailure(`There is no database at ${databaseFile}.`)
  return whileStopped(context, () => {
    checkDatabase(databaseFile)
    createFile(file, (part) => exportSql(databaseFile, part))
    return `Exported ${describeContents(databaseFile)} to ${file}.\n${KEYS_APART(keySource)}`
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

const KEEP_KEYS = '--keep-keys'

const commands: Record<string, Command> = {
  backup: { usage: 'a new file for the copy', run: backup },
  [SCHEDULED_COPY]: { usage: 'the folder BACKUP_DIR', run: copyOnSchedule },
  restore: { usage: 'a copy of the database', takesKeepKeys: true, run: restore },
  import: { usage: 'the output of "wrangler d1 export"', takesKeepKeys: true, run: importFile },
  export: { usage: 'a new file for "wrangler d1 execute --file"', run: exportFile },
}

export const isCommand = (name: string | undefined): name is string =>
  name !== undefined && Object.hasOwn(commands, name)

/** Runs the command and returns what to print. Throws StartFailure, also for wrong arguments. */
export function runCommand(context: CommandContext, name: string, args: readonly string[]): string {
  const command = commands[name]
  const keepKeys = args.includes(KEEP_KEYS)
  const [file, ...rest] = args.filter((arg) => arg !== KEEP_KEYS)
  const isRight = file !== undefined && !file.startsWith('--') && rest.length === 0
  if (!command || !isRight || (keepKeys && !command.takesKeepKeys)) {
    const form = `FILE${command?.takesKeepKeys ? ` [${KEEP_KEYS}]` : ''}`
    throw new StartFailure(
      `Usage: npm run ${name} -- ${form}, or without a clone: mailgrant ${name} ${form}\nFILE is ${command?.usage}.`,
    )
  }
  return command.run(context, resolve(context.folder, file), keepKeys)
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
