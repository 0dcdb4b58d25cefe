/** Sign-in links that end before a sign-in is finished with them. */
import { and, eq, gt, type SQL, sql } from 'drizzle-orm'
import { authorizations } from '../../schema/d1/tables.ts'
import type { LinkEnd } from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type { Database } from './database.ts'
import { insertEventForEach } from './events.ts'

/** Returns the condition for links of an API key or person that are neither used nor expired. */
export const openLinksOf = (requester: string, now: Date): SQL | undefined =>
  and(
    eq(authorizations.requestedBy, requester),
    // Written as in the partial index, which SQLite would not use otherwise.
    sql`${authorizations.status} = 'pending'`,
    gt(authorizations.expiresAt, now),
  )

/** Returns a statement for a batch: ends the authorizations that meet the condition. */
export const endLinks = (db: Database, condition: SQL | undefined, end: LinkEnd, now: Date) =>
  db
    .update(authorizations)
    .set({ status: 'failed', endedAt: now, problem: { ...end, facts: null } })
    .where(condition)

/** Returns a statement for a batch: notifies webhooks of each link that was sent and meets the condition. */
export function reportLinks(
  db: Database,
  condition: SQL | undefined,
  end: LinkEnd,
  { at, actor }: Pick<EventRecord, 'at' | 'actor'>,
) {
  const { id, customer, username, mailAccountId, sent } = authorizations
  return insertEventForEach(
    db,
    { type: 'authorization.failed', at, actor, customer: null, subject: null, data: end },
    sql`SELECT ${id} AS subject, ${customer} AS customer, json_object('id', ${id}, 'username', ${username},
        'mail_account_id', ${mailAccountId}) AS facts
      FROM ${authorizations} WHERE ${and(condition, eq(sent, true))}`,
  )
}

/**
 * Returns statements for a batch that end the open links of a requester whose access this event takes, and notify
 * webhooks of those that were sent.
 */
export const endLinksOf = (
  db: Database,
  requester: string,
  end: LinkEnd,
  event: Pick<EventRecord, 'at' | 'actor'>,
) => {
  const open = openLinksOf(requester, event.at)
  return [reportLinks(db, open, end, event), endLinks(db, open, end, event.at)] as const
}
