import { describe, expect, it } from 'vitest'
import { readAdminConsent } from '../../../api/entra/admin-consent.ts'

const TENANT = '11111111-aaaa-4bbb-8ccc-222222222222'
const read = (text: string) => readAdminConsent(new URLSearchParams(text))

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
