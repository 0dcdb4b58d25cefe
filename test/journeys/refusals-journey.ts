/** What must be refused, or kept only on purpose: the wrong account, the unsaved form, the other app. */
import { type Admin, ALICE, HEIDI, HEIDI_SIGNS_IN_AS } from './admin.ts'
import type { Api } from './api.ts'
import { firstCause } from './first-cause.ts'
import { check } from './steps.ts'

export const refusalsJourney = (api: Api, admin: Admin) =>
  [
    [
      'Another account signs in, and is discarded',
      async () => {
        const { browser, page, state, id } = await admin.getAccessToken(
          { username: HEIDI },
          HEIDI_SIGNS_IN_AS,
        )
        check(state.status === 'pending', `it is ${state.status} before a decision`)
        check(
          page.text.includes(HEIDI) && page.text.includes(HEIDI_SIGNS_IN_AS),
          'the page does not name both accounts',
        )
        await browser.submit(page, { decision: 'discard' })
        const { status, problem } = await api.expect(200, 'GET', `/v1/authorizations/${id}`)
        check(status === 'failed', `after the discard it is ${status}`)
        const { code, detail } = problem as Record<string, string>
        check(
          detail?.includes(HEIDI) && detail.includes(HEIDI_SIGNS_IN_AS),
          `the problem does not name both accounts: ${detail}`,
        )
        return `${code}, ${firstCause(problem, 'account-mismatch')}`
      },
    ],
    [
      'Another account signs in, and is kept: saving asks for the delegate',
      async () => {
        const { browser, page, id } = await admin.getAccessToken(
          { username: HEIDI },
          HEIDI_SIGNS_IN_AS,
        )
        await browser.submit(page, { decision: 'keep' })
        const state = await api.expect(200, 'GET', `/v1/authorizations/${id}`)
        const form = admin.account('imap', admin.grantOf(state), { username: HEIDI })
        const refused = await api.expect(409, 'POST', '/v1/mail-accounts', form)
        check(refused.code === 'account_mismatch', `the code is ${refused.code}`)
        await admin.save({ ...form, delegate: HEIDI_SIGNS_IN_AS })
        return String(refused.detail)
      },
    ],
    [
      'A form that is never submitted keeps no token',
      async () => {
        const { state } = await admin.getAccessToken({ username: ALICE }, ALICE)
        const { status, expires_at } = state.grant as Record<string, string>
        const minutes = (Date.parse(expires_at ?? '') - Date.now()) / 60_000
        check(status === 'unsaved' && minutes > 0 && minutes <= 60, `${status}, ${minutes} minutes`)
        await api.expect(200, 'DELETE', `/v1/grants/${admin.grantOf(state)}`)
        return `unsaved, gone within ${Math.ceil(minutes)} minutes, or at once when deleted`
      },
    ],
    [
      'Another client ID is refused while grants depend on this one',
      async () => {
        const other = admin.settings(
          admin.facts().client_secret,
          '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
        )
        const answer = await api.expect(409, 'PUT', '/v1/integrations/microsoft/settings', other)
        check(answer.code === 'grants_depend', `the code is ${answer.code}`)
        return String(answer.detail)
      },
    ],
  ] as const
