/**
 * The folders of your own server. They are made for its user alone, and written so that a crash leaves no partial file.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import {
  explainStorageFailure,
  PassingFailure,
  StartFailure,
  storageFailureOf,
} from './failures.ts'

const OTHERS = 0o077
const STICKY = 0o1000
const { R_OK, W_OK, X_OK } = constants

/**
 * Makes the folder, and closes it and its files to other users. Returns warnings. Throws StartFailure if
 * it cannot be used. `setting` is the name of the variable that chose it.
 */
export function prepareFolder(
  setting: string,
  path: string,
  platform: NodeJS.Platform = process.platform,
): string[] {
  let entries: Dirent[]
  try {
    makeFolder(path)
    entries = readdirSync(path, { withFileTypes: true })
    accessSync(path, R_OK | W_OK | X_OK)
  } catch (error) {
    throw folderFailure(setting, path, error)
  }
  if (platform === 'win32') {
    return [
      `${setting}: Windows ignores file modes. Make sure that only Mailgrant's account can read ${path}.`,
    ]
  }
  const { mode } = statSync(path)
  if (mode & STICKY) {
    throw new StartFailure(
      `${setting}: ${path} is a folder for all users. Choose a folder that only Mailgrant uses.`,
    )
  }
  const files = entries.filter((entry) => entry.isFile())
  const open = [path, ...files.map(({ name }) => join(path, name))].filter(
    (each) => !closeToOthers(each),
  )
  return open.map(
    (each) =>
      `${setting}: other users may have access to ${each}, and this user isn't allowed to change that. Change its owner or its mode.`,
  )
}

/**
 * Makes a folder and those above it. Node's own `recursive` reports a read-only disk as ENOENT, and never returns where
 * a folder cannot be made, as in /proc.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/** Magic numbers of statfs(2) for network file systems. FUSE is left out, since it serves local disks, too. */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x69_69, 'NFS'],
  [0x51_7b, 'SMB'],
  [0xfe_53_4d_42, 'SMB'],
  [0xff_53_4d_42, 'SMB'],
  [0x53_46_41_4f, 'AFS'],
  [0xc3_64_00, 'CephFS'],
  [0xb_d0_0b_d0, 'Lustre'],
])

/** Throws StartFailure for a folder of the database on a network file system. */
export function refuseNetworkFolder(path: string, type: number = statfsSync(path).type): void {
  const name = NETWORK_FILE_SYSTEMS.get(type)
  if (name === undefined) return
  throw new StartFailure(
    `DATA_DIR: ${path} is on ${name}, a network file system, which does not lock SQLite files reliably. Choose a folder on a local disk.`,
  )
}

/** Returns false if others have access and this user cannot change it. */
function closeToOthers(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || (stats.mode & OTHERS) === 0) return true
  try {
    chmodSync(path, stats.mode & 0o700)
    return true
  } catch {
    // Kubernetes gives a volume to root and to a group that only this pod has, so the group may have access.
    const groups = [process.getegid?.(), ...(process.getgroups?.() ?? [])]
    return (stats.mode & 0o007) === 0 && groups.includes(stats.gid)
  }
}

/** Returns the sentence for an error of the file system, or of SQLite. */
export function folderFailure(setting: string, path: string, error: unknown): StartFailure {
  const failure = storageFailureOf(error)
  const Failure = failure === 'full' || failure === 'locked' ? PassingFailure : StartFailure
  const { code = 'unknown error' } = error as NodeJS.ErrnoException
  const sentence =
    failure === null ? `${path} cannot be used (${code}).` : explainStorageFailure(failure, path)
  const foreign =
    failure === 'read_only' || failure === 'path'
      ? [path, `${path}-wal`, `${path}-shm`].map(foreignOwner).find((owner) => owner !== null)
      : undefined
  return new Failure(`${setting}: ${foreign ?? sentence}`, { cause: error })
}

/** Returns what to do about a file of another user, such as one that a command of root has left, or null. */
function foreignOwner(path: string): string | null {
  const user = process.geteuid?.()
  try {
    const owner = statSync(path, { throwIfNoEntry: false })?.uid
    if (user === undefined || user === 0 || owner === undefined || owner === user) return null
    const name = owner === 0 ? 'root' : `the user with ID ${owner}`
    return `${path} belongs to ${name}, and Mailgrant runs as the user with ID ${user}. Run: sudo chown ${user} ${path}`
  } catch {
    return null
  }
}

/**
 * Reads a file in UTF-8, or in the UTF-16 that PowerShell and old editors write on Windows, without its byte order
 * mark.
 */
export function readTextFile(path: string): string {
  const bytes = readFileSync(path)
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}

/** Replaces a file with mode 0600. After a crash it has the old or the new text. */
export function replaceFile(path: string, text: string): void {
  const fresh = `${path}.new`
  rmSync(fresh, { force: true })
  writeFileSync(fresh, text, { flag: 'wx', mode: 0o600 })
  moveIntoPlace(fresh, path)
}

/** Renames a file that was written once it is on the disk, as is its new name afterwards. */
export function moveIntoPlace(file: string, path: string): void {
  flush(file, 'r+')
  renameSync(file, path)
  // Windows cannot open a folder, and records a rename without this.
  if (process.platform !== 'win32') flush(dirname(path), 'r')
}

function flush(path: string, flags: string): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
