/** Creation of an authorization ("Get Access Token"). */
import type { AuthorizationInput } from '../../../schema/authorization.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { signInBlockedReason } from '../integration/sign-in-preconditions.ts'
import { newId, newSecret } from '../secrets.ts'
import { writeWithEvent } from '../write-with-retry.ts'
import { parseReturnTargets } from './return-targets.ts'
import { resolveSignInRequest } from './sign-in-request.ts'

/** The id and the two secrets, of which only hashes are stored. */
export type CreatedAuthorization = {
  id: string
  /** Opens the sign-in. */
  linkSecret: string
  /** Reads its status. */
  statusSecret: string
  expiresAt: Date
}

export async function createAuthorization(
  services: Services,
  call: Call,
  input: AuthorizationInput,
): Promise<Result<CreatedAuthorization>> {
  const { store, settings, random } = services
  const { mail_account_id: accountId } = input
  const [integration, account] = await Promise.all([
    store.integrations.read(),
    accountId === undefined ? null : store.mailAccounts.read(accountId, call.accessScope),
  ])
  const blockedReason = await signInBlockedReason(integration)
  if (blockedReason) return { ok: false, error: blockedReason }
  const targets = parseReturnTargets(settings, input)
  if (!targets.ok) return targets
  const request = resolveSignInRequest(call, input, account)
  if (!request.ok) return request

  const now = services.now()
  const id = newId('authorization', random)
  const [link, status] = [newSecret(random), newSecret(random)]
  const expiresAt = new Date(now.getTime() + input.expires_in * 1000)
  const event = newEvent(services, call, 'authorization.created', id, {
    username: request.value.username,
    delegate: request.value.delegate,
    protocols: request.value.protocols.join(' '),
    origin: targets.value.origin,
    mail_account: request.value.mailAccountId,
    apply: input.apply,
  })
  const authorization = {
    id,
    ...request.value,
    ...targets.value,
    apply: input.apply,
    requestedBy: call.actor.id ?? '',
    requestedByName: call.actor.name ?? null,
    createdAt: now,
    expiresAt,
  }
  const secrets = { link, status }
  await writeWithEvent(services, event, () =>
    store.authorizations.create(authorization, secrets, event),
  )
  return ok({ id, linkSecret: link, statusSecret: status, expiresAt })
}
