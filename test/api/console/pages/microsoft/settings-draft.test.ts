import { describe, expect, it } from 'vitest'
import {
  atFields,
  becomesFederated,
  blamedField,
  type Editing,
  edit,
  errorsOf,
  inputOf,
  isChanged,
  isUnchecked,
  pastedNames,
  type SettingsDraft,
  takeNewer,
  takePromoted,
  withPasted,
} from '../../../../../api/console/pages/microsoft/settings-draft.ts'
import {
  type IntegrationSettings,
  IntegrationSettingsInput,
  type VerifyResult,
} from '../../../../../schema/integration.ts'

const NOW = new Date('2026-11-26T10:00:00Z')
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
  generated: true,
  lifetime_days: 180,
  upload: null,
}

const stored = (changes: Partial<IntegrationSettings> = {}, etag = '"1"') => ({
  body: {
    client_id: CLIENT_ID,
    credential: SECRET,
    next_credential: null,
    cloud: 'global',
    tenant: 'common',
    home_tenant: null,
    verified_at: null,
    redirect_uri: 'https://mailgrant.test/oauth/microsoft/callback',
    admin_consent_redirect_uri: 'https://mailgrant.test/oauth/microsoft/admin-consent',
    console_redirect_uri: 'https://mailgrant.test/console/callback',
    permissions: [],
    mail_servers: { imap: [], smtp: [] },
    ...changes,
  } as IntegrationSettings,
  etag,
})

const typing = (changes: Partial<SettingsDraft>, editing: Editing = edit(stored())): Editing => ({
  ...editing,
  draft: { ...editing.draft, ...changes },
})

const withSecret = (secret: string) => ({ ...edit(stored()).draft.credential, secret })

describe('the form of the Microsoft settings', () => {
  it('begins with what is stored, and sends it as it is', () => {
    for (const tenant of ['common', 'organizations', 'consumers', 'contoso.com']) {
      const editing = edit(stored({ tenant }))
      expect(isChanged(editing)).toBe(false)
      const input = inputOf(editing.draft, NOW)
      expect(IntegrationSettingsInput.parse(input)).toEqual(input)
      expect(input).toEqual({
        client_id: CLIENT_ID,
        cloud: 'global',
        tenant,
        home_tenant: null,
      })
    }
  })

  it('sends the tenant of a single organisation only while that is chosen', () => {
    const one = typing({ audience: 'one', tenant: ' contoso.com ' })
    expect(isChanged(one)).toBe(true)
    expect(inputOf(one.draft, NOW).tenant).toBe('contoso.com')
    expect(inputOf(typing({ audience: 'consumers' }, one).draft, NOW).tenant).toBe('consumers')
  })

  it('sends a date for the stored secret without the secret', () => {
    const dated = typing({ credential: { ...withSecret(''), expiry: 'date', end: '2028-01-31' } })
    expect(isChanged(dated)).toBe(true)
    expect(errorsOf(dated)).toEqual({})
    const input = inputOf(dated.draft, NOW)
    expect(IntegrationSettingsInput.parse(input)).toEqual(input)
    expect(input.secret_expires_at).toBe('2028-01-31T12:00:00.000Z')
    expect(input.credential).toBeUndefined()
  })

  it('misses a credential that was begun and not entered', () => {
    expect(errorsOf(edit(stored()))).toEqual({})
    expect(errorsOf(typing({ credential: withSecret(' ') }))).toEqual({
      '/credential': "Enter the secret's Value.",
    })
  })

  it('takes over what a paste names, and keeps the rest', () => {
    const begun = typing({ homeTenant: 'contoso.com' }).draft
    const pasted = { clientId: 'new', secret: 'abc', end: '2028-11-24' }
    const after = withPasted(begun, pasted)
    expect(after).toMatchObject({ clientId: 'new', homeTenant: 'contoso.com' })
    expect(after.credential).toMatchObject({ secret: 'abc', expiry: 'date', end: '2028-11-24' })
    expect(pastedNames(pasted)).toBe('client ID, client secret, expiry date')
  })

  it('chooses a federated credential that a script has added', () => {
    const pasted = { clientId: CLIENT_ID, kind: 'federated' } as const
    const after = withPasted(typing({}).draft, pasted)
    expect(inputOf(after, NOW)).toMatchObject({
      client_id: CLIENT_ID,
      credential: { type: 'federated' },
    })
    expect(pastedNames(pasted)).toBe('client ID, federated credential')
  })
})

describe('a change to a federated credential', () => {
  it('costs no grant, unless the app changes as well', () => {
    const federated = withPasted(typing({ clientId: CLIENT_ID }).draft, { kind: 'federated' })
    const editing = (body: Partial<IntegrationSettings>) => ({
      ...typing({}),
      stored: stored(body),
      draft: federated,
    })
    expect(becomesFederated(editing({ client_id: CLIENT_ID }))).toBe(true)
    expect(becomesFederated(editing({ client_id: 'another' }))).toBe(false)
    expect(becomesFederated(editing({ client_id: CLIENT_ID, cloud: 'china' }))).toBe(false)
  })
})

describe('a form that was overtaken', () => {
  it('takes what is newer, with its version, and keeps what was typed', () => {
    const typed = typing({ homeTenant: 'contoso.com' })
    const newer = stored({ cloud: 'china', credential: CERTIFICATE }, '"2"')
    const after = takeNewer(typed, newer)
    expect(after.stored).toBe(newer)
    expect(after.draft).toMatchObject({
      homeTenant: 'contoso.com',
      cloud: 'china',
      credential: { kind: 'certificate', source: 'keep' },
    })
    expect(after.done).toEqual({ loaded: [] })
  })

  it('names the fields that both sides changed, with the newer value', () => {
    const typed = typing({ audience: 'one', tenant: 'contoso.com' })
    const after = takeNewer(typed, stored({ tenant: 'consumers' }))
    expect(after.draft).toMatchObject({ audience: 'one', tenant: 'contoso.com' })
    expect(after.done).toEqual({ loaded: [{ label: 'Who may sign in', newer: 'consumers' }] })
  })

  it('keeps a credential that was typed, whatever is stored meanwhile', () => {
    const after = takeNewer(
      typing({ credential: withSecret('mine') }),
      stored({ credential: CERTIFICATE }),
    )
    expect(after.draft.credential).toMatchObject({ kind: 'client_secret', secret: 'mine' })
    expect(isChanged(after)).toBe(true)
  })

  it('is silent about a change of its own, unless it meets one of somebody else', () => {
    const promoted = stored({ credential: CERTIFICATE })
    expect(takePromoted(edit(stored()), promoted).done).toBeNull()
    const typed = typing({ homeTenant: 'contoso.com' })
    const other = stored({ credential: CERTIFICATE, home_tenant: 'fabrikam.com' })
    expect(takePromoted(typed, other).done).toEqual({
      loaded: [{ label: 'Directory (tenant) ID', newer: 'fabrikam.com' }],
    })
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
    ]
    const [clientId, home] = atFields({ ...problem, errors }).errors ?? []
    expect(clientId?.message).toContain('Copy it from Entra')
    expect(home).toEqual(errors[1])
  })
})

describe('a check that did not pass', () => {
  const answer = (outcome: VerifyResult['outcome'], cause?: string) =>
    ({
      outcome,
      detail: 'Details.',
      diagnosis: cause === undefined ? null : { candidates: [{ cause }] },
    }) as VerifyResult

  it('blames the field that holds the wrong value', () => {
    const blamed = (cause: string) => Object.keys(blamedField(answer('failed', cause)) ?? {})
    expect(blamed('client-secret-wrong')).toEqual(['/credential'])
    expect(blamed('client-secret-expired')).toEqual(['/credential'])
    expect(blamed('wrong-client-id')).toEqual(['/client_id'])
    expect(blamed('wrong-tenant-or-cloud')).toEqual(['/home_tenant'])
    expect(blamed('server-transient')).toEqual([])
    expect(blamedField(answer('passed'))).toBeNull()
  })

  it('was none where no directory is known', () => {
    expect(isUnchecked(stored().body, answer('inconclusive'))).toBe(true)
    expect(isUnchecked(stored().body, answer('inconclusive', 'server-transient'))).toBe(false)
    const known = stored({ home_tenant: 'contoso.com' }).body
    expect(isUnchecked(known, answer('inconclusive'))).toBe(false)
    expect(isUnchecked(stored().body, null)).toBe(false)
  })
})
