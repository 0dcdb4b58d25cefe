/** Refresh failures as values, and the grant and integration they are judged for. */
import { type EntraFailure, type RefusalFields, readRefusal } from '../../api/entra/errors.ts'
import type { GrantRecord } from '../../api/model/grant.ts'
import type { IntegrationRecord } from '../../api/model/integration.ts'
import type { NetworkCode } from '../../schema/failure.ts'

const at = new Date('2026-11-25T00:00:00Z')

export const refused = (fields: RefusalFields): EntraFailure => {
  const refusal = readRefusal(fields)
  if (!refusal) throw new Error('not an error answer')
  return { kind: 'refused', refusal, retryAfter: null }
}

export const unreachable = (code: NetworkCode): EntraFailure => ({
  kind: 'unreachable',
  host: 'login.microsoftonline.us',
  code,
})

/** The block page of a proxy. */
export const blockPage: EntraFailure = {
  kind: 'malformed',
  host: 'login.microsoftonline.us',
  status: 403,
  defect: 'content_type',
}

export const numbered = (aadsts: number, error = 'invalid_grant') =>
  refused({ error, error_codes: [aadsts], error_description: `AADSTS${aadsts}: words.` })

export const grant: GrantRecord = {
  id: 'gr_1',
  customer: null,
  state: 'active',
  savedAt: at,
  expiresAt: null,
  reservedFor: null,
  createdAt: at,
  clientId: 'client',
  cloud: 'global',
  tenantId: 'contoso.test',
  objectId: 'object',
  signedInAs: 'alice@contoso.test',
  accountType: 'work',
  resource: 'outlook',
  covered: ['imap'],
  wider: [],
  protocols: ['imap'],
  scopes: ['https://outlook.office.com/IMAP.AccessAsUser.All', 'offline_access'],
  accessTokenExpiresAt: at,
  refreshedAt: null,
  version: 1,
  failures: 0,
  retryAt: null,
  failedAt: null,
  problem: null,
}

export const integration: Pick<
  IntegrationRecord,
  'tenant' | 'homeTenant' | 'homeTenantId' | 'credential'
> = {
  tenant: 'contoso.test',
  homeTenant: null,
  homeTenantId: null,
  credential: { type: 'client_secret' } as IntegrationRecord['credential'],
}
