/** Stored facts about a login, and the results of earlier ones, as evidence for a diagnosis. */
import type { Evidence } from '../../../schema/diagnosis.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { clouds } from '../../entra/clouds.ts'
import { scopesFor, tokenScopes } from '../../entra/scopes.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type {
  AccessTokenClaims,
  DiagnosisHistory,
  GrantFacts,
  LoginValues,
} from '../../model/validation.ts'
import type { Services } from '../../services.ts'

/**
 * Returns what is stored about a login. `token`: claims of the access token that was used, if it is a
 * JWT; only then does its expiry count.
 */
export function accountEvidence(
  account: Pick<
    MailAccountValues,
    'protocol' | 'host' | 'port' | 'security' | 'username' | 'delegate' | 'authentication'
  >,
  grant: GrantFacts | null,
  token: { facts: AccessTokenClaims | null; now: Date } | null = null,
): Evidence {
  const { protocol, host, port, security, username, delegate } = account
  const server = { host, port, security, username }
  if (account.authentication === 'password') return { ...server, mechanism: 'login' }
  const resource = resourceOf(protocol)
  const mechanism = resource === 'graph' ? 'bearer' : 'xoauth2'
  if (!grant) return { ...server, mechanism }
  const facts = token?.facts ?? null
  const signedInAs = facts?.username ?? grant.signedInAs
  const isOwnMailbox = signedInAs.toLowerCase() === username.toLowerCase()
  return {
    ...server,
    ...grantEvidence(grant),
    flow: facts?.appOnly ? 'app_only' : 'delegated',
    mechanism,
    signed_in_as: signedInAs,
    // No one signs in as a shared mailbox, so an account with a delegate is probably one.
    ...(isOwnMailbox ? { shared_mailbox: false } : delegate !== null && { shared_mailbox: true }),
    // Mailgrant requested it, so it is known even if the token cannot be read.
    ...(resource === 'graph' && { token_audience: clouds[grant.cloud].graphScopePrefix }),
    ...(facts?.audience && { token_audience: facts.audience }),
    ...(facts?.permissions && { token_scopes: facts.permissions }),
    ...(facts?.expiresAt && token && { token_expired: facts.expiresAt <= token.now.getTime() }),
  }
}

/** Returns the scopes of the resource that the sign-in requested and was granted, with the account that signed in. */
export function grantEvidence(grant: GrantFacts): Evidence {
  const { cloud, protocols, scopes, resource } = grant
  return {
    account_type: grant.accountType,
    tenant: grant.tenantId,
    requested_scope: scopesFor(cloud, scopes, resource).join(' '),
    token_scopes: tokenScopes(cloud, protocols).join(' '),
    signed_in_as: grant.signedInAs,
  }
}

/**
 * Returns what earlier logins show about this one: whether the same account, its other protocol or the app worked
 * before. Null means unknown.
 */
export async function loginHistory(
  store: Services['store'],
  login: LoginValues,
  { tenant, protocol, username }: Pick<MailAccountValues, 'tenant' | 'protocol' | 'username'>,
): Promise<DiagnosisHistory> {
  const [logins, app] = await Promise.all([
    store.validations.readHistory(login),
    tenant === null ? null : store.appTokens.readHistory({ tenant, protocol, username }),
  ])
  return {
    ...logins,
    otherProtocol: logins.otherProtocol ?? app?.otherProtocol ?? null,
    appWorks: app?.worksElsewhere ?? null,
  }
}
