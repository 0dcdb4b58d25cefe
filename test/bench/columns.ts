/** As much of D1 as this uses, inside a Worker and outside. */
type Database = {
  prepare: (sql: string) => {
    bind: (table: string) => { all: <Row>() => Promise<{ results: Row[] }> }
  }
}

/** Names of the columns that hold something of their own; what is computed from others is left out. */
export async function columnsOf(db: Database, table: string): Promise<string[]> {
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').bind(table)
  return (await columns.all<{ name: string }>()).results.map(({ name }) => name)
}
