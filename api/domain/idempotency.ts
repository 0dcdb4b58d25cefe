/** Idempotency-Key: the same request within a day gets the same answer, and is worked on once. */
import { DAY_MS, MINUTE_MS } from '../../schema/durations.ts'
import type { RingKey } from '../../schema/settings.ts'
import type { StoredResponse } from '../model/idempotency.ts'
import { ok, type Result, refuse } from '../model/result.ts'
import type { Services } from '../services.ts'
import { keyedHash } from './keyed-hash.ts'
import { hashSecret } from './secrets.ts'

const RETENTION_MS = DAY_MS
/** Longer than any request takes: whoever has not answered by then has died. */
const ABANDONED_AFTER_MS = MINUTE_MS

/**
 * `work` is the same for every try of one request, and of no other: what is made under a name that
 * comes from it is made once, also when the database did its work and lost the answer.
 */
export type Attempted = { id: string; work: string; answer: StoredResponse | null }

/** `route`: key, method and path. With `answer` there is nothing left to do but to repeat it. */
export async function beginOnce(
  services: Services,
  request: { actor: string; route: string; idempotencyKey: string; body: string },
): Promise<Result<Attempted>> {
  const { actor, route, idempotencyKey, body } = request
  const id = await hashSecret(JSON.stringify([actor, route, idempotencyKey]))
  const [newest, ...older] = services.settings.encryptionKeys
  const print = (key: RingKey) => keyedHash(key, 'mailgrant idempotent body', body)
  const now = services.now()
  const own = await print(newest)
  const work = JSON.stringify([id, own, Math.floor(now.getTime() / RETENTION_MS)])
  const known = await services.store.idempotency.begin(id, own, {
    now,
    expiresAt: new Date(now.getTime() + RETENTION_MS),
    abandoned: new Date(now.getTime() - ABANDONED_AFTER_MS),
  })
  if (!known) return ok({ id, work, answer: null })
  const prints = await Promise.all([newest, ...older].map(print))
  if (!prints.includes(known.bodyHash)) return refuse({ reason: 'idempotency_key_reused' })
  if (!known.response) return refuse({ reason: 'idempotency_in_progress' })
  return ok({ id, work, answer: known.response })
}
