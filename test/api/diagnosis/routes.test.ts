import { describe, expect, it } from 'vitest'
import { CauseList, DiagnosisResult } from '../../../schema/diagnosis.ts'
import { app as registration, secrets } from '../../sandbox/personas.ts'
import { createWorld, PUBLIC_URL, type World } from '../harness.ts'
import { callerOf, createKey } from '../keys.ts'
import { activeMailWorld, passwordForm } from '../mail-world.ts'
import { savedAccount } from '../saved-account.ts'

const requestDiagnosis = (world: World, body: unknown) => world.call('POST', '/v1/diagnoses', body)

async function diagnose(world: World, body: unknown) {
  const response = await requestDiagnosis(world, body)
  expect(response.status).toBe(200)
  const diagnosis = await response.json()
  expect(DiagnosisResult.parse(diagnosis)).toEqual(diagnosis)
  return diagnosis as DiagnosisResult
}

const refused = { protocol: 'imap', stage: 'auth', error: 'NO AUTHENTICATE failed.' }

describe('POST /v1/diagnoses', () => {
  it('returns the cause, who must act, and a fix with the values of the report', async () => {
    const diagnosis = await diagnose(await createWorld(), {
      protocol: 'smtp',
      stage: 'auth',
      error:
        '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
      evidence: { username: 'desk@contoso.com' },
    })
    expect(diagnosis).toMatchObject({
      verdict: 'certain',
      candidates: [
        { cause: 'smtp-auth-disabled-tenant', responsible: 'tenant_admin', retryable: false },
      ],
      ask: [],
    })
    expect(diagnosis.candidates[0]?.fixes[0]?.command).toContain("'desk@contoso.com'")
    expect(diagnosis.candidates[0]?.url).toBe(`${PUBLIC_URL}/docs/causes/smtp-auth-disabled-tenant`)
  })

  it.each([
    ['getaddrinfo ENOTFOUND outlok.office365.com', "Resolve-DnsName 'outlok.office365.com'"],
    ['dial tcp 52.97.1.2:587: i/o timeout', "nc -vz '52.97.1.2' '587'"],
    [
      '554 5.2.252 SendAsDenied; jane@contoso.com not allowed to send as info@contoso.com',
      "-Identity 'info@contoso.com' -Trustee 'jane@contoso.com'",
    ],
  ])('fills in what the text names: %s', async (error, command) => {
    const { candidates } = await diagnose(await createWorld(), { error })
    expect(candidates[0]?.fixes.map((fix) => fix.command).join()).toContain(command)
  })

  it('says where no cause fits who spoke, how far it got, what that excludes, and what to ask', async () => {
    const world = await createWorld()
    const diagnosis = await diagnose(world, { error: '454 4.9.9 Strange words [prod.outlook.com]' })
    expect(diagnosis).toMatchObject({
      verdict: 'unknown',
      candidates: [],
      interpretation: { protocol: 'smtp', stage: 'auth', source: 'mail_server' },
      excludes: 'The server was reached with the right port and encryption.',
    })
    expect(diagnosis.ask).toHaveLength(1)
    const certain = await diagnose(world, { error: 'getaddrinfo ENOTFOUND smtp.office365.com' })
    expect([certain.verdict, certain.excludes]).toEqual(['certain', null])
  })

  it('finds protocol, stage and source in the text, and says what it found', async () => {
    const world = await createWorld()
    const error = 'AADSTS7000215: Invalid client secret provided. {"error":"invalid_client"}'
    const { interpretation, candidates } = await diagnose(world, { error })
    expect(interpretation.protocol).toBe('token')
    expect(candidates[0]?.cause).toBe('client-secret-wrong')
    expect(
      (await diagnose(world, { error: 'It does not work.' })).interpretation.protocol,
    ).toBeNull()
  })

  it('takes protocol and stage from the request where it states them', async () => {
    const stated = { protocol: 'smtp', stage: 'send' }
    const { interpretation } = await diagnose(await createWorld(), {
      ...stated,
      error: 'IMAP: NO AUTHENTICATE failed.',
    })
    expect(interpretation).toMatchObject(stated)
  })

  it('reports the evidence that answers a question, and does not ask what is answered', async () => {
    const world = await createWorld()
    const fields = async (evidence: object) =>
      (await diagnose(world, { ...refused, evidence })).ask.map(({ field }) => field)
    expect(await fields({})).toContain('token_audience')
    expect(await fields({ token_audience: 'unheard-of' })).not.toContain('token_audience')
  })

  it('ignores unknown stages, fields and values', async () => {
    const evidence = {
      port: 'many',
      shared_mailbox: 'yes',
      other_protocol: 7,
      moon: { phase: 3 },
      host: ['x'],
      token_expired: null,
      username: 'a@b.example',
    }
    const world = await createWorld()
    for (const body of [
      { ...refused, stage: 'daydream', evidence },
      { ...refused, stage: 5, evidence: 'none' },
      { ...refused, evidence: null },
    ]) {
      expect((await diagnose(world, body)).candidates.length).toBeGreaterThan(0)
    }
  })

  it('refuses unknown values and properties outside evidence', async () => {
    const world = await createWorld()
    for (const [pointer, body] of [
      ['/protocol', { ...refused, protocol: 'gopher' }],
      ['/error', { protocol: 'imap' }],
      ['/extra', { ...refused, extra: 1 }],
      ['/mail_account_id', { ...refused, mail_account_id: 'ma_x' }],
      ['/mail_account_id', { ...refused, mail_account_id: `ma_${'a'.repeat(26)}` }],
    ] as const) {
      const response = await requestDiagnosis(world, body)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
    }
  })

  it('accepts 64 KiB of any text, and refuses more', async () => {
    const world = await createWorld()
    for (const error of [
      '',
      '\u0000'.repeat(65_536),
      '\u{1f600}'.repeat(32_768),
      '<p>'.repeat(21_845),
    ]) {
      const { verdict, ask: questions } = await diagnose(world, { protocol: 'token', error })
      expect(verdict).toBe('unknown')
      expect(questions.length).toBeGreaterThan(0)
    }
    expect(
      (await requestDiagnosis(world, { protocol: 'token', error: 'x'.repeat(1_000_000) })).status,
    ).toBe(413)
  })
})

describe('a diagnosis for a mail account', () => {
  it('uses the stored data: no candidate that the grant rules out', async () => {
    const world = await createWorld()
    const { id } = await savedAccount(world)
    const { candidates } = await diagnose(world, { ...refused, mail_account_id: id })
    const causes = candidates.map(({ cause }) => cause)
    expect(causes).not.toContain('token-wrong-audience')
    expect(causes).not.toContain('account-mismatch')
    expect(causes.filter((cause) => cause.startsWith('sp-'))).toEqual([])
    expect(JSON.stringify(candidates)).toContain('alice@contoso.test')
  })

  it('reports the delegate who signs in for a shared mailbox', async () => {
    const world = await createWorld()
    const { id } = await savedAccount(world, {
      username: 'support@contoso.test',
      delegate: 'alice@contoso.test',
    })
    const { candidates } = await diagnose(world, {
      protocol: 'imap',
      stage: 'select',
      error: 'BAD User is authenticated but not connected.',
      mail_account_id: id,
    })
    expect(candidates[0]).toMatchObject({
      cause: 'shared-mailbox-no-permission',
      fixes: [
        {
          command:
            "Add-MailboxPermission -Identity 'support@contoso.test' -User 'alice@contoso.test' -AccessRights FullAccess -AutoMapping $false",
        },
        { purpose: 'check' },
        { purpose: 'undo' },
      ],
    })
  })

  it('trusts the evidence of the caller over stored data', async () => {
    const world = await createWorld()
    const { id } = await savedAccount(world)
    const evidence = { token_audience: 'https://graph.microsoft.com', token_scopes: 'User.Read' }
    const { candidates } = await diagnose(world, { ...refused, mail_account_id: id, evidence })
    expect(candidates[0]?.cause).toBe('token-wrong-audience')
  })
})

describe('a diagnosis without an account', () => {
  const mismatch = {
    error:
      'AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured for the application.',
  }
  const noConsent = {
    error: 'AADSTS90094: The grant requires admin permission.',
    evidence: { tenant: 'fabrikam.test' },
  }
  const fixesOf = async (world: World, body: object) =>
    JSON.stringify((await diagnose(world, body)).candidates.map(({ fixes }) => fixes))

  it("fills in the product's own redirect URI, client ID and admin-consent link if the text contains one", async () => {
    const world = await activeMailWorld()
    const own = `Application ID: '${registration.clientId}'`
    const fixes = await fixesOf(world, { error: `${mismatch.error} ${own}` })
    expect(fixes).toContain(`exactly ${PUBLIC_URL}/oauth/microsoft/callback`)
    expect(fixes).toContain(`/appId/${registration.clientId}`)
    const { candidates } = await diagnose(world, {
      ...noConsent,
      error: `${noConsent.error} ${own}`,
    })
    const link = new URL(candidates[0]?.fixes[0]?.url ?? '')
    expect(link.pathname).toBe('/fabrikam.test/v2.0/adminconsent')
    expect(link.searchParams.get('client_id')).toBe(registration.clientId)
    expect(JSON.stringify(candidates)).not.toContain('If it came from Mailgrant')
  })

  it('states them apart for an error that may be that of another program', async () => {
    const world = await activeMailWorld()
    const callback = `${PUBLIC_URL}/oauth/microsoft/callback`
    const { candidates } = await diagnose(world, mismatch)
    const [first] = candidates
    expect(first?.fixes.at(-1)?.text).toBe(
      `If it came from Mailgrant: the redirect URI is ${callback}, the client ID is ${registration.clientId}. Otherwise: what your program sends.`,
    )
    expect(JSON.stringify(first?.fixes.slice(0, -1))).not.toContain(callback)
    expect(await fixesOf(world, noConsent)).toContain("the link for an admin's consent is https://")
  })

  it('takes the values of the text first', async () => {
    const world = await activeMailWorld()
    const error = "AADSTS50011: The redirect URI 'https://other.test/cb' does not match."
    const fixes = await fixesOf(world, { error })
    expect(fixes).toContain('enter exactly https://other.test/cb')
    expect(fixes).not.toContain('/oauth/microsoft/callback')
  })

  it("leaves the product's app out of an error that names another app", async () => {
    const world = await activeMailWorld()
    const other = '0c5f1a52-7e4b-4f07-8a4d-91d2b6a3f0e7'
    for (const { error } of [mismatch, noConsent]) {
      const fixes = await fixesOf(world, { error: `${error} Application ID: '${other}'` })
      expect(fixes).not.toContain(registration.clientId)
      expect(fixes).not.toContain(PUBLIC_URL)
    }
  })

  it('fills in nothing while no app is registered', async () => {
    const fixes = await fixesOf(await createWorld(), mismatch)
    expect(fixes).toContain('<redirect URI>')
  })

  it('shows a restricted key no more of the settings than it may read', async () => {
    const world = await activeMailWorld()
    const account = await world.save(passwordForm())
    const { key } = await createKey(world, { scopes: ['write'], mail_accounts: [account.id] })
    const call = callerOf(world, key)
    const response = await call('POST', '/v1/diagnoses', mismatch)
    const settings = await call('GET', '/v1/integrations/microsoft/settings')
    const { redirect_uri, client_id } = await settings.json<Record<string, string>>()
    const text = await response.text()
    expect(text).toContain(redirect_uri)
    expect(text).toContain(client_id)
    expect(text).not.toContain(secrets.current)
  })
})

describe('GET /v1/diagnoses/causes', () => {
  it('lists the catalogue', async () => {
    const world = await createWorld()
    const response = await world.call('GET', '/v1/diagnoses/causes')
    expect(response.status).toBe(200)
    const list = await response.json()
    expect(CauseList.parse(list)).toEqual(list)
    expect(CauseList.parse(list).data.length).toBeGreaterThan(57)
  })
})
