import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../../api/diagnosis/catalogue/catalogue.ts'
import { SUSPECTED } from '../../../../api/domain/failures/facts.ts'
import {
  judgeAppToken,
  judgeRefresh,
  mayAdminConsentHelp,
} from '../../../../api/domain/failures/failures.ts'
import { diagnoseRefresh } from '../../../../api/domain/failures/token.ts'
import type { EntraFailure } from '../../../../api/entra/errors.ts'
import type { GrantRecord } from '../../../../api/model/grant.ts'
import type { TokenProblemCode } from '../../../../schema/problem.ts'
import { settings } from '../../harness.ts'
import {
  blockPage,
  grant,
  integration,
  numbered,
  refused,
  unreachable,
} from '../../refresh-failure.ts'

const now = new Date('2026-11-25T01:00:00Z')
const MINUTE = 60_000
const judged = (failure: EntraFailure) => judgeRefresh(failure, grant, integration, now)
const effectOf = (failure: EntraFailure) => {
  const { effect, unconfirmed } = judged(failure)
  return unconfirmed ? `suspect: ${effect}` : effect
}
const SUSPECT = 'suspect: cool_down'

describe('a failed refresh', () => {
  it.each<[EntraFailure]>([
    [unreachable('unknown')],
    [{ kind: 'timeout' }],
    [{ kind: 'throttled', retryAfter: 60, aadsts: 50196 }],
    [{ kind: 'throttled', retryAfter: null, aadsts: 50173 }],
    [{ kind: 'unavailable', status: 503, retryAfter: null, aadsts: null }],
    // The status of an overloaded server takes precedence over its body.
    [{ kind: 'unavailable', status: 503, retryAfter: null, aadsts: 50173 }],
    [blockPage],
    [refused({ error: 'temporarily_unavailable' })],
    [refused({ error: 'server_error' })],
    [refused({ error: 'something_new' })],
    [refused({ error: '<b>' })],
    // Names that every object inherits are not table entries.
    [refused({ error: 'constructor', suberror: 'toString' })],
  ])('causes at most a pause after %j', (failure) => {
    expect(effectOf(failure)).toBe('cool_down')
  })

  it.each(['temporarily_unavailable', 'server_error'])(
    'is retried later with %s, whatever the number',
    (error) => {
      const numbers = catalogue.flatMap(({ aadsts = [] }) =>
        aadsts.flatMap((group) => group.numbers),
      )
      for (const number of numbers) {
        expect([number, effectOf(numbered(number, error))]).toEqual([number, 'cool_down'])
      }
    },
  )

  it.each([
    ['cool_down', [50196, 90055, 90033, 90012, 50000, 70012, 80014]],
    [SUSPECT, [70000]],
    ['reconnect', [50173, 70008, 700082, 70043, 50076, 50079, 50074, 50078, 50055, 50144]],
    ['reconnect', [65001, 65004, 90008, 50089, 501481, 54005, 500207, 500208]],
    ['block', [53003, 53000, 53001, 53002, 50105, 90094, 90095, 530032, 1000031, 650052]],
    // A lock expires and a disabled account is enabled again without a new sign-in.
    ['block', [50053, 50057, 53004]],
    ['block', [530003, 53008, 53009, 530001]],
    ['block', [90002, 50194, 70011, 28000, 50011, 9002326, 500201, 700005]],
    ['block', [500112, 7000229]],
    // A new sign-in would last for a day only, so the registration must be corrected first.
    ['block', [700084]],
    // No user's sign-in helps, since an admin must act, or the settings are wrong.
    ['block', [5000224, 5000225, 900021, 900023]],
    [
      'credential_rejected',
      [7000215, 7000222, 700027, 700024, 50012, 7000218, 700016, 7000112, 1000502],
    ],
    ['credential_rejected', [7000214, 7000274, 7000277]],
  ] as const)('is %s for AADSTS %j, whatever error accompanies it', (effect, numbers) => {
    for (const number of numbers) {
      expect([number, effectOf(numbered(number))]).toEqual([number, effect])
      expect([number, effectOf(numbered(number, 'invalid_client'))]).toEqual([number, effect])
    }
  })

  it.each([
    ['invalid_grant', undefined, 'reconnect'],
    ['invalid_grant', 'bad_token', SUSPECT],
    ['invalid_grant', 'message_only', 'block'],
    ['interaction_required', 'message_only', 'block'],
    ['invalid_grant', 'basic_action', 'reconnect'],
    ['invalid_grant', 'additional_action', 'reconnect'],
    ['invalid_grant', 'consent_required', 'reconnect'],
    ['invalid_grant', 'user_password_expired', 'reconnect'],
    ['invalid_grant', 'token_expired', 'reconnect'],
    ['invalid_grant', 'device_authentication_failed', 'block'],
    ['interaction_required', undefined, 'reconnect'],
    ['login_required', undefined, 'reconnect'],
    ['consent_required', undefined, 'reconnect'],
    ['access_denied', undefined, 'reconnect'],
    ['invalid_client', undefined, 'credential_rejected'],
    ['unauthorized_client', undefined, 'credential_rejected'],
    ['invalid_request', undefined, 'block'],
    ['invalid_scope', undefined, 'block'],
    ['invalid_resource', undefined, 'block'],
    ['unsupported_grant_type', undefined, 'block'],
    ['unsupported_response_type', undefined, 'block'],
  ])(
    'is judged by %s and suberror %s when the number is unknown: %s',
    (error, suberror, effect) => {
      expect(effectOf(refused({ error, suberror, error_codes: [9_999_999] }))).toBe(effect)
      expect(effectOf(refused({ error, suberror }))).toBe(effect)
    },
  )

  it.each([
    [53003, 'basic_action', 'block'],
    [50173, 'bad_token', 'reconnect'],
    [50076, 'message_only', 'reconnect'],
    [70000, 'consent_required', SUSPECT],
  ])('with AADSTS%d is judged the same with suberror %s', (aadsts, suberror, effect) => {
    const failure = refused({ error: 'invalid_grant', error_codes: [aadsts], suberror })
    expect(effectOf(failure)).toBe(effect)
  })

  it('of a token for Microsoft Graph is explained with its permission and its consent', () => {
    const scopes = [...grant.scopes, 'https://graph.microsoft.com/Mail.Send']
    const ofGraph: GrantRecord = { ...grant, resource: 'graph', protocols: ['graph_send'], scopes }
    const { facts } = judgeRefresh(numbered(65001), ofGraph, integration, now)
    const text = JSON.stringify(diagnoseRefresh(ofGraph, facts, settings))
    expect(text).toContain('graph.microsoft.com%2FMail.Send')
    expect(text).not.toContain('IMAP.AccessAsUser')
  })

  it('with AADSTS700023 concerns the signed assertion or the scope, depending on the error', () => {
    expect(effectOf(numbered(700023, 'invalid_client'))).toBe('credential_rejected')
    expect(effectOf(numbered(700023, 'invalid_scope'))).toBe('block')
    expect(judged(numbered(700023, 'invalid_client')).detail).toContain('certificate')
  })

  it.each([
    ['credential_rejected', 700016],
    ['credential_rejected', 70002],
    ['credential_rejected', 50012],
    ['block', 50059],
  ])('is %s for AADSTS%d, whatever accompanies it, although its cause varies', (effect, number) => {
    for (const error of [
      'invalid_grant',
      'interaction_required',
      'login_required',
      'access_denied',
    ]) {
      for (const suberror of [undefined, 'basic_action', 'bad_token', 'user_password_expired']) {
        const failure = refused({ error, suberror, error_codes: [number] })
        expect([error, suberror, effectOf(failure)]).toEqual([error, suberror, effect])
      }
    }
  })

  it.each([
    ...[53003, 50105, 530035].flatMap((number) =>
      ['invalid_grant', 'interaction_required', 'invalid_client'].map((error) =>
        numbered(number, error),
      ),
    ),
    ...['message_only', 'device_authentication_failed', 'protection_policy_required'].map(
      (suberror) => refused({ error: 'invalid_grant', suberror }),
    ),
  ])('is a block for a personal account as well: %j', (failure) => {
    const personal = { ...grant, accountType: 'personal' as const }
    expect(judgeRefresh(failure, personal, integration, now).effect).toBe('block')
  })

  it.each(['invalid_client', 'unauthorized_client'])(
    'with %s concerns the app, even beside a suberror about the token',
    (error) => {
      for (const suberror of ['token_expired', 'bad_token']) {
        expect(effectOf(refused({ error, suberror }))).toBe('credential_rejected')
      }
    },
  )

  it('that may be temporary counts only when the same token is refused again 15 minutes later', () => {
    const again = (code: TokenProblemCode, failure: EntraFailure, minutes = 15) =>
      judgeRefresh(
        failure,
        {
          ...grant,
          state: 'cooling_down',
          problem: {
            code,
            detail: '',
            since: new Date(now.getTime() - minutes * MINUTE),
            facts: null,
          },
        },
        integration,
        now,
      ).effect
    expect(again(SUSPECTED, numbered(70000), 14)).toBe('cool_down')
    expect(again(SUSPECTED, numbered(70000))).toBe('reconnect')
    expect(again('provider_unavailable', numbered(70000))).toBe('cool_down')
    expect(again(SUSPECTED, numbered(90033))).toBe('cool_down')
    expect(judged(numbered(70000)).cause).toBe('refusal-unconfirmed')
  })

  it.each([
    [50076, 'user'],
    [53003, 'tenant_admin'],
    [5000225, 'tenant_admin'],
    [5000224, 'tenant_admin'],
    [50057, 'tenant_admin'],
    [50053, 'tenant_admin'],
    [650057, 'app_owner'],
    // Seen beside `invalid_client`, which usually concerns the credential.
    [7000229, 'tenant_admin'],
    [1000502, 'app_owner'],
    [7000215, 'app_owner'],
    [70011, 'app_owner'],
    [900144, 'operator'],
    [90033, 'microsoft'],
  ])('with AADSTS%d names who must act: %s', (aadsts, responsible) => {
    expect(judged(numbered(aadsts, 'x')).responsible).toBe(responsible)
  })
})

describe('a refusal of the app in one tenant', () => {
  const at = (tenant: string, homeTenant: string | null) =>
    judgeRefresh(numbered(7000112), grant, { ...integration, tenant, homeTenant }, now).effect

  it('concerns the integration when it is the only tenant or the home tenant of the app', () => {
    expect(at('contoso.test', null)).toBe('credential_rejected')
    expect(at('common', 'contoso.test')).toBe('credential_rejected')
  })

  it('concerns only that tenant when others may sign in too', () => {
    expect(at('common', null)).toBe('block')
    expect(at('organizations', 'adatum.test')).toBe('block')
    // A public client is public in every tenant.
    const common = { ...integration, tenant: 'common' }
    const { effect } = judgeRefresh(numbered(700025, 'invalid_client'), grant, common, now)
    expect(effect).toBe('credential_rejected')
  })

  it('never concerns the integration when the app requests its own token', () => {
    const appOnly = (number: number) =>
      judgeAppToken(numbered(number), { cloud: 'global', tenant: 'adatum.test' }, integration)
    for (const number of [7000112, 7000229]) {
      expect(appOnly(number)).toMatchObject({ effect: 'block', responsible: 'tenant_admin' })
    }
    expect(appOnly(90002)).toMatchObject({ effect: 'block', cause: 'wrong-tenant-or-cloud' })
    expect(appOnly(7000215)).toMatchObject({ effect: 'credential_rejected' })
    expect(appOnly(70000)).toMatchObject({ effect: 'cool_down' })
    // App-only access has no user who could sign in again.
    expect(appOnly(50173)).toMatchObject({ effect: 'block', responsible: 'tenant_admin' })
    expect(appOnly(50173).detail).toContain('an admin of adatum.test must consent')
  })

  it.each(['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client'])(
    'of the federated credential is judged by its number, even as %s',
    (error) => {
      const app = { cloud: 'global', tenant: 'contoso.test' } as const
      for (const [effect, numbers] of [
        ['cool_down', [50166, 501661, 90061]],
        ['credential_rejected', [70021, 700211, 700212, 700213]],
      ] as const) {
        for (const number of numbers) {
          const failure = numbered(number, error)
          expect(effectOf(failure), `${number}`).toBe(effect)
          expect(judgeAppToken(failure, app, integration).effect, `${number}`).toBe(effect)
        }
      }
    },
  )

  it('never mentions a user or a refresh token for an app-only token', () => {
    const app = { cloud: 'global', tenant: 'adatum.test' } as const
    for (const suberror of [undefined, 'basic_action', 'bad_token', 'something_new']) {
      const judged = judgeAppToken(refused({ error: 'invalid_grant', suberror }), app, integration)
      expect(judged.detail).not.toMatch(/refresh token|sign-in|user|reconnect/)
      expect(judged.responsible).toBe(suberror === 'bad_token' ? 'microsoft' : 'tenant_admin')
    }
  })
})

describe('the detail', () => {
  it('is one sentence with the action and the number', () => {
    expect(judged(numbered(50173)).detail).toBe(
      'The sign-in was revoked, or the password was reset: sign in again (AADSTS50173).',
    )
    expect(judged({ kind: 'throttled', retryAfter: 5, aadsts: 50196 }).detail).toContain(
      '(AADSTS50196)',
    )
    expect(judged({ kind: 'timeout' }).detail).toBe(
      "Microsoft's sign-in service did not respond in time: it will be retried automatically.",
    )
  })

  it.each([
    ['ECONNREFUSED', 'port 443, or set HTTPS_PROXY (ECONNREFUSED)'],
    ['unknown', 'HTTPS_PROXY. It will'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'NODE_EXTRA_CA_CERTS'],
    ['PROXY_UNREACHABLE', 'HTTPS_PROXY'],
    ['PROXY_REFUSED', 'HTTPS_PROXY'],
  ] as const)(
    'reports the host, the fix and the operator when the network fails: %s',
    (code, fix) => {
      const { detail, responsible, effect } = judged(unreachable(code))
      expect({ responsible, effect }).toEqual({ responsible: 'operator', effect: 'cool_down' })
      expect(detail).toContain('login.microsoftonline.us')
      expect(detail).toContain(fix)
      expect(detail).toMatch(
        /: your Mailgrant administrator must .*\. It will be retried automatically\.$/,
      )
    },
  )

  it('keeps an unknown number, but no text of the response', () => {
    const failure = refused({
      error: 'invalid_grant',
      error_codes: [4_242_424],
      error_description: 'AADSTS4242424: Words of Microsoft.',
    })
    expect(judged(failure).detail).toBe(
      'Microsoft no longer accepts the sign-in: sign in again (AADSTS4242424).',
    )
  })
})

describe('a link for an administrator', () => {
  const helps = (facts: { aadsts?: number; oauth_error?: string }) =>
    mayAdminConsentHelp({
      protocol: 'authorize',
      error: '',
      stage: 'callback',
      facts: { kind: 'refused', ...facts },
    })

  it.each([
    [{ aadsts: 65001, oauth_error: 'invalid_grant' }],
    [{ aadsts: 90094, oauth_error: 'access_denied' }],
    [{ oauth_error: 'consent_required' }],
  ])('is shown if consent is missing: %j', (facts) => {
    expect(helps(facts)).toBe(true)
  })

  it.each([
    [{ oauth_error: 'access_denied' }],
    [{ aadsts: 1234567, oauth_error: 'access_denied' }],
    [{ aadsts: 50173, oauth_error: 'invalid_grant' }],
  ])('is not shown for a cancelled sign-in or another failure: %j', (facts) => {
    expect(helps(facts)).toBe(false)
  })
})
