/**
 * A change of the credential without a gap: the next one is stored beside the current one, tried with
 * `verify`, and promoted. No grant is touched by any of it.
 */
import type { CredentialInput } from '../../../schema/credential.ts'
import type { IntegrationSettings } from '../../../schema/integration.ts'
import { ok, type Result, refuse, type Versioned } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import { parseCredential } from './credential.ts'
import { readSettings } from './settings.ts'

const ID = 'microsoft'

export async function replaceNextCredential(
  services: Services,
  call: Call,
  input: CredentialInput,
): Promise<Result<Versioned<IntegrationSettings>>> {
  const taken = await parseCredential(services, input, '')
  if (!taken.ok) return taken
  const event = newEvent(services, call, 'integration.next_credential_set', ID, {
    type: taken.value.type,
  })
  await services.store.integrations.setNextCredential(taken.value, event)
  return ok(await readSettings(services))
}

/** Idempotent. */
export async function removeNextCredential(services: Services, call: Call): Promise<void> {
  const event = newEvent(services, call, 'integration.next_credential_removed', ID)
  await services.store.integrations.removeNextCredential(event)
}

/** The one before is forgotten: take it away at Entra too, once nothing else uses it. */
export async function promoteNextCredential(
  services: Services,
  call: Call,
): Promise<Result<Versioned<IntegrationSettings>>> {
  const { store } = services
  const result = await retryOnConflict<Result<Versioned<IntegrationSettings>>>(async () => {
    const { version, nextCredential } = await store.integrations.read()
    const ends = nextCredential?.expiresAt
    // The current one may still work: it is not given up for one that certainly does not.
    if (ends && ends <= services.now()) {
      return refuse({ reason: 'next_credential_missing', expiredAt: ends })
    }
    const event = newEvent(services, call, 'integration.credential_promoted', ID, {
      type: nextCredential?.type ?? null,
    })
    const promoted = await store.integrations.promoteNextCredential(version, event)
    if (promoted === null) return refuse({ reason: 'next_credential_missing', expiredAt: null })
    return promoted ? ok(await readSettings(services)) : null
  })
  return result ?? refuse({ reason: 'version_conflict', resource: 'settings' })
}
