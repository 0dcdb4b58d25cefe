import type { AppRegistration } from '../../api/model/integration.ts'
import { sealCredential } from '../../api/store/settings.ts'
import type { WhichCredential } from '../../schema/credential.ts'
import type { World } from './harness.ts'

/** Returns the stored client secret or private key in plaintext, or undefined. */
export async function storedSecret(
  { services }: Pick<World, 'services'>,
  which: WhichCredential,
): Promise<string | null | undefined> {
  const { openCredential } = await services.store.integrations.readWithCredentials()
  return (await openCredential(which))?.secret
}

/** Changes the app registration and nothing else, as between two reads of a request. */
export async function changeApp(
  { db, services: { store } }: Pick<World, 'db' | 'services'>,
  change: Partial<Pick<AppRegistration, 'clientId' | 'cloud'>>,
): Promise<void> {
  const { integration, openCredential } = await store.integrations.readWithCredentials()
  const credential = await openCredential('current')
  if (!credential) throw new Error('there is no intact credential')
  const app = { ...integration, ...change }
  const sealed = await sealCredential(store.sealer, credential, app)
  await db
    .prepare('UPDATE integrations SET client_id = ?, cloud = ?, credential_sealed = ?')
    .bind(app.clientId, app.cloud, sealed)
    .run()
}
