/**
 * Diagnoses of failing mailboxes: each person of the cast fails in a different way, and the true cause
 * must come first. A sign-in that never returns must get a hint instead; that takes a minute, so these
 * two start early and are checked at the end.
 */
import { type Admin, ALICE, type Sandbox, SHARED } from './admin.ts'
import type { Api } from './api.ts'
import { diagnosisIn, expectFirstCause } from './first-cause.ts'
import { check, waitUntil } from './steps.ts'

const BOB = 'bob@contoso.test'
const CAROL = 'carol@contoso.test'
const DAVE = 'dave@contoso.test'
const ERIN = 'erin@contoso.test'
const FRANK = 'frank@contoso.test'
const MALLORY = 'mallory@contoso.test'

/** Slightly longer than the product waits before it gives a hint. */
const HINT_AFTER_MS = 60_500

export function diagnosisJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  const abandonedSignIns: {
    username: string
    cause: string
    pageText: string
    id: string
    statusUrl: string
    leftAt: number
  }[] = []

  /** Signs in and stays on a page of Microsoft, whose text only the person can see. */
  async function abandonSignIn(username: string, cause: string): Promise<string> {
    const { id, statusUrl, state, page } = await admin.getAccessToken({ username }, username)
    check(state.status === 'pending', `the sign-in of ${username} is ${state.status}`)
    check(state.hint === undefined, 'the hint came too early')
    const pageText = page.text
    abandonedSignIns.push({ username, cause, pageText, id, statusUrl, leftAt: Date.now() })
    return `${username} is on "${page.title}"`
  }

  async function expectFailedValidation(
    protocol: 'imap' | 'smtp',
    username: string,
    cause: string,
  ) {
    const { state } = await admin.getAccessToken({ username }, username)
    const form = admin.account(protocol, admin.grantIdOf(state), { username })
    const result = await api.expect(201, 'POST', '/v1/validations', form)
    check(result.outcome === 'failed', `the validation ${result.outcome}`)
    return expectFirstCause(result, cause)
  }

  /** Validates a mailbox whose logins the mail servers fail in each way. */
  async function expectVerdictsOnFaults(protocol: 'imap' | 'smtp', username: string) {
    const { state } = await admin.getAccessToken({ username }, username)
    const form = admin.account(protocol, admin.grantIdOf(state), { username })
    const outcomes = {
      throttled: 'inconclusive',
      closing: 'inconclusive',
      dropped: 'inconclusive',
      refused_and_closing: 'failed',
    } as const
    for (const [kind, outcome] of Object.entries(outcomes)) {
      const fault = { username, kind: kind as keyof typeof outcomes }
      await sandbox.control({ mail_fault: fault })
      const result = await api.expect(201, 'POST', '/v1/validations', form)
      check(result.outcome === outcome, `${protocol}, ${kind}: the validation ${result.outcome}`)
    }
    await sandbox.control({ mail_fault: { username, kind: null } })
    return `${protocol}: ${Object.entries(outcomes)
      .map((entry) => entry.join(' '))
      .join(', ')}`
  }

  async function expectRefusedRefresh(
    account: { id: string; grant: string },
    cause: string,
  ): Promise<string> {
    const path = `/v1/mail-accounts/${account.id}/access-token`
    const problem = await api.expect(409, 'POST', path, {})
    const { problem: stored } = await api.expect(200, 'GET', `/v1/grants/${account.grant}`)
    expectFirstCause(stored, cause)
    return `${problem.code}, ${expectFirstCause(problem, cause)}`
  }

  async function expectHint({
    username,
    cause,
    pageText,
    id,
    statusUrl,
    leftAt,
  }: (typeof abandonedSignIns)[number]): Promise<string> {
    await waitUntil(leftAt + HINT_AFTER_MS)
    const state = await api.expect(200, 'GET', `/v1/authorizations/${id}`)
    const { redirect_uri: uri } = await api.expect(
      200,
      'GET',
      '/v1/integrations/microsoft/settings',
    )
    const hint = diagnosisIn(state, 'hint')
    const causes = hint.candidates.map(({ cause }) => cause)
    check(hint.verdict === 'ambiguous', `the hint for ${username} is ${hint.verdict}`)
    for (const cause of [
      'admin-consent-required',
      'redirect-uri-mismatch',
      'conditional-access-block',
    ]) {
      check(causes.includes(cause), `the hint for ${username} lacks ${cause}: ${causes.join(', ')}`)
    }
    const text = JSON.stringify(hint)
    check(text.includes(String(uri)), 'the hint lacks the redirect URI to register')
    check(/\/adminconsent\?/.test(text), 'the hint lacks the admin-consent link')
    check(
      hint.ask[0]?.text.includes('page'),
      `the hint asks "${hint.ask[0]?.text}", not for the text of the page`,
    )
    const progress = await fetch(statusUrl).then((response) => response.json())
    check(JSON.stringify(diagnosisIn(progress, 'hint')) === text, 'the status URL has another hint')
    // Answers the question of the hint with the text of the page.
    const pasted = await api.expect(200, 'POST', '/v1/diagnoses', {
      protocol: 'authorize',
      error: pageText,
    })
    return `${username}: ${causes.length} causes; with the text of the page ${expectFirstCause({ diagnosis: pasted }, cause)}`
  }

  return {
    start: [
      [
        'Two sign-ins stay on a page of Microsoft: a policy blocks one, one requires an admin',
        async () => {
          await sandbox.control({ tenant_consent: { tenant: 'contoso.test', granted: false } })
          const mallory = await abandonSignIn(MALLORY, 'conditional-access-block')
          return `${mallory}, ${await abandonSignIn(DAVE, 'admin-consent-required')}`
        },
      ],
    ] as const,
    middle: [
      [
        "bob's IMAP is disabled: diagnosed",
        () => expectFailedValidation('imap', BOB, 'imap-disabled-mailbox'),
      ],
      [
        "SMTP AUTH is disabled for carol's organisation: diagnosed",
        () => expectFailedValidation('smtp', CAROL, 'smtp-auth-disabled-tenant'),
      ],
      [
        'A shared mailbox without a delegate fails over SMTP: diagnosed',
        async () => {
          const { state } = await admin.getAccessToken({ username: ALICE }, ALICE)
          const form = admin.account('smtp', admin.grantIdOf(state), { username: SHARED })
          const result = await api.expect(201, 'POST', '/v1/validations', form)
          check(result.outcome === 'failed', `the validation ${result.outcome}`)
          const warnings = (result.warnings as string[]).join(' ')
          check(
            warnings.includes(`but accepted ${ALICE}`),
            `the accepted account is not named: ${warnings}`,
          )
          return expectFirstCause(result, 'shared-mailbox-smtp-identity')
        },
      ],
      [
        'A mail server that limits logins or hangs up proves nothing; one that refuses and hangs up does',
        async () => {
          const imap = await expectVerdictsOnFaults('imap', ALICE)
          return `${imap}; ${await expectVerdictsOnFaults('smtp', ALICE)}`
        },
      ],
      [
        'dave returns without consent: the page has the link for his admin',
        async () => {
          // A link for his own mailbox would end the sign-in that waits.
          const signIn = { username: SHARED, delegate: DAVE }
          const { page, state } = await admin.getAccessToken(signIn, DAVE, {
            returnWithoutConsent: true,
          })
          check(state.status === 'failed', `the sign-in is ${state.status}`)
          check(
            page.text.includes('your Microsoft 365 admin'),
            'the page does not say who must act',
          )
          check(page.text.includes('/adminconsent?'), 'the page lacks the admin-consent link')
          return expectFirstCause(state.problem, 'admin-consent-required')
        },
      ],
      [
        'The refreshes of erin and frank fail, each with its own diagnosis',
        async () => {
          const erin = await admin.saveShortLived(ERIN)
          const frank = await admin.saveShortLived(FRANK)
          await Promise.all([erin.expired(), frank.expired()])
          return [
            await expectRefusedRefresh(erin, 'mfa-or-interaction-required'),
            await expectRefusedRefresh(frank, 'refresh-token-expired'),
          ].join('; ')
        },
      ],
    ] as const,
    end: [
      [
        'The two sign-ins never returned: each has a hint, and its question leads to the cause',
        async () => {
          const results: string[] = []
          for (const signIn of abandonedSignIns) results.push(await expectHint(signIn))
          return results.join('; ')
        },
      ],
    ] as const,
  }
}
