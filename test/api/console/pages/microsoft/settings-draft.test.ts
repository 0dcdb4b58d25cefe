import { describe, expect, it } from 'vitest'
import {
  atFields,
  type Editing,
  edit,
  errorsOf,
  inputOf,
  isChanged,
  type SettingsDraft,
  takeNewer,
  takePromoted,
} from '../../../../../api/console/pages/microsoft/settings-draft.ts'
import {
  type IntegrationSettings,
  IntegrationSettingsInput,
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
}

const stored = (changes: Partial<IntegrationSettings> = {}, etag = '"1"') => ({
  body: {
    client_id: CLIENT_ID,
    credential: SECRET,
    next_credential: null,
    cloud: 'global',
    tenant: 'common',
    home_tenant: null,
    redirect_uri: 'https://mailgrant.test/oauth/microsoft/callback',
    admin_consent_redirect_uri: 'https://mailgrant.test/oauth/microsoft/admin-consent',
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
      const input = inputOf(editing.draft)
      expect(IntegrationSettingsInput.parse(input)).toEqual(input)
      expect(input).toEqual({ client_id: CLIENT_ID, cloud: 'global', tenant, home_tenant: null })
    }
  })

  it('sends the tenant of a single organisation only while that is chosen', () => {
    const one = typing({ audience: 'one', tenant: ' contoso.com ' })
    expect(isChanged(one)).toBe(true)
    expect(inputOf(one.draft).tenant).toBe('contoso.com')
    expect(inputOf(typing({ audience: 'consumers' }, one).draft).tenant).toBe('consumers')
  })

  it('sends a credential that was typed', () => {
    const typed = typing({ credential: withSecret('new') })
    expect(isChanged(typed)).toBe(true)
    expect(inputOf(typed.draft).credential).toEqual({
      type: 'client_secret',
      client_secret: 'new',
    })
  })

  it('misses a credential that was begun and not entered', () => {
    expect(errorsOf(edit(stored()))).toEqual({})
    expect(errorsOf(typing({ credential: withSecret('new') }))).toEqual({})
    expect(errorsOf(typing({ credential: withSecret(' ') }))).toEqual({
      '/credential': 'Enter it, or choose what is stored.',
    })
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
    expect(takePromoted({ ...edit(stored()), done: 'saved' }, promoted).done).toBe('saved')
    const typed = typing({ homeTenant: 'contoso.com' })
    const other = stored({ credential: CERTIFICATE, home_tenant: 'fabrikam.com' })
    expect(takePromoted(typed, other).done).toEqual({
      loaded: [{ label: 'Home tenant', newer: 'fabrikam.com' }],
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
