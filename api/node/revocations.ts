/**
 * The API keys that were revoked, in `DATA_DIR/revoked` beside the database: a copy of the database that is put
 * back is older than some revocations, which must not be undone.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { StorageError } from '../model/storage-error.ts'

export type Revocations = {
  /** Id of the lineage of databases whose revocations these are. */
  lineage: string
  keyIds: string[]
}

const pathIn = (dataDir: string) => join(dataDir, 'revoked')

const HEADER = /^database ([0-9a-f]{32})$/m
const ENTRY = /^(key_[a-z2-7]{26})\b/gm

/** Returns null if there is no such file, or it is not one of ours. */
export function readRevocations(dataDir: string): Revocations | null {
  const text = readIfPresent(pathIn(dataDir))
  const lineage = text === null ? undefined : HEADER.exec(text)?.[1]
  if (text === null || lineage === undefined) return null
  const keyIds = new Set([...text.matchAll(ENTRY)].flatMap(([, id]) => id ?? []))
  return { lineage, keyIds: [...keyIds] }
}

/** Starts the file of a new lineage. One of another stays aside: its database may be put back. */
export function startRevocations(dataDir: string, lineage: string): void {
  const path = pathIn(dataDir)
  const part = `${path}.part`
  const text = `# Revoked API keys. Keep this file beside the database: without it, a restored copy brings them back.\ndatabase ${lineage}\n`
  writeAndFlush(part, 'w', text)
  if (existsSync(path)) renameSync(path, `${path}.before-${lineage}`)
  renameSync(part, path)
}

/** Returns a function that adds a key. Throws StorageError if the key may not be on the disk. */
export function createRevocationRecorder(dataDir: string, now: () => Date) {
  return async (keyId: string): Promise<void> => {
    try {
      // On a line of its own, even after a line that a full disk has cut.
      writeAndFlush(pathIn(dataDir), 'a', `\n${keyId} ${now().toISOString()}\n`)
    } catch (cause) {
      throw new StorageError('The revocation could not be recorded', { cause })
    }
  }
}

function writeAndFlush(path: string, flags: 'a' | 'w', text: string): void {
  const file = openSync(path, flags, 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
