import { describe, expect, it } from 'vitest'
import {
  authorityOf,
  endpoints,
  issuerFits,
  issuerOf,
  refreshTenant,
} from '../../../api/entra/authority.ts'
import { clouds, PERSONAL_TENANT } from '../../../api/entra/clouds.ts'
import { isGuid } from '../../../schema/integration.ts'
import { Cloud } from '../../../schema/mail-servers.ts'

const CONTOSO = '11111111-aaaa-4bbb-8ccc-222222222222'

describe('clouds', () => {
  it('have https origins and one Exchange resource each, and none is missing', () => {
    expect(Object.keys(clouds).sort()).toEqual([...Cloud.options].sort())
    for (const facts of Object.values(clouds)) {
      expect(new URL(facts.login).origin).toBe(facts.login)
      expect(new URL(facts.portal).origin).toBe(facts.portal)
      expect(facts.scopePrefix).toMatch(/^https:\/\/[a-z0-9.]+\/$/)
      expect(facts.appOnlyScope).toMatch(/^https:\/\/[a-z0-9.]+\/\.default$/)
    }
  })

  it('accept personal accounts only worldwide', () => {
    const accepting = Cloud.options.filter((cloud) => clouds[cloud].personalAccounts)
    expect(accepting).toEqual(['global'])
  })
})

describe('an authority', () => {
  it('uses the login host of its cloud', () => {
    expect(authorityOf('global', 'common')).toEqual({
      origin: 'https://login.microsoftonline.com',
      tenant: 'common',
    })
    expect(authorityOf('us_gov_dod', CONTOSO).origin).toBe('https://login.microsoftonline.us')
    expect(authorityOf('china', CONTOSO).origin).toBe('https://login.partner.microsoftonline.cn')
  })

  it.each(['http://127.0.0.1:8789', 'http://127.0.0.1:8789/', 'http://127.0.0.1:8789//'])(
    'uses the override %s without trailing slashes',
    (override) => {
      const authority = authorityOf('china', 'common', override)
      expect(endpoints(authority).token).toBe('http://127.0.0.1:8789/common/oauth2/v2.0/token')
    },
  )

  it('ignores an empty override', () => {
    expect(authorityOf('global', 'common', '').origin).toBe('https://login.microsoftonline.com')
  })

  it('has the v2 endpoints', () => {
    const base = `https://login.microsoftonline.com/${CONTOSO}`
    expect(endpoints(authorityOf('global', CONTOSO))).toEqual({
      authorize: `${base}/oauth2/v2.0/authorize`,
      token: `${base}/oauth2/v2.0/token`,
      jwks: `${base}/discovery/v2.0/keys`,
      metadata: `${base}/v2.0/.well-known/openid-configuration`,
      adminConsent: `${base}/v2.0/adminconsent`,
    })
  })

  it.each(['../evil', 'a/b', 'x?y=1', 'x#y', 'evil.example@'])(
    'keeps the tenant %s inside one path segment',
    (tenant) => {
      const url = new URL(endpoints(authorityOf('global', tenant)).token)
      expect(url.origin).toBe('https://login.microsoftonline.com')
      expect(url.pathname.split('/')).toHaveLength(5)
      expect(url.search + url.hash).toBe('')
    },
  )

  it('refreshes personal accounts at consumers, all others at their own tenant', () => {
    expect(refreshTenant(PERSONAL_TENANT)).toBe('consumers')
    expect(refreshTenant(PERSONAL_TENANT.toUpperCase())).toBe('consumers')
    expect(refreshTenant(CONTOSO)).toBe(CONTOSO)
  })
})

describe('the iss parameter of a callback', () => {
  const authority = authorityOf('global', 'organizations')
  it.each([
    [issuerOf(authority, CONTOSO), true],
    [issuerOf(authority, '{tenantid}'), true],
    [issuerOf(authority, PERSONAL_TENANT), false],
    [`https://login.microsoftonline.us/${CONTOSO}/v2.0`, false],
    // Has the right length, so only a comparison of every character finds the difference.
    [`https://login.nicrosoftonline.com/${CONTOSO}/v2.0`, false],
    [`https://login.microsoftonline.com/${CONTOSO}/v1.0`, false],
    [`https://login.microsoftonline.com.evil.example/${CONTOSO}/v2.0`, false],
    [`${issuerOf(authority, CONTOSO)}/`, false],
    ['https://login.microsoftonline.com/common/v2.0', false],
    ['https://login.microsoftonline.com//v2.0', false],
    ['', false],
  ])('%j is accepted: %s', (iss, fits) => {
    expect(issuerFits(authority, iss)).toBe(fits)
  })
})

it('recognises only complete GUIDs', () => {
  expect(isGuid(CONTOSO)).toBe(true)
  for (const invalid of [`${CONTOSO}\n`, ` ${CONTOSO}`, CONTOSO.slice(1), '{tenantid}', null, 5]) {
    expect(isGuid(invalid)).toBe(false)
  }
})
