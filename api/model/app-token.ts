/** App-only access: tokens of the app itself at one tenant (client credentials). */
import type { Cloud } from '../../schema/mail-servers.ts'
import type { StoredAccessToken, TokenState } from './failure.ts'

/** The app and the tenant of a token. Another app or cloud has tokens of its own. */
export type AppTokenKey = { clientId: string; cloud: Cloud; tenant: string }

export type AppTokenRecord = AppTokenKey &
  TokenState & {
    id: string
    /** No person can sign in again here, so there is no `reconnect_required`. */
    state: 'active' | 'cooling_down' | 'blocked'
  }

/** Returns the id of the token's row. */
export const appTokenId = ({ clientId, cloud, tenant }: AppTokenKey): string =>
  `${clientId}|${cloud}|${tenant}`

export type AppTokenWithToken = AppTokenRecord & StoredAccessToken

/** Results of other logins with the same token. */
export type AppOnlyHistory = {
  /** The same mailbox over the other protocol. */
  otherProtocol: 'passed' | 'failed' | null
  /** True when another mailbox of the tenant was opened: Exchange knows the app, then. */
  worksElsewhere: boolean
}
