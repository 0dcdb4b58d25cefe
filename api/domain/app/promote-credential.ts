/**
 * Promotion of the next credential, which replaces the current one without an interruption. For a week, that can be
 * undone. The replaced credential takes the place of the next one, so undoing a promotion is another promotion. Grants
 * are not affected.
 */
import { DAY_MS } from '../../../schema/durations.ts'
import type { IntegrationSettings } from '../../../schema/integration.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { err, ok, type Result, type Versioned } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { retryOnConflict, retryOnStorageError, writeWithEvent } from '../write-with-retry.ts'
import { otherIssuerOf } from './federated.ts'
import { settingsBlockedReason } from './integration.ts'
import { readSettings } from './settings.ts'

/** Time in which the replaced credential can be put back. */
const UNDO_MS = 7 * DAY_MS

/**
 * Exchanges the current credential and the next one. The replaced one is kept until it expires, for a week at most,
 * and promoting it again undoes the exchange. Refuses if the settings are no longer at `ifMatch`, or change
 * meanwhile, so that two callers who promote at once do not undo each other.
 */
export async function promoteNextCredential(
  services: Services,
  call: Call,
  { ifMatch }: { ifMatch: number | null },
): Promise<Result<Versioned<IntegrationSettings>>> {
  const { store } = services
  let expected = ifMatch
  const promote = async (): Promise<Result<Versioned<IntegrationSettings>> | null> => {
    const before = await store.integrations.read()
    const { version } = before
    expected ??= version
    if (version !== expected) return versionConflict
    const refusal = checkNext(services, before)
    if (refusal) return refusal
    // The next credential must not be sealed with damaged settings.
    const blockedReason = await settingsBlockedReason(before)
    if (blockedReason) return err(blockedReason)
    const isUndo = before.undoUntil !== null
    const event = newEvent(
      services,
      call,
      isUndo ? 'integration.promotion_undone' : 'integration.credential_promoted',
      'microsoft',
      { type: before.nextCredential?.type ?? null },
    )
    const until = isUndo ? null : endOfUndo(before, services.now())
    const promoted = await writeWithEvent(services, event, () =>
      store.integrations.promoteNextCredential(before, until, event),
    )
    if (promoted === null) return missing
    return promoted ? ok(await retryOnStorageError(services, () => readSettings(services))) : null
  }
  return (await retryOnConflict(promote)) ?? versionConflict
}

const versionConflict = err({ reason: 'version_conflict', resource: 'settings' })
const missing = err({ reason: 'next_credential_missing', expiredAt: null })

/** Returns why the next credential certainly does not work, or null. */
function checkNext(
  { settings, now }: Services,
  { nextCredential, undoUntil }: IntegrationRecord,
): ReturnType<typeof err> | null {
  if (nextCredential === null || (undoUntil && undoUntil <= now())) return missing
  const { expiresAt } = nextCredential
  if (expiresAt && expiresAt <= now()) {
    return err({ reason: 'next_credential_missing', expiredAt: expiresAt })
  }
  const issuer = otherIssuerOf(nextCredential, settings)
  return issuer === null
    ? null
    : err({ reason: 'next_credential_missing', expiredAt: null, issuer })
}

/** Returns until when the current credential can be put back; undefined if it has expired or is missing. */
function endOfUndo({ credential }: IntegrationRecord, now: Date): Date | undefined {
  if (!credential) return undefined
  const { expiresAt } = credential
  const week = new Date(now.getTime() + UNDO_MS)
  if (!expiresAt || expiresAt > week) return week
  return expiresAt > now ? expiresAt : undefined
}
