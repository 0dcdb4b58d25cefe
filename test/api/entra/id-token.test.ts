import { beforeAll, describe, expect, it } from 'vitest'
import { type Authority, authorityOf } from '../../../api/entra/authority.ts'
import { PERSONAL_TENANT } from '../../../api/entra/clouds.ts'
import {
  CLIENT,
  CONTOSO,
  claims,
  expected,
  FABRIKAM,
  HOST,
  issuer,
  type Keys,
  makeKeys,
  SECONDS,
  sign,
  verifierFor,
} from './token-issuer.ts'

let keys: Keys
beforeAll(async () => {
  keys = await makeKeys()
})

const check = async (token: string, authority: Authority = expected.authority) =>
  verifierFor(keys.jwk).verify(token, { ...expected, authority })
const personal = { tid: PERSONAL_TENANT, iss: issuer(PERSONAL_TENANT) }

describe('a valid id_token', () => {
  it('identifies the person who signed in', async () => {
    expect(await check(await sign(keys))).toEqual({
      ok: true,
      claims: {
        tid: CONTOSO,
        oid: claims.oid,
        sub: 'pairwise-subject',
        preferredUsername: 'alice@contoso.test',
        name: 'Alice Example',
        accountType: 'work',
        roles: [],
      },
    })
  })

  it.each([
    [
      ['Mailgrant.Admin', 'Payroll.Read'],
      ['Mailgrant.Admin', 'Payroll.Read'],
    ],
    ['Mailgrant.Admin', []],
    [{ 0: 'Mailgrant.Admin' }, []],
    [[1, null, ['Mailgrant.Admin'], 'x'.repeat(121), 'Mailgrant.Viewer'], ['Mailgrant.Viewer']],
  ])('lists the app roles of %j', async (roles, expected) => {
    const verdict = await check(await sign(keys, { roles }))
    expect(verdict).toMatchObject({ ok: true, claims: { roles: expected } })
  })

  it.each([
    ['common', {}, 'work'],
    ['common', personal, 'personal'],
    ['organizations', {}, 'work'],
    ['consumers', personal, 'personal'],
    [PERSONAL_TENANT, personal, 'personal'],
    [CONTOSO, {}, 'work'],
    [CONTOSO.toUpperCase(), {}, 'work'],
    ['contoso.test', {}, 'work'],
  ])(
    'is accepted from a sign-in at %s with %j as a %s account',
    async (tenant, change, accountType) => {
      const verdict = await check(await sign(keys, change), authorityOf('global', tenant))
      expect(verdict).toMatchObject({ ok: true, claims: { accountType } })
    },
  )

  it.each([
    ['when it expired within the tolerance', { exp: SECONDS - 299 }],
    ['when it becomes valid within the tolerance', { nbf: SECONDS + 300 }],
    ['without nbf', { nbf: undefined }],
    ['with unknown claims', { email: 'x@y.test', roles: ['a'], groups: {} }],
  ])('is accepted %s', async (_, change) => {
    expect(await check(await sign(keys, change))).toMatchObject({ ok: true })
  })

  it('yields the tenant in lower case', async () => {
    const tid = CONTOSO.toUpperCase()
    const verdict = await check(await sign(keys, { tid, iss: issuer(tid) }))
    expect(verdict).toMatchObject({ ok: true, claims: { tid: CONTOSO } })
  })

  it('may have identifiers and names of the maximum length', async () => {
    const longest = {
      oid: 'o'.repeat(128),
      sub: 's'.repeat(256),
      name: 'n'.repeat(256),
      preferred_username: 'p'.repeat(320),
    }
    const { preferred_username: preferredUsername, ...rest } = longest
    expect(await check(await sign(keys, longest))).toMatchObject({
      ok: true,
      claims: { ...rest, preferredUsername },
    })
  })

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['a number', 5],
    ['an array', ['alice@contoso.test']],
    ['too long', 'x'.repeat(1000)],
    ['several lines', 'alice\r\nBcc: x'],
    ['text with a direction override', 'alice\u202egnp.exe'],
  ])('is accepted without names when they are %s', async (_, value) => {
    const verdict = await check(await sign(keys, { name: value, preferred_username: value }))
    expect(verdict).toMatchObject({ ok: true, claims: { name: null, preferredUsername: null } })
  })
})

describe('an id_token with one wrong claim', () => {
  it.each<[string, Record<string, unknown>]>([
    ['audience', { aud: FABRIKAM }],
    ['audience', { aud: undefined }],
    ['audience', { aud: '' }],
    ['audience', { aud: CLIENT.toUpperCase() }],
    ['audience', { aud: [CLIENT] }],
    ['audience', { aud: [CLIENT, FABRIKAM] }],
    ['audience', { aud: { id: CLIENT } }],
    ['expired', { exp: SECONDS - 300 }],
    ['expired', { exp: SECONDS - 86_400 }],
    ['expired', { exp: 0 }],
    ['malformed', { exp: undefined }],
    ['malformed', { exp: String(SECONDS + 3600) }],
    ['malformed', { exp: null }],
    ['not_yet_valid', { nbf: SECONDS + 301 }],
    ['malformed', { nbf: 'now' }],
    ['nonce', { nonce: 'another-nonce' }],
    ['nonce', { nonce: undefined }],
    ['nonce', { nonce: '' }],
    ['nonce', { nonce: 'THE-NONCE' }],
    ['nonce', { nonce: 'the-nonce ' }],
    ['nonce', { nonce: ['the-nonce'] }],
    ['tenant', { tid: undefined }],
    ['tenant', { tid: '' }],
    ['tenant', { tid: 'contoso.test', iss: issuer('contoso.test') }],
    ['tenant', { tid: '{tenantid}', iss: issuer('{tenantid}') }],
    ['tenant', { tid: `${CONTOSO}/..`, iss: issuer(`${CONTOSO}/..`) }],
    ['tenant', { tid: [CONTOSO] }],
    ['tenant', personal],
    ['issuer', { tid: FABRIKAM }],
    ['issuer', { iss: issuer(FABRIKAM) }],
    ['issuer', { iss: undefined }],
    ['issuer', { iss: [issuer(CONTOSO)] }],
    ['issuer', { iss: issuer('{tenantid}') }],
    ['issuer', { iss: issuer('common') }],
    ['issuer', { iss: `${issuer(CONTOSO)}/` }],
    ['issuer', { iss: `${HOST}/${CONTOSO}` }],
    ['issuer', { iss: `https://sts.windows.net/${CONTOSO}/` }],
    ['issuer', { iss: `https://login.microsoftonline.us/${CONTOSO}/v2.0` }],
    ['issuer', { iss: `http://login.microsoftonline.com/${CONTOSO}/v2.0` }],
    ['issuer', { iss: `https://login.microsoftonline.com.evil.example/${CONTOSO}/v2.0` }],
    ['issuer', { iss: issuer(CONTOSO.toUpperCase()) }],
    ['identity', { oid: undefined }],
    ['identity', { oid: '' }],
    ['identity', { oid: 5 }],
    ['identity', { oid: ['aaaaaaaa-0000-4000-8000-00000000000a'] }],
    ['identity', { oid: 'x'.repeat(129) }],
    ['identity', { oid: 'a\u0000b' }],
    ['identity', { sub: undefined }],
    ['identity', { sub: 5 }],
    ['identity', { sub: 'x'.repeat(257) }],
  ])('is refused for the reason %s: %j', async (reason, change) => {
    expect(await check(await sign(keys, change))).toEqual({ ok: false, reason })
  })

  it.each([
    ['consumers', {}],
    [FABRIKAM, {}],
    [PERSONAL_TENANT, {}],
    [CONTOSO, personal],
    ['contoso.test', personal],
  ])('is refused when its tenant does not fit a sign-in at %s with %j', async (tenant, change) => {
    const verdict = await check(await sign(keys, change), authorityOf('global', tenant))
    expect(verdict).toEqual({ ok: false, reason: 'tenant' })
  })
})
