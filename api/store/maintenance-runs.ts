/** Results of the latest runs of the maintenance: one row for each task. */
import { sql } from 'drizzle-orm'
import { maintenanceTasks } from '../../schema/d1/operating-tables.ts'
import type { FinishedTask, TaskRecord } from '../model/operations.ts'
import { type Database, time } from './database.ts'

export function createMaintenanceRunStore(db: Database) {
  return {
    /** Records a run in one statement. A task that failed is left out: its last success stays. */
    async record(finished: readonly FinishedTask[], now: Date): Promise<void> {
      if (finished.length === 0) return
      const at = now.getTime()
      await db
        .insert(maintenanceTasks)
        .values(
          finished.map(({ task, more }) => ({
            task,
            finishedAt: at,
            behindSince: more ? at : null,
          })),
        )
        .onConflictDoUpdate({
          target: maintenanceTasks.task,
          set: {
            finishedAt: sql`excluded.finished_at`,
            behindSince: sql`iif(excluded.behind_since IS NULL, NULL,
              coalesce(${maintenanceTasks.behindSince}, excluded.behind_since))`,
          },
        })
    },

    async read(): Promise<TaskRecord[]> {
      const rows = await db.select().from(maintenanceTasks)
      return rows.map((row) => ({
        task: row.task,
        finishedAt: new Date(row.finishedAt),
        behindSince: time(row.behindSince),
      }))
    },
  }
}
