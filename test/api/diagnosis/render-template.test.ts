import { describe, expect, it } from 'vitest'
import { diagnose, type FixValues } from '../../../api/diagnosis/diagnose.ts'

const smtpOff = {
  protocol: 'smtp' as const,
  stage: 'auth' as const,
  error: '535 5.7.139 SmtpClientAuthentication is disabled for the Tenant.',
}
const mismatchedUri = {
  protocol: 'authorize' as const,
  error:
    "AADSTS50011: The redirect URI 'http://desk.contoso.com/cb' specified in the request does not match the redirect URIs configured for the application '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'.",
}
const first = (report: Parameters<typeof diagnose>[0], values?: FixValues) => {
  const [candidate] = diagnose(report, values).candidates
  if (!candidate) throw new Error('there is no candidate')
  return candidate
}
const commands = (report: Parameters<typeof diagnose>[0], values?: FixValues) =>
  first(report, values).fixes.flatMap(({ command }) => command ?? [])

it("a link leads to the caller's Mailgrant, and is left out where that is unknown", () => {
  const report = { ...smtpOff, error: `mailgrant: ${smtpOff.error}` }
  const linkOf = (values?: FixValues) =>
    first(report, values).fixes.find(({ text }) =>
      text.includes('"Send through Microsoft Graph instead"'),
    )?.url
  const guide = 'https://mailgrant.contoso.com/docs/guides/smtp-or-graph'
  expect(linkOf({ causePages: 'https://mailgrant.contoso.com/docs/causes' })).toBe(guide)
  expect(linkOf()).toBeUndefined()
})

describe('a command', () => {
  it("holds the caller's mailbox", () => {
    expect(commands(smtpOff, { mailbox: 'support@contoso.com' })[0]).toBe(
      "Set-CASMailbox -Identity 'support@contoso.com' -SmtpClientAuthenticationDisabled $false",
    )
  })

  it('contains a readable placeholder for an unknown value', () => {
    expect(commands(smtpOff)[0]).toContain("-Identity '<mailbox>'")
    const imapOff = { protocol: 'imap', error: 'a1 NO IMAP is disabled for this mailbox.' } as const
    expect(first(imapOff).explanation).toContain('IMAP is off for the mailbox')
  })

  it('uses the mailbox of the evidence unless the caller overrides it', () => {
    const report = { ...smtpOff, evidence: { username: 'a@contoso.com' } }
    expect(commands(report)[0]).toContain("'a@contoso.com'")
    expect(commands(report, { mailbox: 'b@contoso.com' })[0]).toContain("'b@contoso.com'")
    expect(commands(report, { mailbox: undefined })[0]).toContain("'a@contoso.com'")
  })

  it.each([
    ["o'neill@contoso.com", "'o''neill@contoso.com'"],
    ["a'; Remove-Mailbox b; '@x", "'a''; Remove-Mailbox b; ''@x'"],
    ['a\u2019; Stop-Computer; \u2018@x', "'a\u2019\u2019; Stop-Computer; \u2018\u2018@x'"],
    ['$(Get-Secret)@x`', "'$(Get-Secret)@x`'"],
    ['a\r\nStop-Computer', "'a  Stop-Computer'"],
    ['a\u202eb\u200b', "'a b'"],
  ])('quotes %j as one PowerShell literal', (mailbox, literal) => {
    expect(commands(smtpOff, { mailbox })[0]).toBe(
      `Set-CASMailbox -Identity ${literal} -SmtpClientAuthenticationDisabled $false`,
    )
  })

  it('includes a host only if it is valid', () => {
    const report = { protocol: 'imap' as const, error: 'connect ETIMEDOUT' }
    expect(commands(report, { host: 'mail.contoso.com', port: 993 })[0]).toBe(
      "nc -vz 'mail.contoso.com' '993'",
    )
    expect(commands(report, { host: '$(calc)' })[0]).toContain("'outlook.office365.com'")
  })
})

describe('the commands for SMTP AUTH', () => {
  const values = { mailbox: 'team@contoso.com', delegate: 'alice@contoso.com' }

  it.each(['Mailbox', 'Tenant'])(
    'are for the delegate who logs in, if it is off for the %s',
    (at) => {
      const error = `535 5.7.139 SmtpClientAuthentication is disabled for the ${at}.`
      const ofMailbox = commands({ ...smtpOff, error }, values).filter((text) =>
        text.includes('CASMailbox'),
      )
      expect(ofMailbox).toHaveLength(3)
      expect(ofMailbox.join()).not.toContain('team@')
    },
  )

  it('check and undo both ways to allow it', () => {
    expect(commands(smtpOff, values).map((text) => text.replace(/ -Identity '.*?'/, ''))).toEqual([
      'Set-CASMailbox -SmtpClientAuthenticationDisabled $false',
      'Set-TransportConfig -SmtpClientAuthenticationDisabled $false',
      'Get-CASMailbox | Format-List SmtpClientAuthenticationDisabled',
      'Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled',
      'Set-CASMailbox -SmtpClientAuthenticationDisabled $null',
      'Set-TransportConfig -SmtpClientAuthenticationDisabled $true',
    ])
  })
})

it.each([
  ['app_only', "(Get-ServicePrincipal -Identity '<client id>').ObjectId"],
  ['delegated', "'alice@contoso.com'"],
])('Send As is given, checked and removed for the trustee of the flow %s', (flow, trustee) => {
  const error = '550 5.7.60 SMTP; Client does not have permissions to send as this sender'
  const report = { protocol: 'smtp' as const, stage: 'send' as const, error, evidence: { flow } }
  const from = 'support@contoso.com'
  const values =
    flow === 'app_only' ? { mailbox: from, from } : { from, delegate: 'alice@contoso.com' }
  expect(commands(report, values)).toEqual([
    `Add-RecipientPermission -Identity '${from}' -Trustee ${trustee} -AccessRights SendAs`,
    `Get-RecipientPermission -Identity '${from}' -Trustee ${trustee}`,
    `Remove-RecipientPermission -Identity '${from}' -Trustee ${trustee} -AccessRights SendAs`,
  ])
})

it('an admin checks and undoes a consent, although the user must act', () => {
  const report = {
    protocol: 'token' as const,
    stage: 'token_exchange' as const,
    error: 'AADSTS65001: The user or administrator has not consented to use the application.',
    evidence: { account_type: 'work' },
  }
  const { responsible, fixes } = first(report)
  expect(responsible).toBe('user')
  expect(fixes.filter(({ purpose }) => purpose)).toMatchObject([
    { purpose: 'check', responsible: 'tenant_admin', text: expect.stringMatching(/^If an admin/) },
    { purpose: 'undo', responsible: 'tenant_admin' },
  ])
})

describe("a command for the app's mailbox permission", () => {
  it('reads the object ID from Exchange, so that only the client ID has to be known', () => {
    const report = {
      protocol: 'imap' as const,
      error: 'NO AUTHENTICATE failed. mailbox permission missing',
      evidence: { flow: 'app_only' },
    }
    const values = {
      clientId: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
      mailbox: 'heidi@contoso.com',
    }
    expect(first(report, values).fixes[0]?.command).toBe(
      "Add-MailboxPermission -Identity 'heidi@contoso.com' -User (Get-ServicePrincipal -Identity '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11').ObjectId -AccessRights FullAccess",
    )
  })
})

describe('a report of a server in a national cloud', () => {
  it('is answered with the servers of that cloud', () => {
    const report = {
      protocol: 'smtp' as const,
      error: 'no mechanism available',
      evidence: { host: 'smtp.office365.us' },
    }
    expect(JSON.stringify(first(report).fixes)).not.toContain('office365.com')
    expect(JSON.stringify(first(report).fixes)).toContain('outlook.office365.us')
  })
})

describe('a link', () => {
  it('leads to the page of the app registration', () => {
    const clientId = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'
    const page = `#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Authentication/appId/${clientId}`
    expect(first(mismatchedUri).fixes[0]?.url).toBe(`https://entra.microsoft.com/${page}`)
    expect(first(mismatchedUri, { portal: 'https://portal.azure.us' }).fixes[0]).toMatchObject({
      url: `https://portal.azure.us/${page}`,
      text: expect.stringContaining('Azure portal > Microsoft Entra ID > App registrations'),
    })
  })

  it('is omitted when part of it is unknown', () => {
    const report = { protocol: 'authorize' as const, error: 'AADSTS50011' }
    expect(first(report).fixes[0]).not.toHaveProperty('url')
    expect(first(report).fixes[0]?.text).toContain('<redirect URI>')
  })

  it('for admin consent is ready to copy', () => {
    const adminConsentUrl = 'https://login.microsoftonline.com/organizations/v2.0/adminconsent?x=1'
    const report = { protocol: 'authorize' as const, error: 'Need admin approval' }
    expect(first(report, { adminConsentUrl }).fixes[0]).toEqual({
      url: adminConsentUrl,
      text: expect.stringContaining(adminConsentUrl),
    })
    expect(first(report, { adminConsentUrl: 'javascript:alert(1)' }).fixes[0]).not.toHaveProperty(
      'url',
    )
  })
})

describe('a text', () => {
  it('reports the redirect URI of the error', () => {
    expect(first(mismatchedUri).fixes[0]?.text).toContain(
      'enter exactly http://desk.contoso.com/cb',
    )
  })

  it('names both accounts of a mismatch, and neither when one is unknown', () => {
    const report = {
      protocol: 'authorize' as const,
      stage: 'callback' as const,
      error: '',
      facts: { kind: 'account_mismatch' as const },
    }
    const both = { mailbox: 'heidi@contoso.com', signedInAs: 'heidi.klein@contoso.com' }
    expect(first(report, both).explanation).toContain(
      'heidi.klein@contoso.com signed in; the mailbox is heidi@contoso.com.',
    )
    expect(first(report, { mailbox: both.mailbox }).explanation).not.toContain('signed in; the')
  })

  it('reports the permission of the given protocol and cloud', () => {
    const report = {
      protocol: 'smtp' as const,
      error: '535 5.7.3',
      evidence: { token_audience: 'https://graph.microsoft.com' },
    }
    expect(
      first(report, { scopePrefix: 'https://outlook.office365.us/' }).fixes[0]?.text,
    ).toContain('https://outlook.office365.us/SMTP.Send')
  })
})
