/** Leases: the right to ask Entra for the token of one row. */
import { SECOND_MS } from '../../schema/durations.ts'
import type { AppTokenRecord } from './app-token.ts'
import type { GrantRecord } from './grant.ts'
import type { IntegrationWithCredentials } from './integration.ts'

/**
 * Short, since nobody can refresh the token until the lease of a holder that died has expired. A living
 * holder renews it: it stays valid for 7 s at least, which outlasts a failed renewal and the difference
 * between the clocks of two isolates.
 */
export const LEASE_MS = 10 * SECOND_MS

/** `record` is the row as it was at the moment of acquiring; `owner` is unique to this lease. */
export type Lease<
  Leased extends { id: string; version: number } = { id: string; version: number },
> = { record: Leased; owner: string }

/** `isFree`: no lease is running. */
export type RowState = { version: number; isFree: boolean }

/** A lease with the settings as they were when it was acquired: the refresh uses these. */
export type RefreshLease<Leased extends { id: string; version: number }> = Lease<Leased> & {
  settings: IntegrationWithCredentials
}

export type GrantLease = RefreshLease<GrantRecord> & {
  /** Null when it is damaged. */
  refreshToken: string | null
  /** The last one that worked before the current one; null until Entra has rotated it, or when damaged. */
  previousRefreshToken: string | null
}

export type AppTokenLease = RefreshLease<AppTokenRecord>
