import { describe, expect, it } from 'vitest'
import { diagnose, type Report } from '../../../api/diagnosis/diagnose.ts'
import { graphFailureReport, probeFailureReport } from '../../../api/diagnosis/report.ts'
import type { Diagnosis, Evidence } from '../../../schema/diagnosis.ts'
import type { GraphFacts } from '../../../schema/failure.ts'
import { probeFailure } from '../../probe-failure.ts'

const imapRefused = (evidence: Evidence = {}): Report => ({
  protocol: 'imap',
  stage: 'auth',
  error: 'A1 NO AUTHENTICATE failed.',
  evidence,
})
const causes = (report: Report) => diagnose(report).candidates.map(({ cause }) => cause)

describe('a reply that names its cause', () => {
  it.each([
    ['token-expired', '* BYE Session invalidated - AccessTokenExpired'],
    ['throttled', '1069 NO Request is throttled. Suggested Backoff Time: 299609 milliseconds'],
  ])(
    'is certain even where the stage would let another response be guessed: %s',
    (cause, error) => {
      expect(diagnose({ protocol: 'imap', stage: 'select', error })).toMatchObject({
        verdict: 'certain',
        candidates: [{ cause }],
        ask: [],
      })
    },
  )
})

describe('broad words that show the source', () => {
  it('rule out no cause', () => {
    const report: Report = { protocol: 'imap', stage: 'auth', error: 'The option is not set: ' }
    const vague: Report = { ...report, error: 'Sorry' }
    const broad: Report = { ...report, error: 'Sorry, the template was not found' }
    expect(diagnose(broad).interpretation.source).toBe('program')
    expect(causes(broad)).toEqual(expect.arrayContaining(causes(vague).slice(0, 3)))
    expect(causes(report)).not.toEqual(expect.arrayContaining(causes(vague).slice(0, 3)))
  })
})

describe('a port that a program names in words', () => {
  it('is the one that the explanation names', () => {
    const error =
      'Could not connect to SMTP host: smtp.office365.com, port: 465; connection timed out'
    const { candidates } = diagnose({ error })
    expect(candidates[0]).toMatchObject({
      cause: 'wrong-port-or-host',
      explanation: expect.stringContaining('smtp.office365.com:465'),
    })
  })
})

describe('an error with many causes', () => {
  it('stays ambiguous, with likelihoods, and asks for the evidence that would decide', () => {
    const { verdict, candidates, ask } = diagnose(imapRefused())
    expect(verdict).toBe('ambiguous')
    expect(candidates.length).toBe(3)
    const likelihoods = candidates.map(({ likelihood }) => likelihood)
    expect(likelihoods).toEqual(likelihoods.toSorted((a, b) => b - a))
    expect(ask[0]?.text).toContain('aud claim')
  })

  it('is decided by a claim that proves one cause', () => {
    expect(diagnose(imapRefused({ token_audience: 'https://graph.microsoft.com/' }))).toMatchObject(
      {
        verdict: 'certain',
        candidates: [{ cause: 'token-wrong-audience' }],
        ask: [],
      },
    )
  })

  it('loses the causes that evidence excludes, and does not ask for that evidence again', () => {
    const evidence = {
      token_audience: 'https://outlook.office.com',
      token_scopes: 'IMAP.AccessAsUser.All',
      token_expired: false,
    }
    const { candidates, ask } = diagnose(imapRefused(evidence))
    const left = candidates.map(({ cause }) => cause)
    expect(left).not.toContain('token-wrong-audience')
    expect(left).not.toContain('token-missing-protocol-scope')
    expect(left).not.toContain('token-expired')
    expect(JSON.stringify(ask)).not.toMatch(/aud claim|scp or roles claim|exp claim/)
  })

  it.each(['I pass the id_token, whose audience is wrong', 'The id_token that I send has expired'])(
    'at a mail server is not taken for a sign-in whose ID token was refused: %s',
    (words) => {
      const found = causes({ ...imapRefused(), error: `A1 NO AUTHENTICATE failed. ${words}` })
      expect(found).not.toContain('identity-not-proven')
      expect(found).not.toContain('clock-wrong')
      expect(causes({ protocol: 'authorize', error: words })[0]).toMatch(
        /^(?:identity-not-proven|clock-wrong)$/,
      )
    },
  )

  it('depends on the flow: app-only or delegated', () => {
    const ofApps = (slugs: string[]) => slugs.filter((slug) => /^sp-|^app-only/.test(slug)).length
    expect(ofApps(causes(imapRefused({ flow: 'app_only' })))).toBe(3)
    expect(ofApps(causes(imapRefused({ flow: 'delegated' })))).toBe(0)
  })

  it('is not attributed to a password because the server offers password login', () => {
    const log = `S: * CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR
      C: A1 AUTHENTICATE XOAUTH2 (removed)
      S: A1 NO AUTHENTICATE failed.`
    const { verdict, candidates } = diagnose({ ...imapRefused(), error: log })
    expect(verdict).toBe('ambiguous')
    expect(candidates.map(({ cause }) => cause)).not.toContain('basic-auth-blocked')
  })

  it('is attributed to a shared mailbox when another account signed in', () => {
    const report: Report = {
      protocol: 'smtp',
      stage: 'auth',
      error: '535 5.7.3 Authentication unsuccessful',
      evidence: {
        username: 'support@contoso.com',
        signed_in_as: 'alice@contoso.com',
        mechanism: 'xoauth2',
      },
    }
    expect(causes(report)[0]).toBe('shared-mailbox-smtp-identity')
    expect(diagnose({ ...report, facts: { delegate_login: 'ok' } })).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'shared-mailbox-smtp-identity' }],
    })
  })
})

describe('several numbers in one text', () => {
  it('are decided by the last known one', () => {
    const error =
      'AADSTS65001: not consented. Retried: AADSTS50011: the redirect URI. AADSTS999999999'
    expect(causes({ protocol: 'authorize', error })[0]).toBe('redirect-uri-mismatch')
  })

  it('are decided by the text when they are too general', () => {
    const error =
      'AADSTS70002: Error validating credentials. AADSTS50012: Invalid client secret is provided.'
    expect(causes({ protocol: 'token', error })[0]).toBe('client-secret-wrong')
  })

  it('are distinguished by the OAuth error when one number has two meanings', () => {
    const first = (oauth_error: string) =>
      causes({
        protocol: 'token',
        error: '',
        facts: { kind: 'refused', aadsts: 700023, oauth_error },
      })[0]
    expect(first('invalid_client')).toBe('client-assertion-invalid')
    expect(first('invalid_request')).toBe('invalid-scope')
  })

  it('are read from error_codes, a link and a page', () => {
    for (const error of [
      '{"error_codes":[50076]}',
      'https://login.microsoftonline.com/error?code=50076',
      'Sign-in error code 50076',
    ]) {
      expect(causes({ protocol: 'token', error })[0], error).toBe('mfa-or-interaction-required')
    }
  })
})

describe('a report without an error text', () => {
  it('is certain with an AADSTS number alone', () => {
    const facts = { kind: 'refused' as const, aadsts: 700082, oauth_error: 'invalid_grant' }
    const own = diagnose({ protocol: 'token', stage: 'refresh', error: '', facts })
    expect(own).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'refresh-token-expired' }],
    })
    // Mailgrant always stores the new refresh_token; a pasted report may come from a program that does not.
    const pasted = diagnose({ protocol: 'token', error: 'AADSTS700082' })
    expect(JSON.stringify(own)).not.toContain('refresh_token')
    expect(JSON.stringify(pasted)).toContain('refresh_token')
  })

  it('may be a failure of the checker, with its reply and codes', () => {
    const untrusted = probeFailure({
      step: 'tls',
      kind: 'tls',
      code: 'SELF_SIGNED_CERT_IN_CHAIN',
      certificate_issuer: 'CN=Contoso Proxy CA',
    })
    expect(diagnose(probeFailureReport('imap', untrusted))).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'tls-verification-failed' }],
    })
    for (const [code, cause] of [
      ['EE_KEY_TOO_SMALL', 'tls-server-too-weak'],
      ['CA_MD_TOO_WEAK', 'tls-server-too-weak'],
      ['ERR_SSL_DH_KEY_TOO_SMALL', 'tls-server-too-weak'],
      ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'tls-server-too-weak'],
      ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls-server-too-weak'],
      ['INVALID_PURPOSE', 'tls-certificate-purpose'],
      ['CERT_HAS_EXPIRED', 'tls-verification-failed'],
      ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-verification-failed'],
    ]) {
      expect(causes(probeFailureReport('imap', { ...untrusted, code: code ?? null }))[0]).toBe(
        cause,
      )
    }
    const refusal = probeFailure({ step: 'mailbox', kind: 'not_connected' })
    expect(causes(probeFailureReport('imap', refusal))).toContain('imap-disabled-mailbox')
  })

  const denied = {
    status: 403,
    code: 'ErrorAccessDenied',
    message: 'Access is denied. Check credentials and try again.',
  }
  it.each<[Partial<GraphFacts>, Evidence, Diagnosis['verdict'], string]>([
    [denied, {}, 'ambiguous', 'graph-send-permission-missing'],
    [denied, { flow: 'app_only', token_scopes: '' }, 'likely', 'graph-app-permission-missing'],
    [{ status: 401 }, {}, 'ambiguous', 'graph-wrong-audience'],
    [{ status: 403 }, {}, 'likely', 'graph-answered-by-other'],
    [{ status: 429, code: 'UnknownError' }, {}, 'certain', 'throttled'],
    [{ status: 502 }, {}, 'likely', 'server-transient'],
    [{ reason: 'ENOTFOUND' }, {}, 'likely', 'dns-failure'],
    [{ reason: 'timeout' }, {}, 'likely', 'network-blocked'],
  ])('may be what Microsoft Graph responded: %j with %j', (seen, evidence, verdict, cause) => {
    const none = { status: null, code: null, message: null, request_id: null, reason: null }
    const report = graphFailureReport({ ...none, probe: 'permission', ...seen }, { evidence })
    const diagnosis = diagnose(report)
    expect([diagnosis.verdict, diagnosis.candidates[0]?.cause]).toEqual([verdict, cause])
  })

  it.each([
    '500 5.5.6 SASL response limit exceeded',
    '535 5.7.8 Error: authentication failed: Invalid base64 data',
    '555 5.5.2 Syntax error, command line too long',
    null,
  ])('may be a token that the server did not read to its end (%s)', (reply) => {
    const failure = probeFailure({ kind: 'line_too_long', reply })
    const { verdict, candidates } = diagnose(probeFailureReport('smtp', failure))
    expect(verdict).toBe('certain')
    expect(candidates[0]).toMatchObject({ cause: 'auth-line-too-long', retryable: false })
    expect(candidates.map(({ cause }) => cause)).not.toContain('token-corrupt-or-malformed')
  })
})

it('trusts the reply of Exchange about a password even if it was reached through localhost', () => {
  const report: Report = {
    protocol: 'smtp',
    stage: 'auth',
    error: '535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.outlook.com]',
    evidence: { host: 'localhost', port: 587, mechanism: 'LOGIN' },
  }
  expect(causes(report)).not.toContain('wrong-port-or-host')
  expect(causes(report)).toContain('basic-auth-blocked')
})

it('is not certain of a wrong host when a report only names localhost', () => {
  const report = imapRefused({ host: 'localhost', port: 9993 })
  expect(diagnose(report).verdict).toBe('likely')
  expect(causes(report)[0]).toBe('wrong-port-or-host')
})

describe('an unrecognised text', () => {
  it('is unknown and leads to questions about the full text and the step', () => {
    const { verdict, ask } = diagnose({ protocol: 'imap', error: 'Es geht nicht.' })
    expect(verdict).toBe('unknown')
    expect(ask[0]?.text).toContain('complete error text')
  })

  it('leaves the decision to the evidence when the step is known', () => {
    const report = {
      ...imapRefused({ token_audience: 'https://graph.microsoft.com' }),
      error: 'Anmeldung gescheitert',
    }
    expect(diagnose(report)).toMatchObject({
      verdict: 'ambiguous',
      candidates: [{ cause: 'token-wrong-audience' }],
    })
  })
})
