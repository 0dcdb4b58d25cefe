/**
 * Generated columns that show which encryption key sealed a value, so that an index can count and find them, since a
 * ciphertext begins with the id of its key (api/store/seal.ts), and 56 characters hold the longest id. Computed, never
 * stored.
 */
import { sql } from 'drizzle-orm'
import { text } from 'drizzle-orm/sqlite-core'

/**
 * Returns the generated column `x_label` of `x_sealed`. `unless`: a column; where it has a value, the ciphertext is no
 * longer needed, so it is neither counted nor encrypted again.
 */
export const keyLabel = (sealed: `${string}_sealed`, unless?: string) =>
  text(sealed.replace(/_sealed$/, '_label')).generatedAlwaysAs(
    unless === undefined
      ? sql`substr(${sql.identifier(sealed)}, 1, 56)`
      : sql`iif(${sql.identifier(unless)} IS NULL, substr(${sql.identifier(sealed)}, 1, 56), NULL)`,
    { mode: 'virtual' },
  )
