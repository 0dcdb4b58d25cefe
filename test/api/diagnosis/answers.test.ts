import { describe, expect, it } from 'vitest'
import { diagnose, type Report } from '../../../api/diagnosis/diagnose.ts'
import { graphFailureReport } from '../../../api/diagnosis/report.ts'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { faultOf, GRAPH_FAULTS, refusals } from '../../sandbox/graph/errors.ts'

const firstOf = (report: Report) => diagnose(report).candidates[0]
const fixesOf = (report: Report) => firstOf(report)?.fixes.map(({ text }) => text) ?? []

type CauseTexts = Pick<Diagnosis['candidates'][number], 'title' | 'explanation' | 'responsible'>

const sendAs = (account: string, account_type?: string): Report => ({
  protocol: 'smtp',
  stage: 'send',
  error: `554 5.2.252 SendAsDenied; ${account} not allowed to send as info@contoso.com`,
  ...(account_type && { evidence: { account_type } }),
})

describe('the party that must act', () => {
  it.each([
    ['an administrator for a work account', sendAs('jane@contoso.com', 'work'), 'tenant_admin'],
    ['an administrator if the type is unknown', sendAs('jane@contoso.com'), 'tenant_admin'],
    [
      'the user of a personal account, which has no administrator',
      sendAs('jane@contoso.com', 'personal'),
      'user',
    ],
    ['the user of an account at Outlook.com', sendAs('jane@outlook.com'), 'user'],
    [
      'the user of a personal account that is blocked from sending',
      {
        protocol: 'smtp',
        error: '550 5.1.8 Access denied, bad outbound sender. AS(42004)',
        evidence: { account_type: 'personal' },
      },
      'user',
    ],
  ] satisfies [string, Report, string][])('is %s', (_name, report, responsible) => {
    expect(firstOf(report)?.responsible).toBe(responsible)
  })
})

describe('the fixes', () => {
  it('leave out what only an administrator can do, for a personal account', () => {
    const fixes = fixesOf(sendAs('jane@outlook.com'))
    expect(fixes[0]).toContain('personal account')
    expect(JSON.stringify(firstOf(sendAs('jane@outlook.com')))).not.toContain('RecipientPermission')
  })

  it('leave out what is about personal accounts, for a work account', () => {
    expect(fixesOf(sendAs('jane@contoso.com', 'work')).join()).not.toContain('personal account')
  })

  const smtpOff = (reason: string, account_type: string): Report => ({
    protocol: 'smtp',
    error: `535 5.7.139 Authentication unsuccessful, ${reason}.`,
    evidence: { username: 'desk@contoso.com', account_type },
  })

  it.each([
    'SmtpClientAuthentication is disabled for the Tenant',
    'SmtpClientAuthentication is disabled for the Mailbox',
    "user is locked by your organization's security defaults policy",
  ])('end with Microsoft Graph and a message to the administrator: %s', (reason) => {
    const [graph, message] = fixesOf(smtpOff(reason, 'work')).slice(-2)
    expect(graph).toContain('lets users consent to its permission Mail.Send themselves')
    expect(message).toMatch(
      /get around an admin's decision.*"SMTP AUTH is off for desk@contoso\.com/,
    )
  })

  it('are only Microsoft Graph for a personal mailbox, whose owner consents', () => {
    const report = smtpOff('SmtpClientAuthentication is disabled for the Mailbox', 'personal')
    const words = expect.stringContaining('No admin is needed')
    expect(firstOf(report)).toMatchObject({ responsible: 'user', fixes: [{ text: words }] })
  })

  it.each([
    [
      '/consumers',
      "AADSTS9002331: Application 'x'(My-Notifier) is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.",
    ],
    [
      '/consumers',
      'AADSTS9002346: Application is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.',
    ],
    ['/consumers', 'AADSTS9002331'],
    [
      '/organizations',
      'AADSTS9002332: Application is configured for use by Azure Active Directory users only. Please do not use the /consumers endpoint to serve this request.',
    ],
    [
      '/organizations',
      "Application 'x' (dotnet-tutorial) is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
    ],
  ])('begin with the endpoint that Microsoft asks for, %s: %s', (endpoint, error) => {
    const report: Report = { protocol: 'authorize', error }
    expect(firstOf(report)?.cause).toBe('account-type-not-allowed')
    expect(fixesOf(report)[0]).toMatch(new RegExp(`^Use .{0,60}${endpoint}\\b.* in place of`))
  })
})

describe('what the report shows', () => {
  it.each<[leaves: string, report: Report, first: RegExp, others: RegExp]>([
    [
      'no advice about sending to an IMAP login',
      { protocol: 'imap', error: 'a1 NO LOGIN failed.', evidence: { mechanism: 'login' } },
      /^Switch the account to OAuth2/,
      /SMTP|scanner/,
    ],
    [
      'the client ID that was sent as a user name',
      {
        protocol: 'imap',
        error: 'TAG1 LOGIN "11111111-2222-3333" "x"\nTAG1 NO LOGIN failed.',
        evidence: { host: 'outlook.office365.com' },
      },
      /^The user name is not an email address/,
      /scanner/,
    ],
    [
      'no other program to mutt',
      {
        protocol: 'imap',
        error: 'SASL: No worthy mechs found\nNo authenticators available',
        evidence: { library: 'mutt' },
      },
      /^In mutt 2\.0/,
      /\.NET|Postfix|PHPMailer|port 587/,
    ],
    [
      'no greeting and no encryption key to a program that misses a setting',
      { protocol: 'imap', error: 'OAUTH_CLIENT_SECRET: client_secret is not set' },
      /^Enter the setting/,
      /EHLO|encryption key/,
    ],
    [
      'the endpoint that Microsoft asks for',
      {
        protocol: 'authorize',
        error: 'AADSTS90023: msaredir=1 is only supported on the common tenant.',
      },
      /sign-in URL, use https:\/\/login\.microsoftonline\.com\/common/,
      /grant_type/,
    ],
    [
      'the client ID that was copied with something else',
      {
        protocol: 'token',
        stage: 'client_credentials',
        evidence: { flow: 'app_only' },
        error:
          "AADSTS700016: Application with identifier '>11111111-2222-3333-4444-555555555555' was not found in the directory 'Contoso'.",
      },
      /^Delete the stray character from the client ID/,
      /after someone there has consented/,
    ],
    [
      'the blocked account',
      {
        protocol: 'imap',
        error:
          'LOGIN failed. Account is blocked. Login to your account via a web browser to verify your identity.',
      },
      /^Sign in to the account at https.* approve the sign-in/,
      /grant_type/,
    ],
    [
      "Google's terms to Google's token",
      {
        protocol: 'token',
        stage: 'refresh',
        error: 'Token has been expired or revoked',
        evidence: { host: 'imap.gmail.com' },
      },
      /publishing status.* Testing/,
      /24 hours|90 days|mailbox's account/,
    ],
    [
      'both cases of a request without PKCE',
      {
        protocol: 'token',
        error:
          'AADSTS9002325: Proof Key for Code Exchange is required for cross-origin authorization code redemption.',
      },
      /A browser app must send PKCE/,
      /Mailgrant/,
    ],
    [
      'the button that FreeScout needs',
      {
        protocol: 'imap',
        error: 'TAG1 LOGIN "11111111-2222" "x"\nTAG1 NO Server Unavailable. 15',
        evidence: { host: 'outlook.office365.com', library: 'FreeScout' },
      },
      /select "Connect"/,
      /XOAUTH2 proxy/,
    ],
    [
      'the step of GLPI, and nothing for programmers',
      {
        protocol: 'imap',
        stage: 'auth',
        error: 'cannot login, user or password wrong in /glpi/plugins/oauthimap/storage.php',
        evidence: { mechanism: 'xoauth2', worked_before: true },
      },
      /^In GLPI, open Setup > OAuth IMAP applications/,
      /long-lived|clock/,
    ],
    [
      "a plug-in that takes a password for Google's token",
      {
        protocol: 'imap',
        error: 'Error: IMAP wants more steps despite successful SASL authentication.',
        evidence: { host: 'imap.gmail.com', library: 'mbsync' },
      },
      /"AuthMechs LOGIN"/,
      /outlook\.office365\.com|MX record/,
    ],
    [
      'named permissions to an account that granted none of the requested',
      {
        protocol: 'token',
        stage: 'refresh',
        error: 'AADSTS90023: No applicable permissions were found for this user.',
      },
      /^Write out the permissions in place of \.default/,
      /admin consent/,
    ],
    [
      'the outgoing server to a program that sends through an IMAP server',
      {
        protocol: 'smtp',
        error: 'Error: * OK [CAPABILITY IMAP4 IMAP4rev1] IMAP Proxy ready',
        evidence: { host: 'imap.fabrikam.test' },
      },
      /Its name is probably smtp\.fabrikam\.test\.$/,
      /office365/,
    ],
  ])('leaves %s', (_leaves, report, first, others) => {
    const [fix = '', ...rest] = fixesOf(report)
    expect(fix).toMatch(first)
    expect([fix, ...rest].join('\n')).not.toMatch(others)
  })

  it.each<[words: string, report: Report, shown: Partial<CauseTexts>]>([
    [
      'the parameter that is missing',
      {
        protocol: 'authorize',
        error:
          "'AADSTS900144: The request body must contain the following parameter: 'client_id'.'",
      },
      { explanation: 'The request lacks the parameter client_id, or sends it empty.' },
    ],
    [
      'the form of the client ID',
      {
        protocol: 'authorize',
        error: 'AADSTS90112: Application identifier is expected to be a GUID.',
      },
      { title: 'The client ID is not a GUID' },
    ],
    [
      'the owner of an app for the older endpoint',
      {
        protocol: 'authorize',
        error:
          "AADSTS70001: Application '11111111-2222-3333-4444-555555555555' is not supported for this API version.",
        evidence: { worked_before: true },
      },
      { responsible: 'app_owner' },
    ],
    [
      'the only server that was configured, without a port that was not',
      {
        protocol: 'smtp',
        error: 'Error: * OK [CAPABILITY IMAP4 IMAP4rev1] IMAP Proxy ready',
        evidence: { host: 'imap.fabrikam.test' },
      },
      {
        explanation:
          'The program wanted to send (SMTP), but an IMAP server responded (imap.fabrikam.test). Its login was not tried.',
      },
    ],
  ])('is said in its own words: %s', (_words, report, shown) => {
    expect(firstOf(report)).toMatchObject(shown)
  })

  it('reports the party of the first step for the error of another program', () => {
    const error = 'AADSTS90112: Application identifier is expected to be a GUID.'
    const report = { protocol: 'authorize', error } as const
    expect(firstOf(report)?.responsible).toBe('operator')
  })

  it('has no source about another program, and none of Microsoft beside another provider', () => {
    const timeout = { protocol: 'imap', error: 'connect ETIMEDOUT 52.98.171.210:993' } as const
    expect(firstOf(timeout)?.docs).toEqual([])
    expect(firstOf({ ...timeout, evidence: { library: 'MailKit' } })?.docs).toEqual([
      'https://github.com/jstedfast/MailKit/issues/243',
    ])
    const google = firstOf({
      protocol: 'token',
      error: 'Token has been expired or revoked',
      evidence: { host: 'imap.gmail.com' },
    })
    expect(google?.docs).toEqual([expect.stringContaining('developers.google.com')])
  })

  it('asks for the reply that a program hides, and says what each reply means', () => {
    const report: Report = {
      protocol: 'imap',
      error: "imap_open(): Couldn't open stream {outlook.office365.com:993/imap/ssl}INBOX",
    }
    const { ask } = diagnose(report)
    expect(ask).toHaveLength(1)
    const [question, ...results] = ask[0]?.text.split('\n') ?? []
    expect(question).toContain('imap_last_error()')
    expect(results).toEqual([
      expect.stringContaining('only OAuth'),
      expect.stringContaining('the network blocks the port'),
    ])
  })

  it('quotes the line with the password, and nothing of the password', () => {
    const { proof } = diagnose({
      protocol: 'imap',
      error: '>> TAG1 LOGIN "desk" "geheim-4711"\n<< TAG1 NO Server Unavailable. 15',
      evidence: { host: 'outlook.office365.com', mechanism: 'login' },
    })
    expect(proof).toEqual({
      text: 'LOGIN ... ... << TAG1 NO Server Unavailable. 15',
      source: 'mail_server',
    })
  })

  it('gives no likelihood that its verdict contradicts', () => {
    const most = { certain: 1, likely: 0.95, ambiguous: 0.6, unknown: 0.3 }
    const texts = [
      'AADSTS900561: This endpoint only accepts POST requests. Received a GET request.',
      'Unable to get user email',
      'AADSTS50126: Error validating credentials due to invalid username or password.',
    ]
    for (const error of texts) {
      const { verdict, candidates } = diagnose({ protocol: 'authorize', error })
      expect(candidates[0]?.likelihood, error).toBeLessThanOrEqual(most[verdict])
    }
  })

  it('makes the operator act where a program sends a password that can never pass', () => {
    const error =
      'AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication to access the resource.'
    const report: Report = { protocol: 'token', error }
    expect(firstOf(report)?.responsible).toBe('user')
    const sent = firstOf({ ...report, error: `UsernamePasswordCredential.get_token: ${error}` })
    expect(sent?.responsible).toBe('operator')
    expect(sent?.fixes[0]?.text).toContain('can never pass multi-factor authentication')
  })

  it('makes a password at Microsoft certain, whatever its server replied', () => {
    const evidence = { host: 'outlook.office365.com', mechanism: 'plain' }
    for (const error of ['A1 NO AUTHENTICATE failed.', 'A1 NO Server Unavailable. 15']) {
      const { verdict, candidates } = diagnose({ protocol: 'imap', error, evidence })
      expect([verdict, candidates[0]?.cause], error).toEqual(['certain', 'basic-auth-blocked'])
    }
  })

  it('leads to one question about the token, and to none once the cause is likely', () => {
    const refused = { protocol: 'imap', error: 'A1 NO AUTHENTICATE failed.' } as const
    const { ask } = diagnose({ ...refused, evidence: { mechanism: 'xoauth2' } })
    expect(ask.filter(({ text }) => /claim/.test(text))).toHaveLength(1)
    const callback: Report = { protocol: 'authorize', stage: 'callback', error: 'HTTP ERROR 403' }
    expect(diagnose(callback)).toMatchObject({ verdict: 'likely', ask: [] })
  })
})

describe('an error of Microsoft Graph', () => {
  const errors = [
    ...Object.values(refusals).map((each) => (typeof each === 'function' ? each('x') : each)),
    ...GRAPH_FAULTS.map(faultOf),
  ]

  it.each(errors.filter(({ html }) => !html))(
    '$status $code has one cause, whether a program reports it or Mailgrant met it: $message',
    ({ status, code, message }) => {
      const error = `HTTP ${status} ${JSON.stringify({ error: { code, message } })}`
      const facts = {
        status,
        code,
        message,
        request_id: null,
        reason: null,
        probe: 'send',
      } as const
      const cause = firstOf({ protocol: 'graph', error })?.cause
      expect(cause).toBeDefined()
      expect(firstOf(graphFailureReport(facts))?.cause).toBe(cause)
    },
  )
})

describe('a token of a personal account', () => {
  it('is not to be decoded, because it cannot be', () => {
    const checkFor = (account_type: string) =>
      JSON.stringify(
        diagnose({
          protocol: 'imap',
          error: 'a1 NO AUTHENTICATE failed.',
          evidence: { account_type },
        }),
      )
    expect(checkFor('work')).toMatch(/aud claim.*Decode/)
    expect(checkFor('personal')).not.toMatch(/Decode|FromBase64String|scp or roles/)
  })
})

describe('a parameter that Microsoft misses', () => {
  it.each([
    [
      'refresh_token',
      "AADSTS900144: The request body must contain the following parameter: 'refresh_token'.",
    ],
    ['scope', "AADSTS90014: The required field 'scope' is missing from the credential."],
  ])('is named: %s', (parameter, error) => {
    const report: Report = { protocol: 'token', error }
    expect(firstOf(report)).toMatchObject({
      cause: 'malformed-oauth-request',
      explanation: expect.stringContaining(`lacks the parameter ${parameter}`),
    })
    expect(fixesOf(report)[0]).toContain(`Send ${parameter}`)
  })

  it('is not invented where the text names none', () => {
    expect(firstOf({ protocol: 'token', error: 'AADSTS900144' })?.explanation).not.toMatch(
      /lacks|<|\{/,
    )
  })
})

describe('an authority without a tenant', () => {
  it.each([
    'ValueError: Your given address (https://login.microsoftonline.com) should consist of an https url with a minimum of one segment in a path: e.g. https://login.microsoftonline.com/{tenant} or https://{tenant_name}.ciamlogin.com/{tenant}',
    "java.lang.IllegalArgumentException: Authority Uri must have at least one path segment. This is usually 'common' or the application's tenant id.",
    "System.ArgumentException: The authority (including the tenant ID) must be in a well-formed URI format.  (Parameter 'authority')",
    'ValueError: The path of authority_url (also known as tenant) is invalid, it should either be a domain name (e.g. mycompany.onmicrosoft.com) or a tenant GUID id. Your tenant input was "contoso" and your entire authority_url was "https://login.microsoftonline.com/contoso".',
  ])('leads to the tenant, in the words of every MSAL: %s', (error) => {
    expect(firstOf({ error })?.cause).toBe('wrong-tenant-or-cloud')
    expect(fixesOf({ error })[0]).toMatch(/tenant.* is missing/)
  })
})

describe('the step that failed', () => {
  const asksForStep = (report: Report) =>
    diagnose(report).ask.some(({ text }) => text.startsWith('Which step failed'))

  it('is asked for only while it is unknown', () => {
    const error = 'Es geht nicht.'
    expect(diagnose({ error }).verdict).toBe('unknown')
    expect(asksForStep({ error })).toBe(true)
    expect(asksForStep({ error, stage: 'tls' })).toBe(false)
  })
})
