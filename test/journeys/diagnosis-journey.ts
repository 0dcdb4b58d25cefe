/**
 * Why it does not connect: each person of the cast fails in a way of their own, and the true cause must
 * stand first. Where the sign-in never comes back, a hint must: that takes a minute, so these two begin
 * early and are read at the end.
 */
import { type Admin, ALICE, type Sandbox, SHARED } from './admin.ts'
import type { Api } from './api.ts'
import { diagnosisIn, firstCause } from './first-cause.ts'
import { check, until } from './steps.ts'

const BOB = 'bob@contoso.test'
const CAROL = 'carol@contoso.test'
const DAVE = 'dave@contoso.test'
const ERIN = 'erin@contoso.test'
const FRANK = 'frank@contoso.test'
const MALLORY = 'mallory@contoso.test'

/** A little more than the product waits before it hints, milliseconds. */
const HINT_AFTER = 60_500

export function diagnosisJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  const left: {
    who: string
    cause: string
    saw: string
    id: string
    statusUrl: string
    at: number
  }[] = []

  /** Signs in and stays on Microsoft's page, which says why: only the person can read that. */
  async function leave(who: string, cause: string): Promise<string> {
    const { id, statusUrl, state, page } = await admin.getAccessToken({ username: who }, who)
    check(state.status === 'pending', `${who} came back: ${state.status}`)
    check(state.hint === undefined, 'there is a hint before anybody could have come back')
    left.push({ who, cause, saw: page.text, id, statusUrl, at: Date.now() })
    return `${who} stands before "${page.title}"`
  }

  async function failing(protocol: 'imap' | 'smtp', who: string, cause: string) {
    const { state } = await admin.getAccessToken({ username: who }, who)
    const form = admin.account(protocol, admin.grantOf(state), { username: who })
    const result = await api.expect(201, 'POST', '/v1/validations', form)
    check(result.outcome === 'failed', `the validation ${result.outcome}`)
    return firstCause(result, cause)
  }

  async function refused(account: { id: string; grant: string }, cause: string): Promise<string> {
    const path = `/v1/mail-accounts/${account.id}/access-token`
    const problem = await api.expect(409, 'POST', path, {})
    const { problem: stored } = await api.expect(200, 'GET', `/v1/grants/${account.grant}`)
    firstCause(stored, cause)
    return `${problem.code}, ${firstCause(problem, cause)}`
  }

  async function hint({
    who,
    cause,
    saw,
    id,
    statusUrl,
    at,
  }: (typeof left)[number]): Promise<string> {
    await until(at + HINT_AFTER)
    const state = await api.expect(200, 'GET', `/v1/authorizations/${id}`)
    const { redirect_uri: uri } = await api.expect(
      200,
      'GET',
      '/v1/integrations/microsoft/settings',
    )
    const said = diagnosisIn(state, 'hint')
    const causes = said.candidates.map(({ cause }) => cause)
    check(said.verdict === 'ambiguous', `the hint for ${who} is ${said.verdict}`)
    for (const cause of [
      'admin-consent-required',
      'redirect-uri-mismatch',
      'conditional-access-block',
    ]) {
      check(causes.includes(cause), `the hint for ${who} lacks ${cause}: ${causes.join(', ')}`)
    }
    const text = JSON.stringify(said)
    check(text.includes(String(uri)), 'the hint does not name the redirect URI to register')
    check(/\/adminconsent\?/.test(text), 'the hint holds no admin-consent link')
    check(said.ask[0]?.includes('page'), `it asks "${said.ask[0]}", not what the page said`)
    const progress = await fetch(statusUrl).then((response) => response.json())
    check(JSON.stringify(diagnosisIn(progress, 'hint')) === text, 'the status URL hints otherwise')
    // The answer to what the hint asks: the text of the page, pasted.
    const pasted = await api.expect(200, 'POST', '/v1/diagnoses', {
      protocol: 'authorize',
      error: saw,
    })
    return `${who}: ${causes.length} causes; with the text of the page ${firstCause({ diagnosis: pasted }, cause)}`
  }

  return {
    begin: [
      [
        "Two sign-ins are left on Microsoft's page: a policy, and an admin who must approve",
        async () => {
          await sandbox.control({ tenant_consent: { tenant: 'contoso.test', granted: false } })
          const mallory = await leave(MALLORY, 'conditional-access-block')
          return `${mallory}, ${await leave(DAVE, 'admin-consent-required')}`
        },
      ],
    ] as const,
    middle: [
      [
        "bob's IMAP is switched off, and the diagnosis says so",
        () => failing('imap', BOB, 'imap-disabled-mailbox'),
      ],
      [
        "SMTP AUTH is off for carol's organisation, and the diagnosis says so",
        () => failing('smtp', CAROL, 'smtp-auth-disabled-tenant'),
      ],
      [
        'A shared mailbox without its delegate fails over SMTP, and the diagnosis says so',
        async () => {
          const { state } = await admin.getAccessToken({ username: ALICE }, ALICE)
          const form = admin.account('smtp', admin.grantOf(state), { username: SHARED })
          const result = await api.expect(201, 'POST', '/v1/validations', form)
          check(result.outcome === 'failed', `the validation ${result.outcome}`)
          const warnings = (result.warnings as string[]).join(' ')
          check(warnings.includes(`let ${ALICE} in`), `no word of who is let in: ${warnings}`)
          return firstCause(result, 'shared-mailbox-smtp-identity')
        },
      ],
      [
        'dave goes back without consent: the page holds the link for his admin',
        async () => {
          const { page, state } = await admin.getAccessToken({ username: DAVE }, DAVE, {
            goesBack: true,
          })
          check(state.status === 'failed', `it is ${state.status}`)
          check(/administrator/i.test(page.text), 'the page does not say who must act')
          check(page.text.includes('/adminconsent?'), 'the page holds no admin-consent link')
          return firstCause(state.problem, 'admin-consent-required')
        },
      ],
      [
        'erin and frank are refused at refresh, each for a cause of their own',
        async () => {
          const erin = await admin.saveShortLived(ERIN)
          const frank = await admin.saveShortLived(FRANK)
          await Promise.all([erin.ended(), frank.ended()])
          return [
            await refused(erin, 'mfa-or-interaction-required'),
            await refused(frank, 'refresh-token-expired'),
          ].join('; ')
        },
      ],
    ] as const,
    end: [
      [
        'Nobody came back from the two sign-ins: each has a hint, and its question leads to the cause',
        async () => {
          const said: string[] = []
          for (const each of left) said.push(await hint(each))
          return said.join('; ')
        },
      ],
    ] as const,
  }
}
