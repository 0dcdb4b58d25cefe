/** A grant as the domain sees it. Its tokens stay sealed until somebody asks for one. */
import { getTableColumns } from 'drizzle-orm'
import { grants } from '../../schema/d1/tables.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { AccountType, Cloud, Protocol } from '../../schema/mail-servers.ts'
import { time, words } from './database.ts'
import type { Sealer } from './seal.ts'
import { problemOf } from './token-failure.ts'

export type GrantState = 'active' | 'cooling_down' | 'reconnect_required' | 'blocked'

export type GrantRecord = {
  id: string
  state: GrantState
  /** Null while no saved mail account names it. */
  savedAt: Date | null
  /** When an unsaved grant goes. */
  expiresAt: Date | null
  createdAt: Date
  clientId: string
  cloud: Cloud
  tenantId: string
  objectId: string
  accountType: AccountType
  signedInAs: string
  scopes: string[]
  protocols: Protocol[]
  accessTokenExpiresAt: Date | null
  refreshedAt: Date | null
  version: number
  failures: number
  retryAt: Date | null
  problem: GrantProblem | null
}

export type GrantProblem = {
  code: string
  detail: string
  since: Date
  /** Null where it was not Microsoft who refused. */
  facts: FailureFacts | null
}

/** All but the refresh tokens, which are long, and the labels: only the upkeep has a use for those. */
const {
  refreshTokenSealed: _refreshToken,
  previousRefreshTokenSealed: _previousRefreshToken,
  refreshTokenLabel: _refreshTokenLabel,
  previousRefreshTokenLabel: _previousRefreshTokenLabel,
  accessTokenLabel: _accessTokenLabel,
  ...readable
} = getTableColumns(grants)
export const grantColumns = readable

type GrantRow = Pick<typeof grants.$inferSelect, keyof typeof readable>

export const grantPlace = (row: string, column: string) => ({ table: 'grants', row, column })

export const withToken = (sealer: Sealer, row: GrantRow) => ({
  grant: toGrant(row),
  openAccessToken: async (): Promise<string | null> =>
    row.accessTokenSealed && sealer.open(row.accessTokenSealed, grantPlace(row.id, 'access_token')),
})

export function toGrant(row: GrantRow): GrantRecord {
  return {
    id: row.id,
    state: row.state,
    savedAt: time(row.savedAt),
    expiresAt: time(row.expiresAt),
    createdAt: new Date(row.createdAt),
    clientId: row.clientId,
    cloud: row.cloud,
    tenantId: row.tenantId,
    objectId: row.objectId,
    accountType: row.accountType,
    signedInAs: row.signedInAs,
    scopes: words(row.scopes),
    protocols: words(row.protocols) as Protocol[],
    accessTokenExpiresAt: time(row.accessTokenExpiresAt),
    refreshedAt: time(row.refreshedAt),
    version: row.version,
    failures: row.failures,
    retryAt: time(row.retryAt),
    problem: problemOf(row),
  }
}
