/**
 * Microsoft's verdict on the app. Whichever request meets it (a refresh, an app-only token, a sign-in, an import, a
 * verification), it is one problem of the integration. failures.ts judges what a failure says about the app, and the
 * table below holds all that differs between the codes.
 *
 * A cause that concerns the app in one tenant (`perTenant` in the catalogue) counts only where that tenant speaks for
 * the app. Elsewhere it is a refusal of the mailbox. A problem is closed once Microsoft accepts the app in the tenant
 * that the problem concerns, with the same version of the settings. Nothing is deleted because of a verdict.
 */
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { EventType } from '../../../schema/event.ts'
import {
  type AppProblem,
  type Asked,
  type IntegrationRecord,
  isForManyTenants,
  OWN_TENANT,
} from '../../model/integration.ts'
import { isDue } from '../../model/operations.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import { refuseToken } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import type { JudgedFailure } from '../failures/failures.ts'
import { recordContact } from './outage.ts'

/** Pause of the tokens that a problem concerns, before Microsoft is asked again. */
const PAUSE_MS = MINUTE_MS
/** Time within which the refusals of two mailboxes have one cause. */
const WINDOW_MS = 10 * MINUTE_MS
/** A refused mailbox asks again within five minutes, so none is left if none has asked for this long. */
const IDLE_MS = 10 * MINUTE_MS

type Row = {
  accepted: EventType
  /**
   * `every`: a single refusal opens the problem, and every token waits with this refusal. `refused`: the refusals of
   * two mailboxes open it, and only refused mailboxes wait, each with its own verdict. A person's request does not
   * wait.
   */
  waits: 'refused' | { every: 'credential_rejected' | 'provider_unavailable' }
}

const rows: Record<AppProblem['code'], Row> = {
  credential_rejected: {
    accepted: 'integration.credential_accepted',
    waits: { every: 'credential_rejected' },
  },
  // Treated like an outage of Entra, so that a stored token is used while it is valid.
  issuer_unreachable: {
    accepted: 'integration.credential_accepted',
    waits: { every: 'provider_unavailable' },
  },
  app_refused: { accepted: 'integration.app_accepted', waits: 'refused' },
}

/** `isBlocked`: it was refused before, so its refusal is not evidence of a problem of the app. */
type RefusedMailbox = { grant: string; tenant: string; isBlocked: boolean }

/**
 * Records what a failure says about the app, or that Microsoft did not respond. Returns the problem, or null if the
 * failure reveals none, or is the refusal of a mailbox that no second one has confirmed yet. `integration`: the
 * settings that the request was made with. `mailbox`: the refused one, or null. Never throws, since the request goes
 * on.
 */
export async function recordAppRefusal(
  services: Services,
  call: Call,
  integration: IntegrationRecord,
  judged: JudgedFailure,
  mailbox: RefusedMailbox | null = null,
): Promise<AppProblem | null> {
  await recordContact(services, call, integration, judged.facts)
  const { version, tenant, appProblem: open } = integration
  const { problem: code, perTenant, facts, cause } = judged
  if (code === null) return null
  const at = services.now()
  const event = (detail: string) =>
    newEvent(services, call, `integration.${code}`, 'microsoft', { detail })
  const { openAppProblem } = services.store.integrations
  if (rows[code].waits !== 'refused') {
    const detail = problemDetail(services, judged)
    const problem = { code, since: at, at, detail, facts, tenant: perTenant ? OWN_TENANT : null }
    await openAppProblem(version, problem, null, event(detail)).catch(() => false)
    return problem
  }
  // Another problem of the app is open already, and the mailbox waits for its end.
  if (open && open.code !== code) return { ...open, code }
  if (!mailbox || (mailbox.isBlocked && !open)) return null
  const detail = `${judged.detail} Microsoft refuses several mailboxes for this reason. They are retried automatically, one every minute at first, then all of them.`
  const problem = { code, since: at, at, detail, facts, tenant: mailbox.tenant }
  const evidence = {
    ...mailbox,
    cause: cause ?? '',
    since: new Date(at.getTime() - WINDOW_MS),
    manyTenants: isForManyTenants(tenant),
  }
  const isOpen = await openAppProblem(version, problem, evidence, event(detail)).catch(() => false)
  return isOpen ? problem : null
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

/** Closes the problem of the same tenant, because Microsoft accepted the app there. Never throws. */
export async function recordAppAcceptance(
  services: Services,
  call: Call,
  integration: IntegrationRecord,
  asked: Asked,
): Promise<void> {
  await recordContact(services, call, integration, null)
  const { appProblem } = integration
  if (appProblem && isConcerned(appProblem, asked))
    await close(services, call, integration, appProblem)
}

/** Closes the problem if the mailboxes that it was opened for were all deleted or connected again. */
export async function closeIdleProblem(
  services: Services,
  call: Call,
  integration: IntegrationRecord,
): Promise<void> {
  const { appProblem } = integration
  const idleSince = new Date(services.now().getTime() - IDLE_MS)
  if (appProblem && rows[appProblem.code].waits === 'refused') {
    await close(services, call, integration, appProblem, idleSince)
  }
}

async function close(
  services: Services,
  call: Call,
  { version }: IntegrationRecord,
  problem: AppProblem,
  idleSince?: Date,
): Promise<void> {
  const event = newEvent(services, call, rows[problem.code].accepted, 'microsoft')
  await services.store.integrations
    .closeAppProblem(version, problem, event, idleSince)
    .catch(() => undefined)
}

function isConcerned({ code, tenant }: AppProblem, asked: Asked): boolean {
  if (rows[code].waits === 'refused' && !asked.isFailing) return false
  return tenant === null || (tenant === OWN_TENANT ? asked.isOwn : tenant === asked.tenant)
}

/**
 * Returns the time until which a token must wait because of the problem, or null. `requested` is true if a person asked
 * for it.
 */
export function pausedUntil(
  problem: AppProblem | null,
  asked: Asked,
  requested: boolean,
  now: Date,
): Date | null {
  if (!problem || !isConcerned(problem, asked)) return null
  if (requested && rows[problem.code].waits === 'refused') return null
  const until = new Date(problem.at.getTime() + PAUSE_MS)
  return isDue(until, now, PAUSE_MS) ? null : until
}

/** Returns the refusal that all tokens share, or null if each has its own. */
export function refusalByApp({
  code,
  detail,
  facts,
}: AppProblem): { ok: false; error: TokenRefusal } | null {
  const { waits } = rows[code]
  if (waits === 'refused') return null
  const isOutage = waits.every === 'provider_unavailable'
  return refuseToken(waits.every, detail, {
    facts,
    ...(isOutage && { retryAfter: PAUSE_MS / 1000 }),
  })
}
