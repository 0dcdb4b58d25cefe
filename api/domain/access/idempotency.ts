/** Idempotency-Key: a request repeated within a day gets the first response and is processed once. */
import { DAY_MS, MINUTE_MS } from '../../../schema/durations.ts'
import type { RingKey } from '../../../schema/settings.ts'
import { hashSecret, keyedHash } from '../../hash.ts'
import type { StoredResponse } from '../../model/access.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'

const RETENTION_MS = DAY_MS
/** Time after which an unfinished request is considered dead. */
const ABANDONED_AFTER_MS = MINUTE_MS

export type IdempotentAttempt = {
  id: string
  /** The same for all attempts. A resource whose id derives from it is created once, even if a response is lost. */
  work: string
  /** False if no earlier attempt can have left anything. */
  isRepetition: boolean
  /** The response to repeat, or null if the request must be processed. */
  response: StoredResponse | null
}

/** Reserves the key for this request, or returns the response of its first attempt. */
export async function beginIdempotent(
  services: Services,
  request: {
    actor: string
    customer: string | null
    route: string
    idempotencyKey: string
    body: string
  },
): Promise<Result<IdempotentAttempt>> {
  const { actor, customer, route, idempotencyKey, body } = request
  const id = hashSecret(JSON.stringify([actor, route, idempotencyKey]))
  const [newest, ...older] = services.settings.encryptionKeys
  const bodyHash = (key: RingKey) => keyedHash(key, 'mailgrant idempotent body', body)
  const now = services.now()
  const newestHash = bodyHash(newest)
  const { first, isNew, expiresAt } = await services.store.idempotency.begin(id, newestHash, {
    customer,
    now,
    expiresAt: new Date(now.getTime() + RETENTION_MS),
    abandoned: new Date(Math.max(now.getTime() - ABANDONED_AFTER_MS, services.aloneSince(now) - 1)),
  })
  // The day of the first attempt, since an interrupted request may be repeated after midnight.
  const day = Math.floor((expiresAt.getTime() - RETENTION_MS) / RETENTION_MS)
  const work = JSON.stringify([id, newestHash, day])
  const attempt = { id, work, isRepetition: !isNew }
  if (!first) return ok({ ...attempt, response: null })
  const hashes = [newest, ...older].map(bodyHash)
  if (!hashes.includes(first.bodyHash)) return err({ reason: 'idempotency_key_reused' })
  if (!first.response) return err({ reason: 'idempotency_in_progress' })
  return ok({ ...attempt, response: first.response })
}
