/**
 * A failure of the database while it ran statements, whatever the binding threw: workerd reports a lost connection
 * without any prefix. The statements may have been applied.
 */
export class StorageError extends Error {
  override name = 'StorageError'
}

/** The cause of a StorageError after which no write is tried. Its message says what an operator must do, without paths. */
export class WritesRefused extends Error {
  override name = 'WritesRefused'
}

/** Returns the sentence of a WritesRefused that caused the error, or undefined. */
export function findRefusedWrites(error: unknown): string | undefined {
  if (error instanceof WritesRefused) return error.message
  return error instanceof Error ? findRefusedWrites(error.cause) : undefined
}
