/**
 * The refresh protocol's half in D1: a lease taken by one conditional UPDATE, and writes that are
 * fenced by version and owner. Only the holder of the lease may call Entra; a write of a holder
 * whose lease was taken over changes nothing.
 */

import { and, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core'
import { grants } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type { TokenFailure } from '../model/failure.ts'
import type { GrantRecord, NewTokens } from '../model/grant.ts'
import type { Database } from './database.ts'
import { insertEventIfChanged } from './events.ts'
import { grantPlace, sealTokens, toGrant } from './grants.ts'
import type { Sealer } from './seal.ts'
import { failureColumns, healthy } from './token-columns.ts'

export type Lease = {
  /** The grant as it was at the moment of acquiring. */
  grant: GrantRecord
  owner: string
  refreshToken: string
  /** The one before, as long as its successor has not been seen to work. */
  previousRefreshToken: string | null
}

type Held = { grant: Pick<GrantRecord, 'id' | 'version'>; owner: string }

export function createLeaseStore(db: Database, sealer: Sealer) {
  const held = ({ grant: { id, version }, owner }: Held) =>
    and(eq(grants.id, id), eq(grants.version, version), eq(grants.leaseOwner, owner))

  /** Gives the lease back and changes nothing else. */
  async function release(lease: Held): Promise<void> {
    await db.update(grants).set({ leaseOwner: null, leaseExpiresAt: null }).where(held(lease))
  }

  /** A write that also gives the lease back. False when the fence held it off. */
  async function write(
    lease: Lease,
    values: SQLiteUpdateSetSource<typeof grants>,
    event: EventRecord | null,
  ): Promise<boolean> {
    const update = db
      .update(grants)
      .set({
        ...values,
        version: lease.grant.version + 1,
        writtenBy: lease.owner,
        leaseOwner: null,
        leaseExpiresAt: null,
      })
      .where(held(lease))
      .returning({ id: grants.id })
    const [updated] = event
      ? await db.batch([update, insertEventIfChanged(db, event)])
      : await db.batch([update])
    return updated.length === 1
  }

  return {
    /**
     * Null when another holder's lease is running, or the row is not at `version` any more. Throws
     * KeyMissing, and nobody holds the lease then.
     */
    async acquire(
      id: string,
      version: number,
      owner: string,
      now: Date,
      until: Date,
    ): Promise<Lease | null> {
      const [row] = await db
        .update(grants)
        .set({ leaseOwner: owner, leaseExpiresAt: until.getTime() })
        .where(
          and(
            eq(grants.id, id),
            eq(grants.version, version),
            or(isNull(grants.leaseExpiresAt), lt(grants.leaseExpiresAt, now.getTime())),
          ),
        )
        .returning()
      if (!row?.refreshTokenSealed) return null
      const open = (sealed: string, column: string) => sealer.open(sealed, grantPlace(id, column))
      const grant = toGrant(row)
      try {
        const [refreshToken, previousRefreshToken] = await Promise.all([
          open(row.refreshTokenSealed, 'refresh_token'),
          row.previousRefreshTokenSealed === null
            ? null
            : // It was sealed when it was the current one, so it carries that column's name.
              open(row.previousRefreshTokenSealed, 'refresh_token'),
        ])
        return { grant, owner, refreshToken, previousRefreshToken }
      } catch (error) {
        await release({ grant, owner })
        throw error
      }
    },

    /**
     * Stores what a refresh brought and gives the lease back. When Entra rotated the refresh token,
     * the one that has just worked (`used`) is kept as the previous one. False when the fence held
     * it off.
     */
    async store(
      lease: Lease,
      tokens: NewTokens,
      used: 'current' | 'previous',
      now: Date,
      event: EventRecord | null,
    ): Promise<boolean> {
      const values = {
        ...(await sealTokens(sealer, lease.grant.id, tokens)),
        ...healthy,
        ...(tokens.refreshToken !== null &&
          used === 'current' && {
            previousRefreshTokenSealed: sql`${grants.refreshTokenSealed}`,
          }),
        refreshedAt: now.getTime(),
      }
      return write(lease, values, event)
    },

    /** Stores why a refresh failed and gives the lease back. No token is touched. */
    fail: (
      lease: Lease,
      failure: TokenFailure,
      now: Date,
      event: EventRecord | null,
    ): Promise<boolean> => write(lease, failureColumns(failure, lease.grant, now), event),

    release,

    /** Whether this owner's write is in the row: after an answer of D1 that never came. */
    async wrote(lease: { grant: Pick<GrantRecord, 'id'>; owner: string }): Promise<boolean> {
      const [row] = await db
        .select({ writtenBy: grants.writtenBy })
        .from(grants)
        .where(eq(grants.id, lease.grant.id))
      return row?.writtenBy === lease.owner
    },
  }
}
