/** Issuing an access token: everything that decides it, read together. */
import type { Protocol, Security } from '../../schema/mail-servers.ts'
import type { AppTokenWithToken } from './app-token.ts'
import type { GrantWithToken } from './grant.ts'
import type { AppSettings } from './integration.ts'
import type { MailAccountValues } from './mail-account.ts'

export type TokenIssueContext = {
  integration: AppSettings
  account: {
    protocol: Protocol
    host: string
    port: number
    security: Security
    username: string
    delegate: string | null
    from: string | null
    authentication: MailAccountValues['authentication']
    tenant: string | null
  }
  /** Null for other accounts, and after the grant was detached or deleted. */
  grant: GrantWithToken | null
  /** Token of the app at the account's tenant; null for other accounts, and before the first one. */
  appToken: AppTokenWithToken | null
  lastUsedAt: Date | null
}
