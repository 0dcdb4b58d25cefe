/** Stored values: ciphertexts and the errors of opening one, pages of a list, and the state of the database. */

/** A ciphertext with the number of its row. */
export type Ciphertext = { row: number; sealed: string }

/** Result of opening the sealed hash of an API key or a console session. */
export type Binding = {
  /** SHA-256 of the secret that the row was made for. */
  secretHash: string
  /** False if ACCESS_EPOCH has changed since, or a right in the row was not written by Mailgrant. */
  isIntact: boolean
}

/** Thrown if the key ring lacks the key that sealed a value. Nothing is lost once the key is added again. */
export class KeyMissing extends Error {
  readonly kid: string
  constructor(kid: string) {
    super(`the encryption key "${kid}" is not in the ring`)
    this.name = 'KeyMissing'
    this.kid = kid
  }
}

/** Opens the binding of a row. Returns null if the key ring lacks its key, as for a damaged one. */
export const bindingOf = (row: {
  openBinding: () => Promise<Binding | null>
}): Promise<Binding | null> => row.openBinding().catch(nullIfKeyMissing)

/** Returns null for KeyMissing, so that a value whose key is missing counts as damaged. Throws any other error. */
export function nullIfKeyMissing(error: unknown): null {
  if (error instanceof KeyMissing) return null
  throw error
}

/** Thrown for a ciphertext that is damaged or was moved to another row or column. */
export class SealBroken extends Error {
  override name = 'SealBroken'
}

/**
 * A failure of the database while it ran statements. Made of whatever the binding throws, since workerd reports a lost
 * connection without a prefix. The statements may have been applied.
 */
export class StorageError extends Error {
  override name = 'StorageError'
}

/** The cause of a StorageError after which no write is tried. The message tells operators what to do, without paths. */
export class WritesRefused extends Error {
  override name = 'WritesRefused'
}

/** Returns the sentence of a WritesRefused that caused the error, or undefined. */
export function findRefusedWrites(error: unknown): string | undefined {
  if (error instanceof WritesRefused) return error.message
  return error instanceof Error ? findRefusedWrites(error.cause) : undefined
}

/** One page of a list; `nextCursor` is null on the last page. */
export type Page<Item> = { data: Item[]; nextCursor: string | null }

/** Returns a page as the API shows it. */
export const listPage = <Item, View>(
  { data, nextCursor }: Page<Item>,
  view: (item: Item) => View,
) => ({ data: data.map(view), next_cursor: nextCursor })

/** The part of a database's state that its queries do not show, but an operator must know. */
export type DatabaseHealth = {
  /** Returns what to do about an error of a query. */
  explain: (error: unknown) => string
  /** Returns what is wrong with a database that responds, or null. */
  findProblem: () => Promise<{ status: 'failed' | 'degraded'; detail: string } | null>
  measure: () => Promise<DatabaseSize>
}

export type DatabaseSize = {
  bytes: number
  /** Free space on its disk, or below the limit of its host. */
  freeBytes: number
}

/**
 * Returns the time since which no other process has used the database, in ms since the epoch, so whatever began before
 * it has ended. Returns 0 if others might use it.
 */
export type AloneSince = (now: Date) => number
