/** "Get Access Token": makes an authorization and the two links that belong to it. */
import type { AuthorizationCreated, AuthorizationInput } from '../../../schema/authorization.ts'
import { ok, type Result } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { hashSecret, newId, newSecret } from '../secrets.ts'
import { refuseSignIn } from './integration-state.ts'
import { readPlaces } from './places.ts'
import { readWish } from './wish.ts'

/** Both URLs hold a secret of their own, of which only the hash is kept: they are known only here. */
export async function createAuthorization(
  services: Services,
  call: Call,
  input: AuthorizationInput,
): Promise<Result<AuthorizationCreated>> {
  const { store, settings, random } = services
  const closed = refuseSignIn(await store.integrations.read())
  if (closed) return { ok: false, error: closed }
  const places = readPlaces(settings, input)
  if (!places.ok) return places
  const wish = await readWish(services, call, input)
  if (!wish.ok) return wish

  const now = services.now()
  const id = newId('authorization', random)
  const [link, status] = [newSecret(random), newSecret(random)]
  const expiresAt = new Date(now.getTime() + input.expires_in * 1000)
  const event = newEvent(services, call, 'authorization.created', id, {
    username: wish.value.username,
    delegate: wish.value.delegate,
    protocols: wish.value.protocols.join(' '),
    origin: places.value.origin,
    mail_account: wish.value.mailAccountId,
    apply: input.apply,
  })
  await store.authorizations.create(
    {
      id,
      ...wish.value,
      ...places.value,
      apply: input.apply,
      requestedBy: call.actor.id ?? '',
      createdAt: now,
      expiresAt,
      linkHash: await hashSecret(link),
      statusHash: await hashSecret(status),
    },
    event,
  )
  return ok({
    id,
    status: 'pending',
    url: `${settings.publicUrl}/oauth/microsoft/authorize?authorization=${id}&secret=${link}`,
    status_url: `${settings.publicUrl}/oauth/status/${id}?secret=${status}`,
    expires_at: expiresAt.toISOString(),
  })
}
