/** A credential that is typed in: a client secret, or a certificate. Pure. */
import type { Credential, CredentialInput } from '../../../../schema/credential.ts'

export type Kind = Credential['type']
/** `made` and `own` are certificates: of a key that is made here, or of one that is brought along. */
export type Source = 'keep' | 'made' | 'own'

export type CredentialDraft = {
  kind: Kind
  secret: string
  /** A day, as a date field gives it; empty for none. */
  end: string
  source: Source
  certificate: string
  privateKey: string
}

/** The stored credential, which can be kept. */
export type Stored = Pick<Credential, 'type'> | null

const sourceFor = (stored: Stored): Source => (stored?.type === 'certificate' ? 'keep' : 'made')

export const emptyCredentialDraft = (stored: Stored): CredentialDraft => ({
  kind: stored?.type ?? 'client_secret',
  secret: '',
  end: '',
  source: sourceFor(stored),
  certificate: '',
  privateKey: '',
})

/** Returns what the choice of a kind changes: a certificate begins with the stored one, if there is one. */
export const chooseKind = (kind: Kind, stored: Stored) => ({ kind, source: sourceFor(stored) })

/** Returns true when a save would have to store something else than `stored`. */
export function isTyped(draft: CredentialDraft, stored: Stored): boolean {
  if (draft.kind !== emptyCredentialDraft(stored).kind) return true
  if (draft.kind === 'certificate') return draft.source !== 'keep'
  return draft.secret !== '' || draft.end !== ''
}

/** Returns what to send; undefined when nothing was typed. */
export function credentialInputOf(draft: CredentialDraft): CredentialInput | undefined {
  if (draft.kind === 'client_secret') {
    const secret = draft.secret.trim()
    if (secret === '') return undefined
    return {
      type: 'client_secret',
      client_secret: secret,
      ...(draft.end && { expires_at: noonOf(draft.end) }),
    }
  }
  if (draft.source === 'keep') return undefined
  if (draft.source === 'made') return { type: 'certificate' }
  const [privateKey, certificate] = [draft.privateKey.trim(), draft.certificate.trim()]
  if (privateKey === '' && certificate === '') return undefined
  return {
    type: 'certificate',
    ...(privateKey && { private_key: privateKey }),
    ...(certificate && { certificate }),
  }
}

/** Noon in UTC is that same day in nearly every time zone. */
const noonOf = (date: string) => `${date}T12:00:00.000Z`

/** Returns the JSON pointers of the fields that are shown. `at`: where the API has the credential. */
export function pointersOf(draft: CredentialDraft, at: string): string[] {
  if (draft.kind === 'client_secret') return [at, `${at}/client_secret`, `${at}/expires_at`]
  if (draft.source === 'own') return [at, `${at}/private_key`, `${at}/certificate`]
  return []
}
