/** The values of a credential: federated, certificate or client secret. Pure. */
import type { Credential, CredentialInput } from '../../../../schema/credential.ts'
import type { Errors } from '../../ui/form-state.ts'

export type Kind = Credential['type']

export type CredentialDraft = {
  kind: Kind
  secret: string
  /** The day on which the secret expires, as a date field gives it. */
  end: string
  /** True once the present issuer is entered at Entra, in place of that of the stored federated credential. */
  isNewIssuer: boolean
  /** Lifetime of a certificate that Mailgrant generates, in days. */
  lifetimeDays: string
}

/** The stored credential, which can be kept. `issuer`: of a federated one. */
export type Stored = { type: Kind; issuer?: string } | null

export const emptyCredentialDraft = (stored: Stored): CredentialDraft => ({
  kind: stored?.type ?? 'client_secret',
  secret: '',
  end: '',
  isNewIssuer: false,
  lifetimeDays: '180',
})

/** Returns the draft with only the values of its kind, to be compared with a stored credential. */
export function tidyCredential(draft: CredentialDraft): CredentialDraft {
  const { kind, secret, end, isNewIssuer, lifetimeDays } = draft
  const empty = emptyCredentialDraft({ type: kind })
  if (kind === 'client_secret') return { ...empty, secret, end }
  return kind === 'federated' ? { ...empty, isNewIssuer } : { ...empty, lifetimeDays }
}

/** Returns what to send; undefined if nothing was typed, or the stored credential is kept. */
export function credentialInputOf(
  draft: CredentialDraft,
  stored: Stored,
): CredentialInput | undefined {
  if (draft.kind === 'client_secret') {
    const secret = draft.secret.trim()
    if (secret === '') return undefined
    return { type: 'client_secret', client_secret: secret, expires_at: noonOf(draft.end) }
  }
  if (stored?.type === draft.kind && !draft.isNewIssuer) return undefined
  if (draft.kind === 'federated') return { type: 'federated' }
  return { type: 'certificate', lifetime_days: Number(draft.lifetimeDays) }
}

/** Returns the new expiry of the stored client secret, if only that was entered. */
export const newExpiryOf = ({ kind, secret, end }: CredentialDraft): string | null =>
  kind === 'client_secret' && secret.trim() === '' && end !== '' ? noonOf(end) : null

/** Returns what is missing, by JSON pointer. `stored`: a credential of this kind can be kept. `at`: see `shownIn`. */
export function credentialErrors(draft: CredentialDraft, stored: Stored, at: string): Errors {
  if (draft.kind === 'federated') return {}
  const keeps = stored?.type === draft.kind
  if (draft.kind === 'certificate') {
    return keeps || isLifetime(draft.lifetimeDays)
      ? {}
      : { [`${at}/lifetime_days`]: 'Enter a number of days from 7 to 730.' }
  }
  const isBlank = draft.secret.trim() === ''
  if (isBlank && (!keeps || draft.secret !== '')) return { [at]: "Enter the secret's Value." }
  return isBlank || draft.end !== '' ? {} : { [`${at}/expires_at`]: 'Enter the date.' }
}

const isLifetime = (text: string): boolean =>
  /^\d+$/.test(text.trim()) && Number(text) >= 7 && Number(text) <= 730

/** Returns the values behind the errors that are shown. `at`: where the API has the credential. */
export function shownIn(draft: CredentialDraft, at: string): Record<string, unknown> {
  const { kind, secret, end, lifetimeDays } = draft
  if (kind === 'client_secret') {
    return { [at]: secret, [`${at}/client_secret`]: secret, [`${at}/expires_at`]: end }
  }
  return kind === 'federated' ? {} : { [`${at}/lifetime_days`]: lifetimeDays }
}

/** Noon in UTC is on the same day in nearly every time zone. */
const noonOf = (date: string) => `${date}T12:00:00.000Z`
