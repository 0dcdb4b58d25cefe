/** Tokens on their way into a grant: sealed for their row and column before they are stored. */
import { type SQL, sql } from 'drizzle-orm'
import { integrations } from '../../schema/d1/tables.ts'
import { type GrantRecord, grantPlace } from './grant-record.ts'
import type { Sealer } from './seal.ts'

export type NewTokens = {
  accessToken: string
  accessTokenExpiresAt: Date
  /** Null when Entra sent none: the one in use stays. */
  refreshToken: string | null
}

/** A consent that was just given. `state` and times are the store's. */
export type NewGrant = Pick<
  GrantRecord,
  | 'id'
  | 'clientId'
  | 'cloud'
  | 'tenantId'
  | 'objectId'
  | 'accountType'
  | 'signedInAs'
  | 'scopes'
  | 'protocols'
> & { tokens: NewTokens & { refreshToken: string } }

/** That the settings name this client and cloud: a grant of others could never be refreshed. */
export const isCurrentApp = ({ clientId, cloud }: Pick<NewGrant, 'clientId' | 'cloud'>): SQL =>
  sql`EXISTS (SELECT 1 FROM ${integrations} WHERE ${integrations.clientId} = ${clientId}
    AND ${integrations.cloud} = ${cloud})`

/** Sealed columns for new tokens. The refresh token column is left alone when none came. */
export async function sealTokens(sealer: Sealer, id: string, tokens: NewTokens) {
  const [access, refresh] = await Promise.all([
    sealer.seal(tokens.accessToken, grantPlace(id, 'access_token')),
    tokens.refreshToken && sealer.seal(tokens.refreshToken, grantPlace(id, 'refresh_token')),
  ])
  return {
    accessTokenSealed: access,
    accessTokenExpiresAt: tokens.accessTokenExpiresAt.getTime(),
    ...(refresh && { refreshTokenSealed: refresh }),
  }
}

/** What a success wipes out. */
export const healthy = {
  state: 'active',
  failures: 0,
  retryAt: null,
  problemCode: null,
  problemDetail: null,
  problemFacts: null,
  problemSince: null,
} as const
