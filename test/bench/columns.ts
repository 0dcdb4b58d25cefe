/** The part of D1's interface used here, inside and outside a Worker. */
type Database = {
  prepare: (sql: string) => {
    bind: (table: string) => { all: <Row>() => Promise<{ results: Row[] }> }
  }
}

/** Lists the columns that can be written, without generated ones. */
export async function writableColumns(db: Database, table: string): Promise<string[]> {
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').bind(table)
  return (await columns.all<{ name: string }>()).results.map(({ name }) => name)
}
