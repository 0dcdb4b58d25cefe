/** The baseline for the Worker: Hono, one route, one row of D1, nothing else. */
import { Hono } from 'hono'

/** The part of D1's interface used here. */
type Database = {
  prepare: (sql: string) => { bind: (id: string) => { first: () => Promise<object | null> } }
}

const app = new Hono<{ Bindings: { DB: Database } }>()

app.get('/mail-accounts/:id', async (c) => {
  const select = c.env.DB.prepare('SELECT * FROM mail_accounts WHERE id = ?')
  const row = await select.bind(c.req.param('id')).first()
  return row === null ? c.notFound() : c.json(row)
})

export default app
