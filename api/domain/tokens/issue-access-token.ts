/** Issues access tokens to mail workers, with everything else that a login needs. */
import type { AccessToken } from '../../../schema/mail-account.ts'
import { mayReceiveToken } from '../../../schema/mail-servers.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { appOnlyScope, namesGraph, tokenScopes } from '../../entra/scopes.ts'
import { graphApiBase, mailboxPath } from '../../graph/hosts.ts'
import { byScope } from '../../model/access.ts'
import type { TokenIssueContext } from '../../model/loaded-mail-account.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import { err, ok, type Result, refuseToken } from '../../model/result.ts'
import { clientOf } from '../../model/token-use.ts'
import type { Call, Services } from '../../services.ts'
import { inactive } from '../app/integration.ts'
import { diagnoseAppToken, diagnoseRefresh } from '../failures/token.ts'
import { withDiagnosis } from '../failures/values.ts'
import { appToken } from './app-only.ts'
import { remainingSeconds, replaceableIn } from './decide.ts'
import { grantToken, lackOf } from './delegated.ts'
import type { UsableToken } from './engine.ts'
import { loginIdentity, xoauth2 } from './login-identity.ts'

/** A token as a caller of the API gets it. */
type IssuedAccessToken = {
  token: AccessToken
  /** Scopes of the token at its resource, separated by spaces. */
  scope: string
  /** Seconds until a token that the mail server refused can be replaced; null if it was not this token. */
  retryAfter: number | null
}

/** A caller's request. `scope`: of an OAuth client, which gets a token for Microsoft Graph only if it requests one. */
type Asked = { rejectedExpiresAt?: string | undefined; scope?: string | undefined }

/** Issues a token for the account. `context`: read together with the caller's key, or here if left out. */
export async function issueAccessToken(
  services: Services,
  call: Call,
  mailAccountId: string,
  { rejectedExpiresAt, scope }: Asked,
  context?: TokenIssueContext | null,
): Promise<Result<IssuedAccessToken>> {
  const found =
    context === undefined ? await services.store.tokenIssue.read(mailAccountId) : context
  const noSuchAccount = err({ reason: 'not_found', resource: 'mail_account' })
  if (!found) return noSuchAccount
  const may = byScope(call.accessScope, {
    all: () => ({ access: true, appOnly: true }),
    mail_accounts: ({ mailAccountIds, appOnly }) => ({
      access: mailAccountIds.includes(mailAccountId),
      appOnly,
    }),
    customer: ({ customer, appOnly }) => ({ access: found.account.customer === customer, appOnly }),
  })
  if (!may.access) return noSuchAccount
  const { account, integration, grant, appToken: stored } = found
  if (account.isSuspended) return err({ reason: 'customer_suspended' })
  if (account.authentication === 'password') return err({ reason: 'not_oauth' })
  if (account.authentication === 'app_only' && !may.appOnly) {
    return err({ reason: 'app_only_not_allowed' })
  }
  if (!integration.active) return inactive
  const cloud = account.authentication === 'oauth' ? grant?.cloud : integration.cloud
  if (cloud && !mayReceiveToken(account, cloud, services.settings.extraMailServers)) {
    return err({ reason: 'mail_server_of_another_cloud', server: account })
  }
  const resource = resourceOf(account.protocol)
  const isAsked = !scope?.trim() || namesGraph(cloud ?? integration.cloud, scope)
  if (resource === 'graph' && !isAsked) return err({ reason: 'scope_not_graph' })
  const rejected = rejectedExpiresAt === undefined ? null : new Date(rejectedExpiresAt)
  const token = await tokenFor(services, call, found, rejected)
  if (!token.ok) return token
  const { accessToken, expiresAt, protocols, refreshed } = token.value
  const lack = protocols && grant && lackOf(grant, account, protocols)
  if (lack) return err({ reason: 'protocol_not_granted', ...lack })
  recordUse(services, call, mailAccountId, found)
  const identity = loginIdentity(account)
  const now = services.now()
  const before = grant ?? stored
  const isStored = before?.accessTokenExpiresAt?.getTime() === expiresAt.getTime()
  const issued = {
    accessTokenExpiresAt: expiresAt,
    refreshedAt: isStored ? before.refreshedAt : null,
  }
  const usable = {
    access_token: accessToken,
    token_type: 'Bearer' as const,
    expires_at: expiresAt.toISOString(),
    expires_in: remainingSeconds(issued, now),
    refreshed,
    username: identity,
    mailbox: account.username,
    from: account.from ?? account.username,
    host: account.host,
    port: account.port,
    security: account.security,
  }
  const tokenCloud = grant?.cloud ?? integration.cloud
  const details: AccessToken =
    resource === 'graph'
      ? {
          ...usable,
          mechanism: 'Bearer',
          api_base: graphApiBase(tokenCloud, services.settings.graphRoot),
          mailbox_path: mailboxPath(account),
        }
      : { ...usable, mechanism: 'XOAUTH2', ...xoauth2(identity, accessToken) }
  return ok({
    token: details,
    scope: protocols
      ? tokenScopes(tokenCloud, protocols).join(' ')
      : appOnlyScope(integration.cloud, resource),
    retryAfter: refreshed ? null : replaceableIn(issued, rejected, now),
  })
}

/** Returns a token of the person's grant or of the app. A refusal comes with its diagnosis. */
async function tokenFor(
  services: Services,
  call: Call,
  { account, grant, appToken: stored, integration }: TokenIssueContext,
  rejected: Date | null,
): Promise<Result<UsableToken, TokenRefusal>> {
  const { settings } = services
  const { authentication, tenant } = account
  if (authentication === 'app_only' && tenant !== null) {
    const app = { ...integration, tenant, resource: resourceOf(account.protocol) }
    const wanted = { tenant, resource: app.resource, stored }
    const token = await appToken(services, call, wanted, integration, { rejected })
    if (token.ok) return token
    return withDiagnosis(token, (facts) => diagnoseAppToken(app, facts, settings))
  }
  if (!grant) {
    return refuseToken('reconnect_required', 'The account no longer has a sign-in. Sign in again.')
  }
  const token = await grantToken(services, call, grant, integration, { rejected })
  if (token.ok) return token
  return withDiagnosis(token, (facts) => diagnoseRefresh(grant, facts, settings))
}

/** Records after the response. Best effort: a failure must not cost the caller the token. */
function recordUse(
  services: Services,
  call: Call,
  mailAccountId: string,
  { account: { customer } }: TokenIssueContext,
): void {
  const address = clientOf(call.clientAddress ?? '')
  const user = { mailAccountId, customer, keyId: call.actor.id ?? '', address }
  const write = services.store.tokenUses.count(user, services.now())
  if (write) call.defer(write().catch(() => {}))
}
