/**
 * Which encryption key sealed a row, for an index to count and find: a ciphertext begins with the id
 * of its key (api/store/seal.ts), and 56 characters hold the longest id. Computed, never stored.
 */
import { sql } from 'drizzle-orm'
import { text } from 'drizzle-orm/sqlite-core'

/** `token_sealed` gives `token_label`. */
export const keyLabel = (sealed: `${string}_sealed`) =>
  text(sealed.replace(/_sealed$/, '_label')).generatedAlwaysAs(
    sql`substr(${sql.identifier(sealed)}, 1, 56)`,
    { mode: 'virtual' },
  )
