import { describe, expect, it } from 'vitest'
import { app } from '../personas.ts'
import { createEntra } from './entra.ts'
import {
  AUTHORITY,
  authorizeUrl,
  IMAP,
  MAIL_SEND,
  obtainCode,
  REDIRECT,
  redeem,
  refresh,
  SCOPE,
} from './test-client.ts'

const back = async (changes: Record<string, string | undefined>) => {
  const response = await createEntra().fetch(authorizeUrl(changes))
  expect(response.status).toBe(302)
  return new URL(response.headers.get('location') ?? '')
}

describe('authorize', () => {
  it.each([
    ['client_id', '5ec4e71d-0000-4000-8000-000000000001', 700016],
    ['redirect_uri', `${REDIRECT}/`, 50011],
    ['redirect_uri', REDIRECT.replace('localhost', '127.0.0.1'), 50011],
    ['redirect_uri', `${REDIRECT}?x=1`, 50011],
  ])('shows an error page when %s is %s', async (name, value, aadsts) => {
    const entra = createEntra()
    const result = await entra.trySignIn(authorizeUrl({ [name]: value }), {
      as: 'alice@contoso.test',
    })
    expect(result).toMatchObject({ ok: false, status: 400, aadsts })
  })

  it('rejects an unknown tenant', async () => {
    const result = await createEntra().trySignIn(authorizeUrl({}, 'contoso.tset'), { as: 'x' })
    expect(result).toMatchObject({ ok: false, aadsts: 90002 })
  })

  it.each([
    [{ scope: 'https://outlook.office.com/POP.AccessAsUser.All' }, 'invalid_client', 65005],
    [{ scope: 'https://outlook.example/SMTP.Send' }, 'invalid_resource', 500011],
    [{ scope: `${IMAP} https://outlook.office.com/.default` }, 'invalid_scope', 70011],
    [{ scope: '' }, 'invalid_request', 900144],
  ])('redirects %o with the error %s', async (changes, error, aadsts) => {
    const url = await back(changes)
    expect(url.searchParams.get('error')).toBe(error)
    expect(url.searchParams.get('error_description')).toMatch(
      new RegExp(`^AADSTS${aadsts}: .* Trace ID: .* Correlation ID: .* Timestamp: \\S+ \\S+Z$`),
    )
    expect(url.searchParams.get('error_uri')).toBe(`${AUTHORITY}/error?code=${aadsts}`)
    expect(url.searchParams.get('state')).toBe('a-state')
  })

  it('expects another scope prefix in another cloud', async () => {
    const entra = createEntra({ cloud: 'us_gov_high' })
    const scope = 'https://outlook.office365.us/IMAP.AccessAsUser.All openid'
    const as = 'alice@contoso.test'
    expect((await entra.signIn(authorizeUrl({ scope }), { as })).searchParams.has('code')).toBe(
      true,
    )
    const global = await entra.signIn(authorizeUrl(), { as })
    expect(global.searchParams.get('error')).toBe('invalid_resource')
  })

  it('offers only accounts that the tenant path admits', async () => {
    const names = async (tenant: string) =>
      [
        ...(await (await createEntra().fetch(authorizeUrl({}, tenant))).text()).matchAll(
          /value="(\S+@\S+)"/g,
        ),
      ].map((match) => match[1])
    expect(await names('common')).toContain('grace@outlook.test')
    expect(await names('organizations')).not.toContain('grace@outlook.test')
    expect(await names('contoso.test')).toEqual(await names('organizations'))
    expect(await names('consumers')).toEqual(['grace@outlook.test', 'ivan@outlook.test'])
  })
})

describe('the cast at sign-in', () => {
  it('lets dave in after admin consent, unless the request forces a new consent', async () => {
    const entra = createEntra()
    entra.control.setTenantConsent('contoso.test', true)
    const as = 'dave@contoso.test'
    const url = await entra.signIn(authorizeUrl(), { as })
    expect(url.searchParams.has('code')).toBe(true)
    const again = await entra.trySignIn(authorizeUrl({ prompt: 'consent' }), { as })
    expect(again).toMatchObject({ ok: false, aadsts: 90094 })
  })

  it('lets dave consent to sending by Graph alone, and not to IMAP beside it', async () => {
    const entra = createEntra()
    const as = 'dave@contoso.test'
    const both = await entra.trySignIn(authorizeUrl({ scope: `${IMAP} ${MAIL_SEND}` }), { as })
    expect(both).toMatchObject({ ok: false, aadsts: 90094 })
    const alone = await entra.signIn(authorizeUrl({ scope: MAIL_SEND }), { as })
    expect(alone.searchParams.has('code')).toBe(true)
  })

  it('reports a declined consent with the error code of the account type', async () => {
    const entra = createEntra()
    const declined = async (as: string) => {
      const url = await entra.signIn(authorizeUrl(), { as, consent: 'cancel' })
      expect(url.searchParams.get('error_description')).toMatch(/^AADSTS65004/)
      return url.searchParams.get('error')
    }
    expect(await declined('alice@contoso.test')).toBe('consent_required')
    expect(await declined('grace@outlook.test')).toBe('access_denied')
  })

  it('refuses grace any mail scope without the documented prefix', async () => {
    const entra = createEntra()
    const as = 'grace@outlook.test'
    for (const scope of [
      'https://outlook.office365.com/IMAP.AccessAsUser.All',
      `${IMAP} IMAP.AccessAsUser.All`,
      `${IMAP} ${MAIL_SEND}.Shared`,
    ]) {
      const url = await entra.signIn(authorizeUrl({ scope }), { as })
      expect(url.searchParams.get('error')).toBe('invalid_scope')
    }
    const fine = await entra.signIn(authorizeUrl(), { as })
    expect(fine.searchParams.get('code')).toMatch(/^M\.C522_/)
    const both = await entra.signIn(authorizeUrl({ scope: `${SCOPE} ${MAIL_SEND}` }), { as })
    expect(both.searchParams.has('code')).toBe(true)
  })
})

describe('admin consent', () => {
  const consentUrl = (changes: Record<string, string> = {}, tenant = 'organizations') =>
    `${AUTHORITY}/${tenant}/v2.0/adminconsent?${new URLSearchParams({
      client_id: app.clientId,
      redirect_uri: app.redirectUris[1] ?? '',
      scope: SCOPE,
      state: 'a-state',
      ...changes,
    })}`

  it('returns admin_consent=True and an error after a refusal, and grants nothing', async () => {
    const entra = createEntra()
    const url = await entra.signIn(consentUrl(), { as: 'admin@contoso.test', consent: 'cancel' })
    expect(url.searchParams.get('admin_consent')).toBe('True')
    expect(url.searchParams.get('error')).toBe('access_denied')
    expect(url.searchParams.has('tenant')).toBe(false)
    const dave = await entra.trySignIn(authorizeUrl(), { as: 'dave@contoso.test' })
    expect(dave).toMatchObject({ ok: false, aadsts: 90094 })
  })

  it('is given for one resource at a time', async () => {
    const entra = createEntra()
    const as = 'dave@contoso.test'
    const two = await entra.trySignIn(consentUrl({ scope: `${SCOPE} ${MAIL_SEND}` }), { as })
    expect(two).toMatchObject({ ok: false, aadsts: 28000 })
    await entra.signIn(consentUrl(), { as: 'admin@contoso.test' })
    const { body } = await redeem(entra, await obtainCode(entra, as))
    const token = String(body.refresh_token)
    expect((await refresh(entra, token, { scope: MAIL_SEND })).status).toBe(400)
    await entra.signIn(consentUrl({ scope: MAIL_SEND }), { as: 'admin@contoso.test' })
    expect((await refresh(entra, token, { scope: MAIL_SEND })).status).toBe(200)
  })

  it('refuses a person who is not an admin', async () => {
    const result = await createEntra().trySignIn(consentUrl(), { as: 'alice@contoso.test' })
    expect(result).toMatchObject({ ok: false, aadsts: 90094 })
  })

  it.each([
    ['common', {}, 90130],
    ['consumers', {}, 90130],
    ['organizations', { redirect_uri: 'http://localhost:8787/elsewhere' }, 50011],
    ['organizations', { client_id: 'x' }, 700016],
    ['organizations', { scope: 'https://outlook.office.com/POP.AccessAsUser.All' }, 65005],
  ])('shows an error page under %s with %o', async (tenant, changes, aadsts) => {
    const result = await createEntra().trySignIn(consentUrl(changes, tenant), { as: 'x' })
    expect(result).toMatchObject({ ok: false, aadsts })
  })
})
