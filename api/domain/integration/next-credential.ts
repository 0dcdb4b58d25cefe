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
import { otherIssuerOf } from './federated.ts'
import { readSettings } from './settings.ts'
import { ensureSigningKey } from './signing-keys.ts'

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
  if (credential.value.type === 'federated') await ensureSigningKey(services)
  await services.store.integrations.setNextCredential(credential.value, event)
  return ok(await readSettings(services))
}

/** Idempotent. */
export async function removeNextCredential(services: Services, call: Call): Promise<void> {
  const event = newEvent(services, call, 'integration.next_credential_removed', ID)
  await services.store.integrations.removeNextCredential(event)
}

/**
 * Replaces the current credential by the next one. The previous one is deleted here, not at Entra. `confirm`:
 * even if no personal account has tried a federated one, although there are grants of such accounts.
 */
export async function promoteNextCredential(
  services: Services,
  call: Call,
  { confirm }: { confirm: boolean },
): Promise<Result<Versioned<IntegrationSettings>>> {
  const { store } = services
  const promote = async (): Promise<Result<Versioned<IntegrationSettings>> | null> => {
    const { version, nextCredential, nextCredentialTriedAt } = await store.integrations.read()
    const expiresAt = nextCredential?.expiresAt
    // The current credential may still work; an expired one certainly does not.
    if (expiresAt && expiresAt <= services.now()) {
      return refuse({ reason: 'next_credential_missing', expiredAt: expiresAt })
    }
    const issuer = otherIssuerOf(nextCredential, services.settings)
    if (issuer !== null) {
      return refuse({ reason: 'next_credential_missing', expiredAt: null, issuer })
    }
    // No verification shows whether Entra takes it for personal accounts: they have no client credentials.
    if (nextCredential?.type === 'federated' && nextCredentialTriedAt === null && !confirm) {
      const grants = await store.grants.countPersonal()
      if (grants > 0) return refuse({ reason: 'grants_depend', grants, change: 'personal' })
    }
    const event = newEvent(services, call, 'integration.credential_promoted', ID, {
      type: nextCredential?.type ?? null,
    })
    const promoted = await writeWithEvent(services, event, () =>
      store.integrations.promoteNextCredential(version, event),
    )
    if (promoted === null) return refuse({ reason: 'next_credential_missing', expiredAt: null })
    return promoted ? ok(await retryUntilAnswered(services, () => readSettings(services))) : null
  }
  return (
    (await retryOnConflict(promote)) ?? refuse({ reason: 'version_conflict', resource: 'settings' })
  )
}
