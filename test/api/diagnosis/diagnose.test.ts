import { describe, expect, it } from 'vitest'
import { diagnose, type Report } from '../../../api/diagnosis/diagnose.ts'
import { probeFailureReport } from '../../../api/diagnosis/report.ts'
import type { Evidence } from '../../../schema/diagnosis.ts'
import type { ProbeFailure } from '../../../schema/probe.ts'

const imapRefused = (evidence: Evidence = {}): Report => ({
  protocol: 'imap',
  stage: 'auth',
  error: 'A1 NO AUTHENTICATE failed.',
  evidence,
})
const causes = (report: Report) => diagnose(report).candidates.map(({ cause }) => cause)

describe('an answer with many causes', () => {
  it('stays ambiguous, with likelihoods, and asks for what would separate them', () => {
    const { verdict, candidates, ask } = diagnose(imapRefused())
    expect(verdict).toBe('ambiguous')
    expect(candidates.length).toBeGreaterThan(3)
    const likelihoods = candidates.map(({ likelihood }) => likelihood)
    expect(likelihoods).toEqual(likelihoods.toSorted((a, b) => b - a))
    expect(ask[0]).toContain('claim aud')
  })

  it('is settled by the claim that proves a cause', () => {
    expect(diagnose(imapRefused({ token_audience: 'https://graph.microsoft.com/' }))).toMatchObject(
      {
        verdict: 'certain',
        candidates: [{ cause: 'token-wrong-audience' }],
        ask: [],
      },
    )
  })

  it('loses the causes that evidence excludes, and does not ask for it again', () => {
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
    expect(ask.join(' ')).not.toMatch(/claim aud|claim scp|token fresh/)
  })

  it('depends on who logs in: an app by itself, or a person', () => {
    const ofApps = (slugs: string[]) => slugs.filter((slug) => /^sp-|^app-only/.test(slug)).length
    expect(ofApps(causes(imapRefused({ flow: 'app_only' })).slice(0, 4))).toBe(4)
    expect(ofApps(causes(imapRefused({ flow: 'delegated' })))).toBe(0)
  })

  it('is not taken for a password because the server offers one', () => {
    const log = `S: * CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR
      C: A1 AUTHENTICATE XOAUTH2 (removed)
      S: A1 NO AUTHENTICATE failed.`
    const { verdict, candidates } = diagnose({ ...imapRefused(), error: log })
    expect(verdict).toBe('ambiguous')
    expect(candidates.map(({ cause }) => cause)).not.toContain('basic-auth-blocked')
  })

  it('takes a team mailbox under which a person signed in for a shared one', () => {
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
  it('are decided by the last that is understood', () => {
    const error =
      'AADSTS65001: not consented. Retried: AADSTS50011: the redirect URI. AADSTS999999999'
    expect(causes({ protocol: 'authorize', error })[0]).toBe('redirect-uri-mismatch')
  })

  it('leave general ones to the words beside them', () => {
    const error =
      'AADSTS70002: Error validating credentials. AADSTS50012: Invalid client secret is provided.'
    expect(causes({ protocol: 'token', error })[0]).toBe('client-secret-wrong')
  })

  it('are told apart by the error where one number has two meanings', () => {
    const first = (oauth_error: string) =>
      causes({
        protocol: 'token',
        error: '',
        facts: { kind: 'refused', aadsts: 700023, oauth_error },
      })[0]
    expect(first('invalid_client')).toBe('client-assertion-invalid')
    expect(first('invalid_request')).toBe('invalid-scope')
  })

  it('are read from error_codes, from a link and from a page', () => {
    for (const error of [
      '{"error_codes":[50076]}',
      'https://login.microsoftonline.com/error?code=50076',
      'Sign-in error code 50076',
    ]) {
      expect(causes({ protocol: 'token', error })[0], error).toBe('mfa-or-interaction-required')
    }
  })
})

describe('what the sandbox and the product report without a text', () => {
  it('is an authorization that nobody returned from: ambiguous, and the page is asked for', () => {
    const { verdict, candidates, ask } = diagnose({
      protocol: 'authorize',
      stage: 'authorize',
      error: '',
      facts: { kind: 'no_return' },
    })
    expect(verdict).toBe('ambiguous')
    const names = candidates.map(({ cause }) => cause)
    expect(names).toEqual(
      expect.arrayContaining([
        'redirect-uri-mismatch',
        'admin-consent-required',
        'conditional-access-block',
      ]),
    )
    expect(ask[0]).toContain("Microsoft's page")
  })

  it('is a number of Entra by itself', () => {
    const facts = { kind: 'refused' as const, aadsts: 700082, oauth_error: 'invalid_grant' }
    const own = diagnose({ protocol: 'token', stage: 'refresh', error: '', facts })
    expect(own).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'refresh-token-expired' }],
    })
    // What other programs forget, the product does by itself; whoever pastes a report may have one.
    const pasted = diagnose({ protocol: 'token', error: 'AADSTS700082' })
    expect(JSON.stringify(own)).not.toContain('refresh_token')
    expect(JSON.stringify(pasted)).toContain('refresh_token')
  })

  it('is a failure of the checker, with its reply and codes', () => {
    const failure: ProbeFailure = {
      step: 'tls',
      kind: 'tls',
      code: 'SELF_SIGNED_CERT_IN_CHAIN',
      reply: null,
      smtp_code: null,
      smtp_enhanced: null,
      imap_status: null,
      imap_response_code: null,
      challenge: null,
      certificate_issuer: 'CN=Contoso Proxy CA',
    }
    expect(diagnose(probeFailureReport('imap', failure))).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'tls-verification-failed' }],
    })
    const refusal = {
      ...failure,
      step: 'mailbox' as const,
      kind: 'not_connected' as const,
      code: null,
    }
    expect(causes(probeFailureReport('imap', refusal))).toContain('imap-disabled-mailbox')
  })
})

it('takes Exchange at its word about a password, although it was reached through localhost', () => {
  const report: Report = {
    protocol: 'smtp',
    stage: 'auth',
    error: '535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.outlook.com]',
    evidence: { host: 'localhost', port: 587, mechanism: 'LOGIN' },
  }
  expect(causes(report)).not.toContain('wrong-port-or-host')
  expect(causes(report)).toContain('basic-auth-blocked')
})

it('is not certain of a wrong host where a report only names localhost', () => {
  const report = imapRefused({ host: 'localhost', port: 9993 })
  expect(diagnose(report).verdict).toBe('likely')
  expect(causes(report)[0]).toBe('wrong-port-or-host')
})

describe('a text that is not understood', () => {
  it('is unknown, and asks for the full text and the step', () => {
    const { verdict, ask } = diagnose({ protocol: 'imap', error: 'Es geht nicht.' })
    expect(verdict).toBe('unknown')
    expect(ask[0]).toContain('complete error text')
  })

  it('leaves the word to the evidence where the step is known', () => {
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
