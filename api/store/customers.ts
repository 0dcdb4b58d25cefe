/** Customers, known from the first request that names them. */
import { eq, sql } from 'drizzle-orm'
import { customers } from '../../schema/d1/operating-tables.ts'
import type { Database } from './database.ts'

export function createCustomerStore(db: Database) {
  return {
    /** Makes the customer known, unless one differs in case only. Returns the known name. */
    async admit(name: string): Promise<string> {
      const [, [row]] = await db.batch([
        db.insert(customers).values({ name }).onConflictDoNothing(),
        db
          .select({ name: customers.name })
          .from(customers)
          .where(eq(sql`lower(${customers.name})`, name.toLowerCase())),
      ])
      return row?.name ?? name
    },
  }
}
