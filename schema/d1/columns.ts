/** Types of columns. Their values are those of the model, so most rows are read and written as they are. */
import { sql } from 'drizzle-orm'
import { customType, integer, text } from 'drizzle-orm/sqlite-core'

/** A time, stored as milliseconds since the Unix epoch. */
export const time = (name?: string) => integer(name ?? '', { mode: 'timestamp_ms' })

/** Words without spaces, stored with a space between each two. */
export const words = customType<{ data: string[]; driverData: string }>({
  dataType: () => 'text',
  toDriver: (list) => list.join(' '),
  fromDriver: (stored) => stored.split(' ').filter(Boolean),
})

/**
 * JSON with times, which are the members with these names. They are stored as milliseconds, and read as null if the
 * number is no time.
 */
export const jsonWithTimes = <Value>(name: string, ...times: string[]) =>
  customType<{ data: Value; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) =>
      JSON.stringify(value, function (this: Record<string, unknown>, key, member) {
        const original = this[key]
        return original instanceof Date ? original.getTime() : member
      }),
    fromDriver: (stored) =>
      JSON.parse(stored, (key, member) => {
        if (!times.includes(key) || member === null) return member
        const read = new Date(member)
        return Number.isNaN(read.getTime()) ? null : read
      }) as Value,
  })(name)

/**
 * Returns the generated column `x_label` of `x_sealed`, which shows the encryption key of the value, so that an index
 * can count and find those of a key. A ciphertext begins with the id of its key (api/store/seal.ts), and 56 characters
 * hold the longest id. Computed, never stored. `unless`: a column; where it has a value, the ciphertext is no longer
 * needed, so it is neither counted nor encrypted again.
 */
export const keyLabel = (sealed: `${string}_sealed`, unless?: string) =>
  text(sealed.replace(/_sealed$/, '_label')).generatedAlwaysAs(
    unless === undefined
      ? sql`substr(${sql.identifier(sealed)}, 1, 56)`
      : sql`iif(${sql.identifier(unless)} IS NULL, substr(${sql.identifier(sealed)}, 1, 56), NULL)`,
    { mode: 'virtual' },
  )
