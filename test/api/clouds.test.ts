/** Each Microsoft cloud end to end, under its real host names. */
import { describe, expect, it } from 'vitest'
import type { AuthorizationCreated } from '../../schema/authorization.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import { PERSONAL_TENANT_ID, app as registration, secrets, tenants } from '../sandbox/personas.ts'
import { appOnly, appOnlyForm } from './app-only-world.ts'
import { createWorld, type World } from './harness.ts'
import { brand, imapForm, smtpForm } from './mail-world.ts'
import {
  authorize,
  browserOf,
  continueToMicrosoft,
  readAuthorization,
  returnFromMicrosoft,
} from './sign-in.ts'

type Facts = { login: string; prefix: string; appOnly: string; imap: string; smtp: string }

/** Expected hosts, written out so that the code's own table is not compared with itself. */
const facts: Record<Cloud, Facts> = {
  global: {
    login: 'https://login.microsoftonline.com',
    prefix: 'https://outlook.office.com',
    appOnly: 'https://outlook.office365.com',
    imap: 'outlook.office365.com',
    smtp: 'smtp.office365.com',
  },
  us_gov_high: {
    login: 'https://login.microsoftonline.us',
    prefix: 'https://outlook.office365.us',
    appOnly: 'https://outlook.office365.us',
    imap: 'outlook.office365.us',
    smtp: 'outlook.office365.us',
  },
  us_gov_dod: {
    login: 'https://login.microsoftonline.us',
    prefix: 'https://outlook.office365.us',
    appOnly: 'https://outlook.office365.us',
    imap: 'outlook-dod.office365.us',
    smtp: 'outlook-dod.office365.us',
  },
  china: {
    login: 'https://login.partner.microsoftonline.cn',
    prefix: 'https://partner.outlook.cn',
    appOnly: 'https://partner.outlook.cn',
    imap: 'partner.outlook.cn',
    smtp: 'smtp.partner.outlook.cn',
  },
}
const everyCloud = Object.keys(facts) as Cloud[]
const national = everyCloud.filter((cloud) => cloud !== 'global')

const SETTINGS = '/v1/integrations/microsoft/settings'
const settingsOf = (cloud: Cloud, changes: object = {}) => ({
  client_id: registration.clientId,
  credential: { type: 'client_secret', client_secret: secrets.current },
  cloud,
  ...changes,
})

/** Creates an active deployment in this cloud; `called` lists the URLs that the Worker requested. */
async function worldIn(cloud: Cloud) {
  const called: URL[] = []
  const world: World = await createWorld({
    entra: { cloud },
    outside: {
      fetch: async (input, init) => {
        called.push(new URL(input instanceof Request ? input.url : input))
        return world.entra.fetch(input, init)
      },
    },
  })
  await world.call('POST', '/v1/integrations/microsoft/activate')
  expect((await world.call('PUT', SETTINGS, settingsOf(cloud))).status).toBe(200)
  return { world, called }
}

async function completeSignIn(world: World, created: AuthorizationCreated, as: string) {
  const browser = browserOf(world)
  const picker = await continueToMicrosoft(browser, created.url)
  const back = await world.entra.signIn(picker.url, { as })
  const page = await returnFromMicrosoft(browser, back)
  return {
    authorizeUrl: new URL(picker.url),
    page,
    authorization: await readAuthorization(world, created.id),
  }
}

const json = async <Body>(response: Response, status: number): Promise<Body> => {
  expect(response.status, await response.clone().text()).toBe(status)
  return response.json()
}

type Saved = { id: string; host: string; port: number; security: string }
type Token = { access_token: string; host: string }

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))

describe.each(everyCloud)('the cloud %s', (cloud) => {
  const { login, prefix, imap, smtp, appOnly: appOnlyResource } = facts[cloud]
  const scopes = `${prefix}/IMAP.AccessAsUser.All ${prefix}/SMTP.Send offline_access openid profile`

  it('signs in, saves, issues and refreshes tokens at its own hosts', async () => {
    const { world, called } = await worldIn(cloud)
    const created = await authorize(world)
    const { authorizeUrl, authorization } = await completeSignIn(
      world,
      created,
      'alice@contoso.test',
    )
    expect(authorizeUrl.origin + authorizeUrl.pathname).toBe(
      `${login}/common/oauth2/v2.0/authorize`,
    )
    expect(authorizeUrl.searchParams.get('scope')).toBe(scopes)
    expect(authorization).toMatchObject({ status: 'completed' })
    const [idToken] = world.entra
      .issuedSecrets()
      .filter((secret) => secret.startsWith('ey') && claimsOf(secret).nonce !== undefined)
    expect(claimsOf(idToken ?? '').iss).toBe(`${login}/${tenants.contoso.id}/v2.0`)

    const grant = authorization.grant?.id ?? ''
    const save = async (form: object) =>
      json<Saved>(await world.call('POST', '/v1/mail-accounts', form), 201)
    const reading = await save(imapForm(grant))
    const sending = await save(smtpForm(grant))
    expect(reading).toMatchObject({ host: imap, port: 993, security: 'tls' })
    expect(sending).toMatchObject({ host: smtp, port: 587, security: 'starttls' })

    const issueToken = async ({ id }: Saved) =>
      json<Token>(await world.call('POST', `/v1/mail-accounts/${id}/access-token`), 200)
    expect((await issueToken(reading)).host).toBe(imap)
    world.advance(86_400)
    const token = await issueToken(sending)
    expect(world.entra.checkToken(token.access_token)?.audience).toBe(prefix)
    expect(world.entra.tokenCalls().at(-1)).toMatchObject({
      tenant: tenants.contoso.id,
      grantType: 'refresh_token',
      scope: scopes,
    })
    expect(new Set(called.map(({ origin }) => origin))).toEqual(new Set([login]))
  })

  it('issues app-only tokens for its own resource', async () => {
    const { world, called } = await worldIn(cloud)
    const form = appOnlyForm({ owner: brand, protocol: 'smtp' })
    const { id, host } = await json<Saved>(await world.call('POST', '/v1/mail-accounts', form), 201)
    expect(host).toBe(smtp)
    const path = `/v1/mail-accounts/${id}/access-token`
    const token = await json<Token>(await world.call('POST', path), 200)
    expect(world.entra.checkToken(token.access_token)).toMatchObject({ audience: appOnlyResource })
    expect(called.map(String)).toEqual([`${login}/contoso.test/oauth2/v2.0/token`])
    expect(world.entra.tokenCalls().at(-1)?.scope).toBe(`${appOnlyResource}/.default`)
  })

  it('requests admin consent at its own host', async () => {
    const { world } = await worldIn(cloud)
    const link = await world.call('POST', '/v1/integrations/microsoft/admin-consent', {
      tenant: 'contoso.test',
    })
    const url = new URL((await json<{ url: string }>(link, 201)).url)
    expect(url.origin + url.pathname).toBe(`${login}/contoso.test/v2.0/adminconsent`)
    expect(url.searchParams.get('scope')).toContain(`${prefix}/IMAP.AccessAsUser.All`)
  })

  it.each(everyCloud)(
    'sends no token to a server of %s unless both clouds share it',
    async (other) => {
      const { world } = await worldIn(cloud)
      const form = appOnlyForm({ host: facts[other].imap })
      const response = await world.call('POST', '/v1/mail-accounts', form)
      expect(response.status).toBe(facts[other].imap === imap ? 201 : 422)
      if (response.status === 422) {
        const problem = await response.json<{ code: string; detail: string }>()
        expect(problem.code).toBe('mail_host_not_allowed')
        expect(problem.detail).toContain(`${imap}:993`)
      }
    },
  )
})

describe('personal accounts', () => {
  it('sign in at the global cloud and send through their own SMTP host', async () => {
    const { world } = await worldIn('global')
    const created = await authorize(world, { username: 'grace@outlook.test' })
    const { authorization } = await completeSignIn(world, created, 'grace@outlook.test')
    const form = smtpForm(authorization.grant?.id ?? '', { username: 'grace@outlook.test' })
    const saved = await json<Saved>(await world.call('POST', '/v1/mail-accounts', form), 201)
    expect(saved.host).toBe('smtp-mail.outlook.com')
    world.advance(86_400)
    await world.call('POST', `/v1/mail-accounts/${saved.id}/access-token`)
    expect(world.entra.tokenCalls().at(-1)).toMatchObject({ tenant: 'consumers', status: 200 })
  })

  it.each(national)('are rejected in %s', async (cloud) => {
    const { world } = await worldIn(cloud)
    for (const tenant of ['consumers', PERSONAL_TENANT_ID]) {
      const response = await world.call('PUT', SETTINGS, settingsOf(cloud, { tenant }))
      expect(await json(response, 422)).toMatchObject({
        errors: [
          {
            pointer: '/tenant',
            message: 'must be an organisation: personal accounts exist in the global cloud only',
          },
        ],
      })
    }
    const guide = await world.call('GET', '/v1/integrations/microsoft/setup-guide')
    const { scripts } = await json<{ scripts: { azure_cli: string } }>(guide, 200)
    expect(scripts.azure_cli).toContain("\naudience='AzureADMultipleOrgs'\n")
    const created = await authorize(world, { username: 'grace@outlook.test' })
    await expect(completeSignIn(world, created, 'grace@outlook.test')).rejects.toThrow(
      'AADSTS50034',
    )
  })
})

describe('moving to another cloud', () => {
  it("issues no token for the previous cloud's servers until the account is saved again", async () => {
    const { world } = await worldIn('global')
    const form = appOnlyForm({ authentication: appOnly('contoso.test') })
    const { id } = await json<Saved>(await world.call('POST', '/v1/mail-accounts', form), 201)
    expect((await world.call('PUT', SETTINGS, settingsOf('china'))).status).toBe(200)
    const path = `/v1/mail-accounts/${id}/access-token`
    expect(await json(await world.call('POST', path), 422)).toMatchObject({
      code: 'mail_host_not_allowed',
    })
    expect(world.entra.counts().token.client_credentials).toBe(0)
    const saved = await json<Saved>(await world.call('PUT', `/v1/mail-accounts/${id}`, form), 200)
    expect(saved.host).toBe('partner.outlook.cn')
  })
})
