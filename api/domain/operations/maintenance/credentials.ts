/** Tasks about the app's credentials: warnings before one expires, the end of a replaced one, and the signing keys. */
import { DAY_MS } from '../../../../schema/durations.ts'
import { usesSigningKeys } from '../../../model/integration.ts'
import { warningDays } from '../../app/credential.ts'
import { addSigningKey, ensureSigningKey } from '../../app/federated.ts'
import { newEvent } from '../../events.ts'
import type { Task } from './task.ts'

/** Writes the event of the nearest warning day once per expiry date, the last one when the secret has expired. */
export const warnOfSecretExpiry: Task = async (services, call, budget, { credential }) => {
  const nothing = { count: 0, more: false }
  if (!credential?.expiresAt) return nothing
  const left = credential.expiresAt.getTime() - services.now().getTime()
  const step = warningDays(credential).find((days) => left <= days * DAY_MS)
  if (step === undefined) return nothing
  const event = newEvent(
    services,
    call,
    step === 0 ? 'integration.secret_expired' : 'integration.secret_expiring',
    'microsoft',
    {
      expires_at: credential.expiresAt.toISOString(),
      days_left: Math.max(0, Math.ceil(left / DAY_MS)),
    },
  )
  budget.take(2)
  const warned = await services.store.maintenance.markWarned(credential.expiresAt, step, event)
  return { count: warned ? 1 : 0, more: false }
}

/** Deletes the credential that was replaced, once its promotion can no longer be undone. */
export const removeReplacedCredential: Task = async (services, call, budget, { undoUntil }) => {
  const now = services.now()
  if (undoUntil === null || undoUntil > now) return { count: 0, more: false }
  budget.take(2)
  const event = newEvent(services, call, 'integration.next_credential_removed', 'microsoft')
  const removed = await services.store.integrations.removeNextCredential(event, now)
  return { count: removed ? 1 : 0, more: false }
}

// Replaces the keys that sign the assertions of the federated credential, and deletes old ones.

/** Time for which a key signs. */
const SIGNING_PERIOD_MS = 90 * DAY_MS
/** Time for which a key is published before its first signature, and after its last one. */
const PUBLISHED_MS = DAY_MS

/** Publishes the next key in time, and deletes those that have not signed for a day. */
export const rotateSigningKeys: Task = async (services, _call, _budget, integration) => {
  const { store } = services
  const now = services.now()
  const keys = await store.signingKeys.list()
  let count = 0
  if (usesSigningKeys(integration)) {
    const newest = keys.at(-1)?.signsFrom
    if (newest === undefined || keys.some(({ unusedSince }) => unusedSince !== null)) {
      await ensureSigningKey(services)
    } else if (newest.getTime() + SIGNING_PERIOD_MS - PUBLISHED_MS <= now.getTime()) {
      await addSigningKey(services, new Date(now.getTime() + PUBLISHED_MS), newest)
      count += 1
    }
  } else if (keys.some(({ unusedSince }) => unusedSince === null)) {
    await store.signingKeys.markUnused(now)
  }
  if (keys.length > 0) {
    count += await store.signingKeys.deleteUnused(new Date(now.getTime() - PUBLISHED_MS))
  }
  return { count, more: false }
}
