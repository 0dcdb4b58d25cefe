/**
 * Credential rotation without an interruption: the next credential is stored beside the current one,
 * tested with `verify`, and promoted. Grants are not affected.
 */
import type { CredentialInput } from '../../../schema/credential.ts'
import type { IntegrationSettings } from '../../../schema/integration.ts'
import { ok, type Result, refuse, type Versioned } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import { retryUntilAnswered, writeWithEvent } from '../write-with-retry.ts'
import { parseCredential } from './credential.ts'
import { readSettings } from './settings.ts'

const ID = 'microsoft'

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
  await services.store.integrations.setNextCredential(credential.value, event)
  return ok(await readSettings(services))
}

/** Idempotent. */
export async function removeNextCredential(services: Services, call: Call): Promise<void> {
  const event = newEvent(services, call, 'integration.next_credential_removed', ID)
  await services.store.integrations.removeNextCredential(event)
}

/** Replaces the current credential by the next one. The previous one is deleted here, not at Entra. */
export async function promoteNextCredential(
  services: Services,
  call: Call,
): Promise<Result<Versioned<IntegrationSettings>>> {
  const { store } = services
  const result = await retryOnConflict<Result<Versioned<IntegrationSettings>>>(async () => {
    const { version, nextCredential } = await store.integrations.read()
    const expiresAt = nextCredential?.expiresAt
    // The current credential may still work; an expired one certainly does not.
    if (expiresAt && expiresAt <= services.now()) {
      return refuse({ reason: 'next_credential_missing', expiredAt: expiresAt })
    }
    const event = newEvent(services, call, 'integration.credential_promoted', ID, {
      type: nextCredential?.type ?? null,
    })
    const promoted = await writeWithEvent(services, event, () =>
      store.integrations.promoteNextCredential(version, event),
    )
    if (promoted === null) return refuse({ reason: 'next_credential_missing', expiredAt: null })
    return promoted ? ok(await retryUntilAnswered(services, () => readSettings(services))) : null
  })
  return result ?? refuse({ reason: 'version_conflict', resource: 'settings' })
}
