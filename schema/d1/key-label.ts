/**
 * Generated columns that tell which encryption key sealed a value, so that an index can count and find
 * them: a ciphertext begins with the id of its key (api/store/seal.ts), and 56 characters hold the
 * longest id. Computed, never stored.
 */
import { sql } from 'drizzle-orm'
import { text } from 'drizzle-orm/sqlite-core'

/** Returns the generated column `x_label` of `x_sealed`. */
export const keyLabel = (sealed: `${string}_sealed`) =>
  text(sealed.replace(/_sealed$/, '_label')).generatedAlwaysAs(
    sql`substr(${sql.identifier(sealed)}, 1, 56)`,
    { mode: 'virtual' },
  )
