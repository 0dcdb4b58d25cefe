/** Grants: the result of a person's sign-in. */
import type { AccountType, Cloud, Protocol } from '../../schema/mail-servers.ts'
import type { StoredAccessToken, TokenState } from './failure.ts'

export type GrantRecord = TokenState & {
  id: string
  /** Null until a saved mail account names it. */
  savedAt: Date | null
  /** Expiry of an unsaved grant. */
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
}

export type GrantWithToken = GrantRecord & StoredAccessToken

export type NewTokens = {
  accessToken: string
  accessTokenExpiresAt: Date
  /** Null when Entra sent none: the one in use remains valid. */
  refreshToken: string | null
}

/** JSON that a sign-in must pass on to Entra, and the app that it was given to. */
export type ClaimsChallenge = Pick<GrantRecord, 'clientId' | 'cloud'> & { claims: string }

/** A consent that was just given. The store sets its state and times. */
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

/** Returns the state of the grant for accounts of this protocol: `blocked` if Microsoft no longer grants it. */
export const stateForProtocol = (
  { state, protocols }: Pick<GrantRecord, 'state' | 'protocols'>,
  protocol: Protocol,
): GrantRecord['state'] =>
  (state === 'active' || state === 'cooling_down') && !protocols.includes(protocol)
    ? 'blocked'
    : state

/** Returns whether an unsaved grant is past its hour, though not deleted yet. */
export const isGone = (grant: GrantRecord, now: Date): boolean =>
  grant.savedAt === null && grant.expiresAt !== null && grant.expiresAt <= now
