/**
 * A failure of the database while it ran statements, whatever the binding threw: workerd reports a lost connection
 * without any prefix. The statements may have been applied.
 */
export class StorageError extends Error {
  override name = 'StorageError'
}
