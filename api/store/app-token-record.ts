/** A token of the app itself as the domain sees it. It stays sealed until somebody asks for it. */
import { getTableColumns } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import { time } from './database.ts'
import type { GrantProblem } from './grant-record.ts'
import type { Sealer } from './seal.ts'
import { problemOf } from './token-failure.ts'

/** Whose token it is. Another app or cloud has its own tokens, so that nothing is left over. */
export type AppTokenKey = { clientId: string; cloud: Cloud; tenant: string }

export type AppTokenRecord = AppTokenKey & {
  id: string
  /** Nobody can sign in again here, so there is no `reconnect_required`. */
  state: 'active' | 'cooling_down' | 'blocked'
  accessTokenExpiresAt: Date | null
  /** When Entra issued the token. */
  refreshedAt: Date | null
  version: number
  failures: number
  retryAt: Date | null
  problem: GrantProblem | null
}

export type AppTokenInHand = {
  token: AppTokenRecord
  /** Null while none was issued. Throws KeyMissing. */
  openAccessToken: () => Promise<string | null>
}

export type AppTokenLease = { token: AppTokenRecord; owner: string }

const {
  accessTokenLabel: _,
  leaseOwner: _owner,
  leaseExpiresAt: _until,
  ...columns
} = getTableColumns(appTokens)
export const appTokenColumns = columns

type Row = Pick<typeof appTokens.$inferSelect, keyof typeof columns>

export const appTokenId = ({ clientId, cloud, tenant }: AppTokenKey) =>
  `${clientId}|${cloud}|${tenant}`

export const tokenPlace = (row: string) => ({ table: 'app_tokens', row, column: 'access_token' })

export const withAppToken = (sealer: Sealer, row: Row): AppTokenInHand => ({
  token: toAppToken(row),
  openAccessToken: async () =>
    row.accessTokenSealed && sealer.open(row.accessTokenSealed, tokenPlace(row.id)),
})

export function toAppToken(row: Row): AppTokenRecord {
  return {
    id: row.id,
    clientId: row.clientId,
    cloud: row.cloud,
    tenant: row.tenant,
    state: row.state,
    accessTokenExpiresAt: time(row.accessTokenExpiresAt),
    refreshedAt: time(row.fetchedAt),
    version: row.version,
    failures: row.failures,
    retryAt: time(row.retryAt),
    problem: problemOf(row),
  }
}
