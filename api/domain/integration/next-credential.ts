/** The next credential: stored beside the current one, tested with `verify`, and promoted. */
import type { CredentialInput } from '../../../schema/credential.ts'
import type { IntegrationSettings } from '../../../schema/integration.ts'
import { ok, type Result, type Versioned } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { parseCredential } from './credential.ts'
import { readSettings } from './settings.ts'
import { ensureSigningKey } from './signing-keys.ts'

const ID = 'microsoft'

/** Replaces any next credential, and a replaced one, which can then no longer be put back. */
export async function replaceNextCredential(
  services: Services,
  call: Call,
  input: CredentialInput,
): Promise<Result<Versioned<IntegrationSettings>>> {
  const credential = await parseCredential(services, input, '')
  if (!credential.ok) return credential
  const event = newEvent(services, call, 'integration.next_credential_set', ID, {
    type: credential.value.type,
  })
  if (credential.value.type === 'federated') await ensureSigningKey(services)
  await services.store.integrations.setNextCredential(credential.value, event)
  return ok(await readSettings(services))
}

/** Idempotent. */
export async function removeNextCredential(services: Services, call: Call): Promise<void> {
  const event = newEvent(services, call, 'integration.next_credential_removed', ID)
  await services.store.integrations.removeNextCredential(event)
}
