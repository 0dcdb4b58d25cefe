import { describe, expect, it } from 'vitest'
import {
  authorityOf,
  endpoints,
  issuerFits,
  issuerOf,
  refreshTenant,
  tenantFits,
} from '../../../api/entra/authority.ts'
import { clouds, PERSONAL_TENANT } from '../../../api/entra/clouds.ts'
import { isGuid } from '../../../schema/integration.ts'
import { Cloud } from '../../../schema/mail-servers.ts'

const CONTOSO = '11111111-aaaa-4bbb-8ccc-222222222222'
const FABRIKAM = '33333333-aaaa-4bbb-8ccc-444444444444'

describe('clouds', () => {
  it('describe every cloud with https origins and one Exchange resource each', () => {
    expect(Object.keys(clouds).sort()).toEqual([...Cloud.options].sort())
    for (const facts of Object.values(clouds)) {
      expect(new URL(facts.login).origin).toBe(facts.login)
      expect(new URL(facts.portal).origin).toBe(facts.portal)
      expect(facts.scopePrefix).toMatch(/^https:\/\/[a-z0-9.]+\/$/)
      expect(facts.appOnlyScope).toMatch(/^https:\/\/[a-z0-9.]+\/\.default$/)
    }
  })

  it('sign in personal accounts in the worldwide cloud only', () => {
    const open = Cloud.options.filter((cloud) => clouds[cloud].personalAccounts)
    expect(open).toEqual(['global'])
  })
})

describe('an authority', () => {
  it('is the login host of its cloud', () => {
    expect(authorityOf('global', 'common')).toEqual({
      origin: 'https://login.microsoftonline.com',
      tenant: 'common',
    })
    expect(authorityOf('us_gov_dod', CONTOSO).origin).toBe('https://login.microsoftonline.us')
    expect(authorityOf('china', CONTOSO).origin).toBe('https://login.partner.microsoftonline.cn')
  })

  it.each(['http://127.0.0.1:8789', 'http://127.0.0.1:8789/', 'http://127.0.0.1:8789//'])(
    'is the override %s, whatever its trailing slashes',
    (override) => {
      const authority = authorityOf('china', 'common', override)
      expect(endpoints(authority).token).toBe('http://127.0.0.1:8789/common/oauth2/v2.0/token')
    },
  )

  it('is not overridden by an empty setting', () => {
    expect(authorityOf('global', 'common', '').origin).toBe('https://login.microsoftonline.com')
  })

  it('has the v2 endpoints', () => {
    const base = `https://login.microsoftonline.com/${CONTOSO}`
    expect(endpoints(authorityOf('global', CONTOSO))).toEqual({
      authorize: `${base}/oauth2/v2.0/authorize`,
      token: `${base}/oauth2/v2.0/token`,
      jwks: `${base}/discovery/v2.0/keys`,
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

  it('refreshes personal accounts at consumers and others at their own tenant', () => {
    expect(refreshTenant(PERSONAL_TENANT)).toBe('consumers')
    expect(refreshTenant(PERSONAL_TENANT.toUpperCase())).toBe('consumers')
    expect(refreshTenant(CONTOSO)).toBe(CONTOSO)
  })
})

describe('which tenants a sign-in may lead to', () => {
  it.each([
    ['common', CONTOSO, true],
    ['common', PERSONAL_TENANT, true],
    ['organizations', CONTOSO, true],
    ['organizations', PERSONAL_TENANT, false],
    ['consumers', CONTOSO, false],
    ['consumers', PERSONAL_TENANT, true],
    [CONTOSO, CONTOSO, true],
    [CONTOSO.toUpperCase(), CONTOSO, true],
    [CONTOSO, CONTOSO.toUpperCase(), true],
    [CONTOSO, FABRIKAM, false],
    [CONTOSO, PERSONAL_TENANT, false],
    [PERSONAL_TENANT, PERSONAL_TENANT, true],
    ['contoso.test', CONTOSO, true],
    ['contoso.test', PERSONAL_TENANT, false],
  ])('%s and %s: %s', (tenant, tid, fits) => {
    expect(tenantFits(tenant, tid)).toBe(fits)
  })
})

describe('the iss parameter of a callback', () => {
  const authority = authorityOf('global', 'organizations')
  it.each([
    [issuerOf(authority, CONTOSO), true],
    [issuerOf(authority, '{tenantid}'), true],
    [issuerOf(authority, PERSONAL_TENANT), false],
    [`https://login.microsoftonline.us/${CONTOSO}/v2.0`, false],
    // As long as the right one, so that only a look at every character tells.
    [`https://login.nicrosoftonline.com/${CONTOSO}/v2.0`, false],
    [`https://login.microsoftonline.com/${CONTOSO}/v1.0`, false],
    [`https://login.microsoftonline.com.evil.example/${CONTOSO}/v2.0`, false],
    [`${issuerOf(authority, CONTOSO)}/`, false],
    ['https://login.microsoftonline.com/common/v2.0', false],
    ['https://login.microsoftonline.com//v2.0', false],
    ['', false],
  ])('%s fits: %s', (iss, fits) => {
    expect(issuerFits(authority, iss)).toBe(fits)
  })
})

it('takes only whole GUIDs for GUIDs', () => {
  expect(isGuid(CONTOSO)).toBe(true)
  for (const other of [`${CONTOSO}\n`, ` ${CONTOSO}`, CONTOSO.slice(1), '{tenantid}', null, 5]) {
    expect(isGuid(other)).toBe(false)
  }
})
