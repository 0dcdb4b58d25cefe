import { describe, expect, it } from 'vitest'
import {
  type CredentialDraft,
  chooseKind,
  credentialInputOf,
  emptyCredentialDraft,
  isTyped,
  pointersOf,
  type Stored,
} from '../../../../../api/console/pages/microsoft/credential-draft.ts'
import { CredentialInput } from '../../../../../schema/credential.ts'

const SECRET: Stored = { type: 'client_secret' }
const CERTIFICATE: Stored = { type: 'certificate' }

const draft = (stored: Stored, changes: Partial<CredentialDraft>): CredentialDraft => ({
  ...emptyCredentialDraft(stored),
  ...changes,
})

describe('a credential that is typed in', () => {
  it('begins with what is stored, and sends nothing', () => {
    for (const stored of [null, SECRET, CERTIFICATE]) {
      const untouched = emptyCredentialDraft(stored)
      expect(isTyped(untouched, stored)).toBe(false)
      expect(credentialInputOf(untouched)).toBeUndefined()
    }
  })

  it('is a change as soon as a field or the kind differs', () => {
    expect(isTyped(draft(SECRET, { secret: 's' }), SECRET)).toBe(true)
    expect(isTyped(draft(SECRET, { end: '2028-01-31' }), SECRET)).toBe(true)
    expect(isTyped(draft(SECRET, chooseKind('certificate', SECRET)), SECRET)).toBe(true)
    expect(isTyped(draft(CERTIFICATE, { source: 'made' }), CERTIFICATE)).toBe(true)
    expect(isTyped(draft(CERTIFICATE, chooseKind('client_secret', CERTIFICATE)), CERTIFICATE)).toBe(
      true,
    )
  })

  it('offers to keep a certificate only where one is stored', () => {
    expect(chooseKind('certificate', CERTIFICATE).source).toBe('keep')
    expect(chooseKind('certificate', SECRET).source).toBe('made')
    expect(chooseKind('certificate', null).source).toBe('made')
  })

  it('sends a secret without spaces around it, and its last day in any time zone', () => {
    const input = credentialInputOf(draft(null, { secret: ' abc ', end: '2028-01-31' }))
    expect(CredentialInput.parse(input)).toEqual({
      type: 'client_secret',
      client_secret: 'abc',
      expires_at: '2028-01-31T12:00:00.000Z',
    })
    expect(credentialInputOf(draft(null, { secret: '   ', end: '2028-01-31' }))).toBeUndefined()
  })

  it('sends a certificate as it is chosen: made here, or pasted', () => {
    const certificate = (changes: Partial<CredentialDraft>) =>
      credentialInputOf(draft(null, { kind: 'certificate', ...changes }))
    expect(certificate({ source: 'made', privateKey: 'left over' })).toEqual({
      type: 'certificate',
    })
    expect(certificate({ source: 'own' })).toBeUndefined()
    expect(certificate({ source: 'own', certificate: ' CERT\n' })).toEqual({
      type: 'certificate',
      certificate: 'CERT',
    })
    expect(certificate({ source: 'own', certificate: 'CERT', privateKey: 'KEY' })).toEqual({
      type: 'certificate',
      certificate: 'CERT',
      private_key: 'KEY',
    })
  })

  it('takes complaints only at the fields that are shown', () => {
    expect(pointersOf(draft(null, {}), '/credential')).toContain('/credential/client_secret')
    const made = draft(null, { kind: 'certificate', source: 'made' })
    expect(pointersOf(made, '/credential')).toEqual([])
    expect(pointersOf({ ...made, source: 'own' }, '')).toEqual(['', '/private_key', '/certificate'])
  })
})
