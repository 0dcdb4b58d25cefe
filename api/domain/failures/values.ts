/** Values for the templates of fixes. */
import type { Diagnosis, Interpretation } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import { isPersonalTenant } from '../../../schema/integration.ts'
import { defaultMailServer, Protocol } from '../../../schema/mail-servers.ts'
import type { StateProblem } from '../../../schema/problem.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { type FixValues, listCauses } from '../../diagnosis/diagnose.ts'
import { adminConsentUrl, UNRECORDED_STATE } from '../../entra/admin-consent.ts'
import { authorityOf } from '../../entra/authority.ts'
import { clouds } from '../../entra/clouds.ts'
import { appOnlyScope, mailScopes } from '../../entra/scopes.ts'
import type { TokenState } from '../../model/grant.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import type { AppAtTenant } from '../../model/validation.ts'
import type { Services } from '../../services.ts'
import { SUSPECTED } from './facts.ts'

/** Settings of the deployment: the URLs of its pages and the login host. */
export type Where = Pick<Services['settings'], 'urls' | 'entraAuthority'>

/** Returns the values of the app registration and its cloud. */
export function appValues(
  app: AppAtTenant,
  where: Where,
  flow: 'delegated' | 'app_only' = 'delegated',
): FixValues {
  const { clientId, cloud, tenant, resource } = app
  const { login, personalAccounts: _, ...portals } = clouds[cloud]
  return {
    clientId: clientId ?? undefined,
    tenant,
    redirectUri: where.urls.redirectUri,
    program: 'Mailgrant',
    causePages: where.urls.causes,
    adminConsentUrl: consentLink(app, where, flow),
    resource,
    ...portals,
    mailHosts: {
      imap: defaultMailServer(cloud, 'imap', 'work').host,
      smtp: defaultMailServer(cloud, 'smtp', 'work').host,
    },
    login: where.entraAuthority ?? login,
  }
}

/**
 * Returns an admin-consent link without storing anything, or undefined for a personal account or without a client ID.
 */
function consentLink(
  { clientId, cloud, tenant, resource = 'outlook' }: AppAtTenant,
  { urls, entraAuthority }: Where,
  flow: 'delegated' | 'app_only',
): string | undefined {
  if (clientId === null || isPersonalTenant(tenant)) return undefined
  const protocols = Protocol.options.filter((protocol) => resourceOf(protocol) === resource)
  return adminConsentUrl({
    authority: authorityOf(cloud, tenant, entraAuthority),
    clientId,
    redirectUri: urls.adminConsentRedirectUri,
    scopes: flow === 'app_only' ? [appOnlyScope(cloud, resource)] : mailScopes(cloud, protocols),
    state: UNRECORDED_STATE,
  })
}

export const accountValues = (
  account: Pick<MailAccountValues, 'username' | 'delegate' | 'from' | 'host' | 'port'>,
): FixValues => ({
  mailbox: account.username,
  delegate: account.delegate ?? undefined,
  from: account.from ?? account.username,
  host: account.host,
  port: account.port,
})

/** Returns the problem of a token as the API shows it, with the diagnosis of its facts. */
export function stateProblem(
  { problem }: Pick<TokenState, 'problem'>,
  diagnoseFacts: (facts: FailureFacts) => Diagnosis,
): StateProblem | null {
  if (!problem) return null
  const { code, detail, since, facts } = problem
  return {
    code: code === SUSPECTED ? 'provider_unavailable' : code,
    detail,
    since: since.toISOString(),
    ...(facts && { diagnosis: diagnoseFacts(facts) }),
  }
}

/** Adds the diagnosis to a refusal where Microsoft's response is known. */
export const withDiagnosis = (
  { error }: { error: TokenRefusal },
  diagnoseFacts: (facts: FailureFacts) => Diagnosis,
): { ok: false; error: TokenRefusal } => ({
  ok: false,
  error: error.facts ? { ...error, diagnosis: diagnoseFacts(error.facts) } : error,
})

// Diagnoses of failures whose cause Mailgrant observed itself, so that no indicators are weighed.

/** Returns the cause of the catalogue with texts for this case. Throws if there is no such cause. */
export function plainDiagnosis(
  slug: string,
  texts: Pick<Diagnosis['candidates'][number], 'title' | 'explanation' | 'fixes'>,
  {
    interpretation,
    where,
  }: { interpretation: Pick<Interpretation, 'protocol' | 'stage'>; where: Where },
): Diagnosis {
  const cause = listCauses({ causePages: where.urls.causes }).find((entry) => entry.cause === slug)
  if (!cause) throw new Error(`the catalogue has no cause ${slug}`)
  const { url, responsible, retryable, docs } = cause
  return {
    verdict: 'certain',
    candidates: [{ cause: slug, url, responsible, retryable, docs, ...texts, likelihood: 1 }],
    proof: { fact: texts.title, source: 'mailgrant' },
    ask: [],
    interpretation: { ...interpretation, source: null },
  }
}
