/**
 * The keys that sign the assertions of the federated credential. Each is published a day before it signs, so
 * that a key set cached by then contains it, and a day after its last signature.
 */
import type { JsonWebKeySet } from '../../../schema/token-endpoint.ts'
import { makeSigningKey } from '../../entra/federated.ts'
import type { Services } from '../../services.ts'

/** Returns the public keys (RFC 7517): the one that signs, those before it, and the next one. */
export async function readKeySet({ store }: Services): Promise<JsonWebKeySet> {
  const keys = await store.signingKeys.listOwn()
  return {
    keys: keys.map(({ id, publicKey }) => ({
      kty: 'RSA',
      kid: id,
      use: 'sig',
      alg: 'RS256',
      ...publicKey,
    })),
  }
}

/** Makes sure that a key signs from now on. The first one signs at once: nobody has a key set without it. */
export async function ensureSigningKey(services: Services): Promise<void> {
  const { store, now } = services
  const keys = await store.signingKeys.list()
  if (keys.some(({ unusedSince }) => unusedSince !== null)) await store.signingKeys.markUsed()
  const signer = await store.signingKeys.readSigner(now())
  if (signer?.privateKey != null) return
  // A damaged key never signs again.
  if (signer) await store.signingKeys.delete(signer.id)
  const left = keys.filter(({ id }) => id !== signer?.id)
  await addSigningKey(services, now(), left.at(-1)?.signsFrom ?? null)
}

/** Adds a key, unless another run has added one after `newest`, the time from which the last key signs. */
export async function addSigningKey(
  { store, now }: Services,
  signsFrom: Date,
  newest: Date | null,
): Promise<void> {
  const { privateKey, ...key } = await makeSigningKey()
  await store.signingKeys.add({ ...key, createdAt: now(), signsFrom }, privateKey, newest)
}
