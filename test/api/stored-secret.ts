import type { WhichCredential } from '../../schema/credential.ts'
import type { World } from './harness.ts'

/** Returns the stored client secret or private key in clear, or undefined. */
export async function storedSecret(
  { services }: Pick<World, 'services'>,
  which: WhichCredential,
): Promise<string | null | undefined> {
  const { openCredential } = await services.store.integrations.readWithCredentials()
  return (await openCredential(which))?.secret
}
