import { describe, expect, it } from 'vitest'
import { adminConsentUrl, readAdminConsent } from '../../../api/entra/admin-consent.ts'
import { authorityOf } from '../../../api/entra/authority.ts'
import { mailScopes } from '../../../api/entra/scopes.ts'

const TENANT = '11111111-aaaa-4bbb-8ccc-222222222222'
const read = (text: string) => readAdminConsent(new URLSearchParams(text))
const link = (tenant: string) =>
  new URL(
    adminConsentUrl({
      authority: authorityOf('global', tenant),
      clientId: 'the-client',
      redirectUri: 'https://mail.example/oauth/microsoft/admin-consent',
      scopes: mailScopes('global', ['imap', 'smtp']),
      state: 'the-state',
    }),
  )

describe('the admin-consent link', () => {
  it('requests only the mail scopes, from one tenant', () => {
    const url = link(TENANT)
    expect(url.pathname).toBe(`/${TENANT}/v2.0/adminconsent`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'the-client',
      redirect_uri: 'https://mail.example/oauth/microsoft/admin-consent',
      scope:
        'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send ' +
        'offline_access openid profile',
      state: 'the-state',
    })
  })

  it('uses organizations when the configured tenant is common', () => {
    expect(link('common').pathname).toBe('/organizations/v2.0/adminconsent')
    expect(link('contoso.test').pathname).toBe('/contoso.test/v2.0/adminconsent')
  })
})

describe('the admin-consent callback', () => {
  it('is a success; a tenant that is not a name or GUID is ignored', () => {
    expect(read(`admin_consent=True&tenant=${TENANT}&state=s&scope=x`)).toEqual({
      ok: true,
      state: 's',
      tenant: TENANT,
    })
    expect(read('admin_consent=true&tenant=<b>x</b>&state=s')).toEqual({
      ok: true,
      state: 's',
      tenant: null,
    })
  })

  it('is a refusal when an error accompanies admin_consent=True', () => {
    const text =
      'admin_consent=True&error=consent_required&error_description=AADSTS65004%3A+declined&state=s'
    expect(read(text)).toMatchObject({
      ok: false,
      state: 's',
      refusal: { error: 'consent_required', aadsts: 65004 },
    })
  })

  it.each([
    ['', 'missing_state'],
    ['admin_consent=True', 'missing_state'],
    ['state=s', 'missing_result'],
    ['admin_consent=False&state=s', 'missing_result'],
    ['admin_consent=True&admin_consent=False&state=s', 'duplicate_parameter'],
    [`admin_consent=True&tenant=${TENANT}&tenant=x&state=s`, 'duplicate_parameter'],
  ])('is malformed for the query %j: %s', (text, malformed) => {
    expect(read(text)).toMatchObject({ ok: false, malformed })
  })
})
