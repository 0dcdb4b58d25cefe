/** Reads and changes rows of the tests' database. */
import { env } from 'cloudflare:workers'

/** Runs a statement in the tests' database, with `values` as its parameters, and returns its rows. */
export const rows = async <Row = Record<string, unknown>>(sql: string, ...values: unknown[]) => {
  const statement = env.DB.prepare(sql).bind(...values)
  return (await statement.all<Row>()).results
}

/** Grants with their access tokens. */
export const GRANTS_WITH_TOKENS = 'grants JOIN grant_tokens ON grant_id = id'

/** Returns the types of the events about a subject, oldest first. */
export async function eventsOf(subject: string): Promise<string[]> {
  const sql = 'SELECT type FROM events WHERE subject = ? ORDER BY rowid'
  return (await rows<{ type: string }>(sql, subject)).map(({ type }) => type)
}
