/**
 * The federated credential of this deployment. Mailgrant is the issuer, and the deployment's id is the subject. That
 * makes PUBLIC_URL part of the credential, so the issuer is stored with it. After a change of PUBLIC_URL nothing is
 * signed until an admin confirms. Otherwise a copy of the database at another URL would fail without an explanation,
 * and the trust in the old domain would stay at Entra unnoticed.
 */
import type { JsonWebKeySet } from '../../../schema/token-endpoint.ts'
import { type FederatedIdentity, federatedIdentity, makeSigningKey } from '../../entra/federated.ts'
import type { CredentialFacts, IntegrationRecord } from '../../model/integration.ts'
import type { Services } from '../../services.ts'
import { isIpAddress, isPrivateName } from '../public-hostname.ts'
import { newId } from '../secrets.ts'

/**
 * Returns the values to enter at Entra, before and after the credential is stored. Makes the id of the
 * deployment if it has none yet.
 */
export async function readFederatedIdentity(
  { store, settings, random }: Services,
  { deploymentId, cloud }: Pick<IntegrationRecord, 'deploymentId' | 'cloud'>,
): Promise<FederatedIdentity> {
  const id =
    deploymentId ?? (await store.integrations.claimDeploymentId(newId('deployment', random)))
  return federatedIdentity(settings.publicUrl, id, cloud)
}

/**
 * Returns true if Entra can read the discovery document at the issuer, as far as its URL shows. A simulated Entra can
 * read any URL.
 */
export function isIssuerPublic({
  publicUrl,
  entraAuthority,
}: Pick<Services['settings'], 'publicUrl' | 'entraAuthority'>): boolean {
  if (entraAuthority !== undefined) return true
  const { protocol, hostname } = new URL(publicUrl)
  const name = hostname.replace(/\.+$/, '')
  return protocol === 'https:' && !isIpAddress(name) && !isPrivateName(name)
}

/** Returns the issuer that Entra trusts if it is no longer this deployment; null otherwise. */
export const otherIssuerOf = (
  credential: CredentialFacts | null,
  { publicUrl }: Pick<Services['settings'], 'publicUrl'>,
): string | null =>
  credential?.type === 'federated' && credential.hint !== publicUrl ? credential.hint : null

/** Explains that nothing is signed, because Entra trusts another issuer. */
export const issuerChanged = (issuer: string, publicUrl: string): string =>
  `PUBLIC_URL is now ${publicUrl}, but the federated credential has the issuer ${issuer}, so no mailbox gets a new access token. Set PUBLIC_URL back; or enter ${publicUrl} as the issuer at Entra, then confirm it in the Microsoft settings. No mailbox has to be reconnected.`

// The keys that sign the assertions of the federated credential. Each is published a day before it
// signs, so that a key set cached by then contains it, and a day after its last signature.

/** Returns the public keys (RFC 7517): the one that signs, those before it, and the next one. */
export async function readKeySet({ store }: Services): Promise<JsonWebKeySet> {
  const keys = await store.signingKeys.listOwn()
  return {
    // No other members of the stored key, which could have been added to it.
    keys: keys.map(({ id, publicKey: { n, e } }) => ({
      kty: 'RSA',
      kid: id,
      use: 'sig',
      alg: 'RS256',
      n,
      e,
    })),
  }
}

/** Makes sure that a key signs from now on. The first one signs at once, since no cached key set can lack it. */
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
