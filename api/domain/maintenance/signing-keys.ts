/** Replaces the keys that sign the assertions of the federated credential, and deletes old ones. */
import { DAY_MS } from '../../../schema/durations.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { usesSigningKeys } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'
import { addSigningKey, ensureSigningKey } from '../integration/signing-keys.ts'
import type { Budget, Outcome } from './budget.ts'

/** Time for which a key signs. */
const SIGNING_PERIOD_MS = 90 * DAY_MS
/** Time for which a key is published before its first signature, and after its last one. */
const PUBLISHED_MS = DAY_MS

/** Queries of one run at most. */
const COST = 6

/** Publishes the next key in time, and deletes those that have not signed for a day. */
export async function rotateSigningKeys(
  services: Services,
  _call: Call,
  budget: Budget,
  integration: IntegrationRecord,
): Promise<Outcome> {
  const { store } = services
  if (!budget.take(COST)) return { count: 0, more: true }
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
