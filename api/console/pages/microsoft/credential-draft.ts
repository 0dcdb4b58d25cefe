/** The values of a credential: federated, certificate or client secret. Pure. */

import type { Credential, CredentialInput } from '../../../../schema/credential.ts'
import type { Errors } from '../../ui/errors.ts'
import { type ExpiryDraft, expiryError, expiryTime } from './expiry.ts'

export type Kind = Credential['type']
/** Source of a certificate: the stored one, a key that Mailgrant generates (`made`), or a pasted one (`own`). A federated credential is kept or `made`. */
export type Source = 'keep' | 'made' | 'own'

export type CredentialDraft = ExpiryDraft & {
  kind: Kind
  secret: string
  source: Source
  /** Lifetime of a certificate that Mailgrant generates, in days. */
  lifetimeDays: string
  certificate: string
  privateKey: string
}

/** The stored credential, which can be kept. `issuer`: of a federated one. */
export type Stored = { type: Kind; issuer?: string } | null

/** Returns the changes for a chosen kind. A stored credential of this kind is kept initially. */
export const chooseKind = (kind: Kind, stored: Stored): { kind: Kind; source: Source } => ({
  kind,
  source: kind !== 'client_secret' && stored?.type === kind ? 'keep' : 'made',
})

export const emptyCredentialDraft = (stored: Stored): CredentialDraft => ({
  ...chooseKind(stored?.type ?? 'client_secret', stored),
  secret: '',
  expiry: '',
  end: '',
  lifetimeDays: '180',
  certificate: '',
  privateKey: '',
})

/** Returns true if a save would replace `stored`. */
export function isTyped(draft: CredentialDraft, stored: Stored): boolean {
  if (draft.kind !== emptyCredentialDraft(stored).kind) return true
  if (draft.kind !== 'client_secret') return draft.source !== 'keep'
  return draft.secret !== '' || draft.expiry !== ''
}

/** Returns what to send; undefined when nothing was typed. */
export function credentialInputOf(draft: CredentialDraft, now: Date): CredentialInput | undefined {
  if (draft.kind === 'client_secret') {
    const secret = draft.secret.trim()
    if (secret === '') return undefined
    const expires_at = expiryTime(draft, now)
    return { type: 'client_secret', client_secret: secret, ...(expires_at && { expires_at }) }
  }
  if (draft.source === 'keep') return undefined
  if (draft.kind === 'federated') return { type: 'federated' }
  if (draft.source === 'made') {
    return { type: 'certificate', lifetime_days: Number(draft.lifetimeDays) }
  }
  const [privateKey, certificate] = [draft.privateKey.trim(), draft.certificate.trim()]
  if (privateKey === '' && certificate === '') return undefined
  return {
    type: 'certificate',
    ...(privateKey && { private_key: privateKey }),
    ...(certificate && { certificate }),
  }
}

/** Returns the new expiry of the stored client secret, if only that was entered. */
export const newExpiryOf = (draft: CredentialDraft, now: Date): string | null =>
  draft.kind === 'client_secret' && draft.secret.trim() === '' ? expiryTime(draft, now) : null

/** Returns what is missing, by JSON pointer. `stored`: a credential of this kind can be kept. `at`: see `pointersOf`. */
export function credentialErrors(draft: CredentialDraft, stored: Stored, at: string): Errors {
  if (draft.kind === 'federated') return {}
  const keeps = stored?.type === draft.kind
  if (draft.kind === 'certificate') {
    if (draft.source === 'made' && !isLifetime(draft.lifetimeDays)) {
      return { [`${at}/lifetime_days`]: 'Enter a number of days from 7 to 730.' }
    }
    const isBlank = draft.source === 'own' && !draft.privateKey.trim() && !draft.certificate.trim()
    return isBlank ? { [at]: 'Paste the certificate and its private key.' } : {}
  }
  const isBlank = draft.secret.trim() === ''
  if (isBlank && (!keeps || draft.secret !== '')) return { [at]: "Enter the secret's Value." }
  const expiry = expiryError(draft)
  return expiry === null || (isBlank && draft.expiry === '') ? {} : { [`${at}/expires_at`]: expiry }
}

const isLifetime = (text: string): boolean =>
  /^\d+$/.test(text.trim()) && Number(text) >= 7 && Number(text) <= 730

/** Returns the JSON pointers of the fields that are shown. `at`: where the API has the credential. */
export function pointersOf(draft: CredentialDraft, at: string): string[] {
  if (draft.kind === 'client_secret') return [at, `${at}/client_secret`, `${at}/expires_at`]
  if (draft.kind === 'certificate' && draft.source === 'made') return [at, `${at}/lifetime_days`]
  if (draft.source === 'own') return [at, `${at}/private_key`, `${at}/certificate`]
  return []
}
