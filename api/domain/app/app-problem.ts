/**
 * Microsoft's verdict on the app. Whichever request meets it (a refresh, an app-only token, a sign-in, an import, a
 * verification), it is one problem of the integration, for which every token waits. failures.ts judges what a failure
 * says about the app.
 *
 * A cause that concerns the app in one tenant (`perTenant` in the catalogue) counts only where that tenant speaks for
 * the app. Elsewhere it is a refusal of the mailbox. A problem is closed once Microsoft accepts the app in the tenant
 * that the problem concerns, with the same version of the settings. Nothing is deleted because of a verdict.
 */
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { AppProblem, IntegrationRecord } from '../../model/integration.ts'
import { isDue } from '../../model/operations.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import { refuseToken } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import type { JudgedFailure } from '../failures/failures.ts'
import { recordContact } from './outage.ts'

/** Pause of the tokens that a problem concerns, before Microsoft is asked again. */
const PAUSE_MS = MINUTE_MS

/**
 * Records what a failure says about the app, or that Microsoft did not respond. Returns the problem, or null if the
 * failure reveals none. `integration`: the settings that the request was made with. Never throws, since the request
 * goes on.
 */
export async function recordAppRefusal(
  services: Services,
  call: Call,
  integration: IntegrationRecord,
  judged: JudgedFailure,
): Promise<AppProblem | null> {
  await recordContact(services, call, integration, judged.facts)
  const { problem: code, perTenant, facts } = judged
  if (code === null) return null
  const at = services.now()
  const detail = problemDetail(services, judged)
  const problem = { code, since: at, at, detail, facts, ofOwnTenant: perTenant }
  const event = newEvent(services, call, `integration.${code}`, 'microsoft', { detail })
  const { openAppProblem } = services.store.integrations
  await openAppProblem(integration.version, problem, event).catch(() => undefined)
  return problem
}

/**
 * Returns the sentence for the operator about a failure. If the issuer is unreachable, it contains the issuer's URL.
 */
export const problemDetail = (
  { settings }: Pick<Services, 'settings'>,
  { problem, detail, facts }: JudgedFailure,
): string =>
  problem === 'issuer_unreachable'
    ? `Microsoft could not read Mailgrant's OpenID configuration at PUBLIC_URL, ${settings.publicUrl}, or its key set (AADSTS${facts.aadsts}). Make sure that both can be reached from the internet over HTTPS, with a trusted certificate and without a login. It will be retried automatically.`
    : detail

/**
 * Closes the problem, if there is one, because Microsoft accepted the app. `isOwn`: in the tenant that decides about
 * it. Never throws.
 */
export async function recordAppAcceptance(
  services: Services,
  call: Call,
  integration: IntegrationRecord,
  isOwn: boolean,
): Promise<void> {
  await recordContact(services, call, integration, null)
  const { appProblem, version } = integration
  if (!appProblem || !isConcerned(appProblem, isOwn)) return
  const event = newEvent(services, call, 'integration.credential_accepted', 'microsoft')
  await services.store.integrations
    .closeAppProblem(version, appProblem, event)
    .catch(() => undefined)
}

const isConcerned = ({ ofOwnTenant }: AppProblem, isOwn: boolean) => isOwn || !ofOwnTenant

/** Returns the refusal of a token that must wait because of the problem, or null. */
export function refusalByPause(problem: AppProblem | null, isOwn: boolean, now: Date) {
  if (!problem || !isConcerned(problem, isOwn)) return null
  const until = new Date(problem.at.getTime() + PAUSE_MS)
  return isDue(until, now, PAUSE_MS) ? null : refusalByApp(problem)
}

/** Returns the refusal that all tokens share. */
export const refusalByApp = ({
  code,
  detail,
  facts,
}: AppProblem): { ok: false; error: TokenRefusal } =>
  code === 'issuer_unreachable'
    ? // Treated like an outage of Entra, so that a stored token is used while it is valid.
      refuseToken('provider_unavailable', detail, { facts, retryAfter: PAUSE_MS / 1000 })
    : refuseToken('credential_rejected', detail, { facts })
