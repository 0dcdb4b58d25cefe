/** Certainty requires a proof, in the words of the server that can know it. */
import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../api/diagnosis/catalogue/catalogue.ts'
import { diagnose, type Report } from '../../../api/diagnosis/diagnose.ts'
import { parseReport } from '../../../api/diagnosis/parse/parse-report.ts'
import { isSaid } from '../../../api/diagnosis/prove.ts'
import { rank } from '../../../api/diagnosis/rank.ts'
import { Proof } from '../../../schema/diagnosis.ts'
import { microsoftCodes, programWordings, prose, publicReports } from './rows.ts'

const reported: Report[] = [...publicReports, ...microsoftCodes, ...programWordings].map(
  ({ protocol, stage, error, evidence }) => ({ protocol, stage, error, evidence }),
)

const certain = reported
  .map((report) => ({ report, diagnosis: diagnose(report) }))
  .filter(({ diagnosis }) => diagnosis.verdict === 'certain')

/** Removes all places with these words, and the number in them, however often they are repeated. */
function without(error: string, words: string): string {
  const number = /\d{4,9}/.exec(words)?.[0]
  const { written } = parseReport({ error })
  const plain = written.replaceAll(words, ' ').replace(words.split('...')[0] ?? words, ' ')
  return number ? plain.replaceAll(number, ' ') : plain
}

describe('a certain verdict', () => {
  it('has a proof, and no other verdict has one', () => {
    for (const { verdict, proof } of reported.map((report) => diagnose(report))) {
      expect(proof !== null).toBe(verdict === 'certain')
      if (proof) expect(Proof.parse(proof)).toEqual(proof)
    }
    expect(certain.length).toBeGreaterThan(150)
  })

  it('falls without the words of its proof', () => {
    const standing = certain.flatMap(({ report, diagnosis }) => {
      let [error, { proof, verdict }] = [report.error, diagnosis]
      // A log can hold several proofs of one cause.
      for (let times = 0; times < 4 && proof && 'text' in proof; times++) {
        error = without(error, proof.text)
        ;({ proof, verdict } = diagnose({ ...report, error }))
      }
      return proof && 'text' in proof ? [`${report.error} => ${verdict} ${proof.text}`] : []
    })
    expect(standing).toEqual([])
  })
})

describe('what people write about errors', () => {
  it('is 500 lines', () => {
    expect(prose.length).toBeGreaterThanOrEqual(500)
  })

  it('proves nothing', () => {
    const proven = prose.flatMap((error) => {
      const parsed = parseReport({ error })
      const causes = catalogue.filter((cause) => isSaid(cause, parsed))
      const { verdict } = rank(parsed)
      return causes.length > 0 || verdict === 'certain'
        ? [`${error} => ${verdict} ${causes.map(({ slug }) => slug)}`]
        : []
    })
    expect(proven).toEqual([])
  })
})

describe('a text that was read with too much certainty', () => {
  it.each<[not: string, report: Report]>([
    [
      'account-type-not-allowed',
      {
        error:
          '535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.outlook.com]\nMy personal account works, but the shared mailbox is not possible',
      },
    ],
    [
      'user-sign-in-refused',
      {
        protocol: 'authorize',
        error: "Account 20 does not exist or you don't have permission to access it",
      },
    ],
    ['dns-failure', { error: 'Outlook: the user does not exist in the directory' }],
    ['callback-unreachable', { protocol: 'authorize', error: 'Invalid state.' }],
    [
      'recipient-refused',
      {
        protocol: 'smtp',
        error:
          '220 relay.local ESMTP Postfix\nRCPT TO:<jane@contoso.com>\n550 5.1.1 <jane@contoso.com>: Recipient address rejected: User unknown in local recipient table',
      },
    ],
    [
      'tls-version-too-old',
      {
        protocol: 'smtp',
        error:
          'The server offers only SSL 3: error:1425F102:SSL routines:ssl_choose_client_version:unsupported protocol',
      },
    ],
    [
      'resource-permission-misdeclared',
      {
        protocol: 'authorize',
        error:
          "AADSTS650051: Using application 'Mail' is currently not supported for your organization contoso.com because it is in an unmanaged state. An administrator needs to claim ownership of the company by DNS validation of contoso.com before the application Mail can be provisioned.",
      },
    ],
    [
      'basic-auth-blocked',
      {
        protocol: 'smtp',
        error:
          '535 5.7.3 Authentication unsuccessful\nBasic authentication is disabled in our tenant, so we use OAuth.',
      },
    ],
    [
      'basic-auth-blocked',
      { protocol: 'imap', error: 'Mail fetch: Login failed. (outlook.office365.com)' },
    ],
    [
      'tls-verification-failed',
      {
        protocol: 'imap',
        error:
          'A1 NO AUTHENTICATE failed.\nOur test server has a self signed certificate, but this is outlook.office365.com.',
      },
    ],
    [
      'token-corrupt-or-malformed',
      { protocol: 'imap', error: 'IDX10223: Lifetime validation failed. The token is expired.' },
    ],
    [
      'dns-failure',
      {
        protocol: 'imap',
        error:
          '2026-11-30 10:00:01 getaddrinfo EAI_AGAIN outlook.office365.com\n2026-11-30 10:05:03 A1 NO AUTHENTICATE failed.',
      },
    ],
    [
      'smtp-redirected-by-host',
      {
        protocol: 'smtp',
        error:
          '220 relay.contoso.example ESMTP Postfix\nrelay=smtp.office365.com[52.97.1.2]:587, said: 535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.outlook.com]',
      },
    ],
    [
      'tls-mode-mismatch',
      {
        protocol: 'network',
        error:
          "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded (Caused by SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1129)'))",
      },
    ],
    [
      'server-transient',
      {
        protocol: 'smtp',
        error:
          '454 4.7.0 Temporary authentication failure: Connection lost to authentication server',
        evidence: { host: 'mail.contoso.example' },
      },
    ],
    [
      'smtp-auth-disabled-tenant',
      {
        protocol: 'smtp',
        error: '220 mail.contoso.example SmtpClientAuthentication is disabled for the Tenant',
        evidence: { host: 'mail.contoso.example' },
      },
    ],
  ])('is not certain: %s', (cause, report) => {
    const { verdict, candidates } = diagnose(report)
    expect([verdict, candidates[0]?.cause]).not.toEqual(['certain', cause])
    expect(verdict).not.toBe('certain')
  })
})

/** Documented sentences of Entra and of its pages without their number, as many programs and screens show them. */
const SENTENCES: readonly (readonly [cause: string, sentence: string])[] = [
  [
    'user-not-assigned',
    "Your administrator has configured the application Mail ('11112222-bbbb-3333-cccc-4444dddd5555') to block users unless they are specifically granted ('assigned') access to the application.",
  ],
  [
    'user-not-assigned',
    "The signed in user 'jane@contoso.com' is not assigned to a role for the application '11112222-bbbb-3333-cccc-4444dddd5555'(Mail).",
  ],
  ['app-disabled', "Application '11112222-bbbb-3333-cccc-4444dddd5555'(Mail) is disabled."],
  [
    'wrong-tenant-or-cloud',
    "Tenant 'contso.com' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
  ],
  [
    'wrong-tenant-or-cloud',
    "Specified tenant identifier 'my tenant' is neither a valid DNS name, nor a valid external domain.",
  ],
  [
    'tenant-restrictions',
    "The user's administrator has set an outbound access policy that doesn't allow access to the resource tenant.",
  ],
  [
    'tenant-restrictions',
    "The resource tenant's cross-tenant access policy doesn't allow this user to access this tenant.",
  ],
  [
    'resource-not-in-tenant',
    "The app needs access to a service ('https://outlook.office.com') that your organization 'Contoso' has not subscribed to or enabled.",
  ],
  [
    'resource-permission-misdeclared',
    "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration.",
  ],
  [
    'admin-consent-required',
    "Approval required\nMail\nThis app requires your admin's approval to: Read and write access to mailboxes via IMAP.",
  ],
  [
    'user-consent-missing',
    "The user or administrator has not consented to use the application with ID '11112222-bbbb-3333-cccc-4444dddd5555' named 'Mail'. Send an interactive authorization request for this user and resource.",
  ],
  ['user-sign-in-refused', 'Error validating credentials due to invalid username or password.'],
  [
    'user-sign-in-refused',
    'Your account is temporarily locked to prevent unauthorized use. Try again later, and if you still have trouble, contact your admin.',
  ],
  [
    'user-sign-in-refused',
    "Your account or password is incorrect. If you don't remember your password, reset it now.",
  ],
  [
    'user-sign-in-refused',
    'This username may be incorrect. Make sure you typed it correctly. Otherwise, contact your admin.',
  ],
  [
    'mfa-or-interaction-required',
    "Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication to access 'https://outlook.office.com'.",
  ],
  [
    'malformed-oauth-request',
    "The request body must contain the following parameter: 'grant_type'.",
  ],
  [
    'throttled',
    'The server terminated an operation because it encountered a client request loop. Please contact your app vendor.',
  ],
  ['server-transient', 'A transient error has occurred. Please try again.'],
]

describe('a sentence that Microsoft documents for one cause', () => {
  it.each(SENTENCES)('proves %s without its number: %s', (cause, sentence) => {
    for (const protocol of ['authorize', 'token'] as const) {
      const { verdict, candidates } = diagnose({ protocol, error: sentence })
      expect([verdict, candidates[0]?.cause]).toEqual(['certain', cause])
    }
    const manual = `When you see "${sentence}", read on.`
    expect(diagnose({ protocol: 'authorize', error: manual }).verdict).not.toBe('certain')
  })

  it.each([
    'Add account failed: $',
    'When I send, I get $',
    'When you click on Sign in, it stops with $',
    'Fixed the redirect URI, now I get $',
    "We don't get mails since Monday, the log has: $",
    'It should show my mails, but says $',
    'New user, first login: $',
    'If I try again, $',
    'expected a token, got: $',
  ])('proves its cause in the words of who saw it: %s', (words) => {
    const sentence = "AADSTS7000222: The provided client secret keys for app 'x' are expired."
    expect(diagnose({ error: words.replace('$', sentence) }).verdict).toBe('certain')
  })

  it('proves its cause in a whole message, whatever a program puts after its number', () => {
    const ids = 'Trace ID: 1a2b Correlation ID: 3c4d Timestamp: 2026-03-01 10:00:00Z'
    const message = `login failed [AADSTS50105] <- not assigned. ${ids}`
    expect(diagnose({ error: message }).verdict).toBe('certain')
    expect(diagnose({ error: message.replace(ids, '') }).verdict).not.toBe('certain')
  })
})

describe('the mechanism of a login', () => {
  const refused = { protocol: 'imap', error: 'A1 NO AUTHENTICATE failed.' } as const
  const causesWith = (mechanism: string) =>
    diagnose({ ...refused, evidence: { mechanism, host: 'outlook.office365.com' } }).candidates.map(
      ({ cause }) => cause,
    )
  const ofKind = (login: string, slugs: string[]) =>
    slugs.filter((slug) => catalogue.some((each) => each.slug === slug && each.login === login))

  it('rules out the causes that only the other one has', () => {
    expect(ofKind('password', causesWith('xoauth2'))).toEqual([])
    expect(ofKind('token', causesWith('plain'))).toEqual([])
    expect(ofKind('token', causesWith('xoauth2'))).toHaveLength(3)
  })

  it('is believed less than the server that says which one it received, and then nothing is certain', () => {
    const error = 'A1 NO Basic authentication is disabled.'
    const { verdict, candidates } = diagnose({
      ...refused,
      error,
      evidence: { mechanism: 'xoauth2' },
    })
    expect([verdict, candidates[0]?.cause]).toEqual(['likely', 'basic-auth-blocked'])
    expect(diagnose({ ...refused, error }).verdict).toBe('certain')
  })
})

describe('a proof', () => {
  it('quotes the words as they were written, whose they are, and nothing beside them', () => {
    const error =
      "May 3 app: AADSTS7000222: The provided client secret keys for app 'x' are expired. Visit the portal.\nTrace ID: 8a7b"
    expect(diagnose({ error }).proof).toEqual({
      text: "AADSTS7000222: The provided client secret keys for app 'x' are expired",
      source: 'token_endpoint',
    })
  })

  it('has the source and the quotation marks of the page that was read', () => {
    const error =
      "'AADSTS50194: Application '11111111-2222-3333-4444-555555555555'(/github.com/contoso/a-program-with-a-long-name) is not configured as a multi-tenant application.'"
    expect(diagnose({ protocol: 'authorize', stage: 'authorize', error }).proof).toEqual({
      text: "AADSTS50194: Application '11111111-2222-3333-4444-555555555555'(/github.com/contoso/a-program-with-a-long-name) is not configured as a multi-tenant application",
      source: 'sign_in_page',
    })
  })

  it('is bounded, and leaves out what is long enough to be a token', () => {
    const token = 'x'.repeat(2000)
    const error = `AADSTS70011: The provided value ${token} for the input parameter 'scope' is not valid.`
    const { proof } = diagnose({ error })
    expect(JSON.stringify(proof).length).toBeLessThan(400)
    expect(JSON.stringify(proof)).not.toContain('x'.repeat(61))
  })

  it('is a fact for what Mailgrant observed itself', () => {
    const facts = { kind: 'dns' } as const
    const { verdict, proof } = diagnose({ protocol: 'imap', stage: 'dns', error: '', facts })
    expect([verdict, proof]).toEqual([
      'certain',
      { fact: "The server's name has no address here.", source: 'mailgrant' },
    ])
  })
})
