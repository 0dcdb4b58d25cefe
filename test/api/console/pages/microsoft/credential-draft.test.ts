import { describe, expect, it } from 'vitest'
import {
  type CredentialDraft,
  credentialErrors,
  credentialInputOf,
  emptyCredentialDraft,
  newExpiryOf,
  type Stored,
  shownIn,
  tidyCredential,
} from '../../../../../api/console/pages/microsoft/credential-draft.ts'
import { sameValues } from '../../../../../api/console/ui/form-state.ts'
import { CredentialInput } from '../../../../../schema/credential.ts'

const SECRET: Stored = { type: 'client_secret' }
const CERTIFICATE: Stored = { type: 'certificate' }
const FEDERATED: Stored = { type: 'federated' }

const draft = (stored: Stored, changes: Partial<CredentialDraft>): CredentialDraft => ({
  ...emptyCredentialDraft(stored),
  ...changes,
})

const isTyped = (typed: CredentialDraft, stored: Stored) =>
  !sameValues(emptyCredentialDraft(stored), tidyCredential(typed))

describe('a credential that is typed in', () => {
  it('begins with what is stored, and sends nothing', () => {
    for (const stored of [null, SECRET, CERTIFICATE, FEDERATED]) {
      const untouched = emptyCredentialDraft(stored)
      expect(isTyped(untouched, stored)).toBe(false)
      expect(credentialInputOf(untouched, stored)).toBeUndefined()
    }
  })

  it('is a change as soon as a field or the kind differs', () => {
    expect(isTyped(draft(SECRET, { secret: 's' }), SECRET)).toBe(true)
    expect(isTyped(draft(SECRET, { end: '2028-01-31' }), SECRET)).toBe(true)
    expect(isTyped(draft(SECRET, { kind: 'certificate' }), SECRET)).toBe(true)
    expect(isTyped(draft(FEDERATED, { isNewIssuer: true }), FEDERATED)).toBe(true)
    expect(isTyped(draft(CERTIFICATE, { kind: 'client_secret' }), CERTIFICATE)).toBe(true)
  })

  it('is a federated one as soon as that is chosen, with nothing to enter', () => {
    const chosen = draft(SECRET, { kind: 'federated' })
    expect(isTyped(chosen, SECRET)).toBe(true)
    expect(CredentialInput.parse(credentialInputOf(chosen, SECRET))).toEqual({ type: 'federated' })
    expect(credentialErrors(chosen, SECRET, '/credential')).toEqual({})
    expect(newExpiryOf(chosen)).toBeNull()
  })

  it('is the stored certificate or federated one, unless the issuer is another one now', () => {
    expect(credentialInputOf(draft(CERTIFICATE, {}), CERTIFICATE)).toBeUndefined()
    const issued = draft(FEDERATED, { isNewIssuer: true })
    expect(credentialInputOf(issued, FEDERATED)).toEqual({ type: 'federated' })
  })

  it('sends a secret without spaces around it, and its last day in any time zone', () => {
    const dated = { secret: ' abc ', end: '2028-01-31' }
    expect(CredentialInput.parse(credentialInputOf(draft(null, dated), null))).toEqual({
      type: 'client_secret',
      client_secret: 'abc',
      expires_at: '2028-01-31T12:00:00.000Z',
    })
    expect(credentialInputOf(draft(null, { ...dated, secret: '   ' }), null)).toBeUndefined()
  })

  it('sends the date alone for the stored secret', () => {
    const end = '2028-11-25'
    expect(newExpiryOf(draft(SECRET, { end }))).toBe('2028-11-25T12:00:00.000Z')
    expect(newExpiryOf(draft(SECRET, { end, secret: 'abc' }))).toBeNull()
    expect(newExpiryOf(draft(SECRET, {}))).toBeNull()
  })

  it('asks for the expiry date of a secret that was entered', () => {
    const errors = (stored: Stored, changes: Partial<CredentialDraft>) =>
      Object.keys(credentialErrors(draft(stored, changes), stored, '/credential'))
    expect(errors(null, {})).toEqual(['/credential'])
    expect(errors(SECRET, {})).toEqual([])
    expect(errors(SECRET, { secret: ' ' })).toEqual(['/credential'])
    expect(errors(SECRET, { secret: 'abc' })).toEqual(['/credential/expires_at'])
    expect(errors(SECRET, { secret: 'abc', end: '2028-01-31' })).toEqual([])
    expect(errors(null, { kind: 'certificate' })).toEqual([])
    for (const lifetimeDays of ['', '6', '731', '1.5', '-9', 'long']) {
      expect(errors(null, { kind: 'certificate', lifetimeDays })).toEqual([
        '/credential/lifetime_days',
      ])
    }
  })

  it('sends the lifetime of a certificate that is made', () => {
    const certificate = (changes: Partial<CredentialDraft>) =>
      credentialInputOf(draft(null, { kind: 'certificate', ...changes }), null)
    expect(certificate({})).toEqual({
      type: 'certificate',
      lifetime_days: 180,
    })
    expect(certificate({ lifetimeDays: ' 90 ' })).toEqual({
      type: 'certificate',
      lifetime_days: 90,
    })
  })

  it('takes complaints only at the fields that are shown', () => {
    const shown = (draft: CredentialDraft, at: string) => Object.keys(shownIn(draft, at))
    expect(shown(draft(null, {}), '/credential')).toContain('/credential/client_secret')
    const made = draft(null, { kind: 'certificate' })
    expect(shown(made, '/credential')).toEqual(['/credential/lifetime_days'])
    expect(shown({ ...made, kind: 'federated' }, '')).toEqual([])
  })
})
