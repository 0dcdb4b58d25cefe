/** The limits on test messages: counted in the database, before anything is sent. */
import { HOUR_MS } from '../../../schema/durations.ts'
import { normalHost } from '../../../schema/mail-servers.ts'
import { TEST_MESSAGES_PER_KEY, TEST_MESSAGES_PER_MAILBOX } from '../../../schema/test-message.ts'
import type { EventRecord } from '../../model/event.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import { ok, type Result, refuse } from '../../model/result.ts'
import type { TestMessageLimits } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { writeWithEvent } from '../write-with-retry.ts'

const WINDOW_MS = HOUR_MS

/** Counts a message and writes its event, or refuses. Throws StorageError: nothing must be sent then. */
export async function countTestMessage(
  services: Services,
  { actor }: Call,
  { host, username }: Pick<MailAccountValues, 'host' | 'username'>,
  event: EventRecord,
): Promise<Result<null>> {
  const { store } = services
  const requestedAt = event.at
  const limits: TestMessageLimits = {
    perMailbox: TEST_MESSAGES_PER_MAILBOX,
    perActor: TEST_MESSAGES_PER_KEY,
    since: new Date(requestedAt.getTime() - WINDOW_MS),
  }
  const message = {
    mailbox: `${normalHost(host) ?? host.toLowerCase()} ${username.toLowerCase()}`,
    actorId: actor.id ?? '',
    requestedAt,
  }
  const claim = () => store.testMessages.claim(message, limits, event)
  if (await writeWithEvent(services, event, claim)) return ok(null)
  const { ofMailbox, ofActor } = await store.testMessages.oldestCounted(message, limits)
  const freeAt = (oldest: Date | null) => (oldest ? oldest.getTime() + WINDOW_MS : 0)
  const per = freeAt(ofMailbox) >= freeAt(ofActor) ? 'mailbox' : 'key'
  const wait = Math.max(freeAt(ofMailbox), freeAt(ofActor)) - requestedAt.getTime()
  const retryAfter = Math.max(1, Math.ceil(wait / 1000))
  return refuse({ reason: 'test_messages_limited', per, retryAfter })
}
