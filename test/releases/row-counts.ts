/** Returns the number of rows of each table of the product. */
export async function rowCounts(db: D1Database): Promise<Record<string, number>> {
  const tables = await db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations' ORDER BY name",
    )
    .all<{ name: string }>()
  const counts = await Promise.all(
    tables.results.map(async ({ name }) => [
      name,
      await db.prepare(`SELECT count(*) AS rows FROM "${name}"`).first<number>('rows'),
    ]),
  )
  return Object.fromEntries(counts)
}
