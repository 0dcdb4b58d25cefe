import { describe, expect, it } from 'vitest'
import { credentialErrors } from '../../../../../api/console/pages/microsoft/credential-draft.ts'
import {
  atFields,
  becomesFederated,
  blamedField,
  draftOf,
  guideQuery,
  inputOf,
  isUnchecked,
  keptCredential,
  registrationErrors,
  type SettingsDraft,
  tidy,
  withPasted,
} from '../../../../../api/console/pages/microsoft/settings-draft.ts'
import { mergeValues, sameValues } from '../../../../../api/console/ui/form-state.ts'
import {
  type IntegrationSettings,
  IntegrationSettingsInput,
  type VerifyResult,
} from '../../../../../schema/integration.ts'

const CLIENT_ID = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'
const SECRET: IntegrationSettings['credential'] = {
  type: 'client_secret',
  hint: 'abc',
  expires_at: null,
}
const CERTIFICATE: IntegrationSettings['credential'] = {
  type: 'certificate',
  certificate: 'CERT',
  thumbprint_sha256: 'AB',
  expires_at: '2028-01-31T00:00:00.000Z',
  lifetime_days: 180,
  upload: null,
}

const stored = (changes: Partial<IntegrationSettings> = {}) =>
  ({
    client_id: CLIENT_ID,
    credential: SECRET,
    cloud: 'global',
    tenant: 'common',
    home_tenant: null,
    protocols: ['imap', 'smtp'],
    ...changes,
  }) as IntegrationSettings

const begun = draftOf(stored())
const typing = (changes: Partial<SettingsDraft>): SettingsDraft => ({ ...begun, ...changes })
const withSecret = (secret: string) => ({ ...begun.credential, secret })
const isChanged = (draft: SettingsDraft, base = begun) => !sameValues(base, tidy(draft))

describe('the form of the Microsoft settings', () => {
  it('begins with what is stored, and sends it as it is', () => {
    for (const [tenant, home_tenant] of [
      ['common', null],
      ['organizations', 'contoso.com'],
      ['consumers', null],
      ['contoso.com', 'contoso.com'],
      ['contoso.com', 'vendor.example'],
    ] as const) {
      const settings = stored({ tenant, home_tenant })
      const draft = draftOf(settings)
      expect(isChanged(draft, draft)).toBe(false)
      const input = inputOf(draft, settings)
      expect(IntegrationSettingsInput.parse(input)).toEqual(input)
      expect(input).toEqual({
        client_id: CLIENT_ID,
        cloud: 'global',
        tenant,
        home_tenant,
        protocols: ['imap', 'smtp'],
      })
    }
  })

  it('has one field for the tenant of one organisation and its directory', () => {
    const one = typing({ tenant: 'home', home_tenant: ' contoso.com ' })
    expect(isChanged(one)).toBe(true)
    const both = { tenant: 'contoso.com', home_tenant: 'contoso.com' }
    expect(inputOf(one, stored())).toMatchObject(both)
    expect(draftOf(stored({ tenant: 'contoso.com' }))).toMatchObject({
      tenant: 'home',
      home_tenant: 'contoso.com',
    })
    const several = { ...one, tenant: 'organizations' }
    expect(inputOf(several, stored())).toMatchObject({ ...both, tenant: 'organizations' })
    expect(Object.fromEntries(guideQuery(several))).toEqual({
      ...{ tenant: 'organizations', home_tenant: 'contoso.com', cloud: 'global' },
      protocols: 'imap,smtp',
    })
  })

  it('begins a setup with one organisation, whose directory is required', () => {
    const first = draftOf(stored({ client_id: null, credential: null, next_credential: null }))
    const wrong = (changes: Partial<SettingsDraft>) =>
      Object.keys(registrationErrors({ ...first, ...changes }))
    expect(wrong({})).toEqual(['/home_tenant'])
    expect(wrong({ home_tenant: 'contoso.com' })).toEqual([])
    expect(wrong({ tenant: 'organizations' })).toEqual([])
    expect(wrong({ tenant: 'common', cloud: 'china', protocols: [] })).toEqual([
      '/tenant',
      '/protocols',
    ])
  })

  it('keeps the certificate that a script has uploaded before the first save', () => {
    const settings = stored({ credential: null, next_credential: CERTIFICATE })
    const first = draftOf(settings)
    expect(first.credential.kind).toBe('certificate')
    expect(inputOf(first, settings).credential).toBeUndefined()
  })

  it('asks for another certificate where another app is entered', () => {
    const settings = stored({ credential: CERTIFICATE })
    const other = { ...draftOf(settings), client_id: 'other' }
    expect(keptCredential(settings, other.client_id)).toBeNull()
    expect(inputOf(other, settings).credential).toEqual({
      type: 'certificate',
      lifetime_days: 180,
    })
  })

  it('sends a date for the stored secret without the secret', () => {
    const dated = typing({ credential: { ...withSecret(''), end: '2028-01-31' } })
    expect(isChanged(dated)).toBe(true)
    expect(credentialErrors(dated.credential, SECRET, '/credential')).toEqual({})
    const input = inputOf(dated, stored())
    expect(IntegrationSettingsInput.parse(input)).toEqual(input)
    expect(input.secret_expires_at).toBe('2028-01-31T12:00:00.000Z')
    expect(input.credential).toBeUndefined()
  })

  it('takes over what a paste names, and keeps the rest', () => {
    const pasted = { client_id: 'new', secret: 'abc', end: '2028-11-24' }
    const after = withPasted(typing({ home_tenant: 'contoso.com' }), pasted)
    expect(after).toMatchObject({ client_id: 'new', home_tenant: 'contoso.com' })
    expect(after.credential).toMatchObject({ secret: 'abc', end: '2028-11-24' })
  })

  it('chooses a federated credential that a script has added', () => {
    const pasted = { client_id: CLIENT_ID, kind: 'federated' } as const
    const after = withPasted(begun, pasted)
    expect(inputOf(after, stored())).toMatchObject({
      client_id: CLIENT_ID,
      credential: { type: 'federated' },
    })
  })
})

it('a change to a federated credential costs no grant, unless the app changes as well', () => {
  const federated = withPasted(begun, { kind: 'federated' })
  expect(becomesFederated(federated, stored())).toBe(true)
  expect(becomesFederated(federated, stored({ client_id: 'another' }))).toBe(false)
  expect(becomesFederated(federated, stored({ cloud: 'china' }))).toBe(false)
})

describe('a form that was overtaken', () => {
  const merge = (draft: SettingsDraft, newer: IntegrationSettings) =>
    mergeValues(begun, tidy(draft), draftOf(newer))

  it('takes what is newer, and keeps what was typed', () => {
    const newer = stored({ cloud: 'china', credential: CERTIFICATE })
    const { values, kept } = merge(typing({ home_tenant: 'contoso.com' }), newer)
    expect(values).toMatchObject({
      home_tenant: 'contoso.com',
      cloud: 'china',
      credential: { kind: 'certificate' },
    })
    expect(kept).toEqual([])
  })

  it('keeps a credential that was typed, whatever is stored meanwhile', () => {
    const newer = stored({ credential: CERTIFICATE })
    const { values } = merge(typing({ credential: withSecret('mine') }), newer)
    expect(values.credential).toMatchObject({ kind: 'client_secret', secret: 'mine' })
    expect(isChanged(values, draftOf(newer))).toBe(true)
  })
})

describe('a refusal', () => {
  const problem = { title: 'Refused', detail: 'That is the ID of a secret.' }

  it('of the credential becomes an error of its field', () => {
    expect(atFields({ ...problem, code: 'client_secret_is_an_id' }).errors).toEqual([
      { pointer: '/credential', message: problem.detail },
    ])
  })

  it('of the client ID says where it is found', () => {
    const errors = [
      { pointer: '/client_id', message: 'must be a GUID' },
      { pointer: '/home_tenant', message: 'must be a tenant GUID or a domain' },
      // The form has one field for both members.
      { pointer: '/tenant', message: 'must be a tenant GUID or a domain' },
    ]
    const [clientId, ...others] = atFields({ ...problem, errors }).errors ?? []
    expect(clientId?.message).toContain('Copy it from Entra')
    expect(others).toEqual([errors[1]])
  })
})

describe('a check that did not pass', () => {
  const verdict = (outcome: VerifyResult['outcome'], cause?: string) =>
    ({
      outcome,
      detail: 'Details.',
      diagnosis: cause === undefined ? null : { candidates: [{ cause }] },
    }) as VerifyResult

  it('blames the field that holds the wrong value', () => {
    const blamed = (cause: string) => Object.keys(blamedField(verdict('failed', cause)) ?? {})
    expect(blamed('client-secret-wrong')).toEqual(['/credential'])
    expect(blamed('client-secret-expired')).toEqual(['/credential'])
    expect(blamed('wrong-client-id')).toEqual(['/client_id'])
    expect(blamed('wrong-tenant-or-cloud')).toEqual(['/home_tenant'])
    expect(blamed('server-transient')).toEqual([])
    expect(blamedField(verdict('passed'))).toBeNull()
  })

  it('was none where no directory is known', () => {
    expect(isUnchecked(stored(), verdict('inconclusive'))).toBe(true)
    expect(isUnchecked(stored(), verdict('inconclusive', 'server-transient'))).toBe(false)
    const known = stored({ home_tenant: 'contoso.com' })
    expect(isUnchecked(known, verdict('inconclusive'))).toBe(false)
    expect(isUnchecked(stored(), null)).toBe(false)
  })
})
