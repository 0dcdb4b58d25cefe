/** Cases that must be refused or confirmed: the wrong account, the unsaved form, another app. */
import { unwrap } from '../examples/client.ts'
import { type Admin, ALICE, HEIDI, HEIDI_SIGNS_IN_AS } from './admin.ts'
import type { Api } from './api.ts'
import { expectFirstCause } from './first-cause.ts'
import { check } from './steps.ts'

export const refusalsJourney = (api: Api, admin: Admin) =>
  [
    [
      'Another account signs in and is discarded',
      async () => {
        const { browser, page, state, id } = await admin.getAccessToken(
          { username: HEIDI },
          HEIDI_SIGNS_IN_AS,
        )
        check(state.status === 'pending', `the sign-in is ${state.status} before a decision`)
        check(
          page.text.includes(HEIDI) && page.text.includes(HEIDI_SIGNS_IN_AS),
          'the page does not name both accounts',
        )
        await browser.submit(page, { decision: 'discard' })
        const { status, problem } = await api.expect(200, 'GET', `/v1/authorizations/${id}`)
        check(status === 'failed', `the sign-in is ${status} after being discarded`)
        const { code, detail } = problem as Record<string, string>
        check(
          detail?.includes(HEIDI) && detail.includes(HEIDI_SIGNS_IN_AS),
          `the problem does not name both accounts: ${detail}`,
        )
        return `${code}, ${expectFirstCause(problem, 'account-mismatch')}`
      },
    ],
    [
      'Another account signs in and is kept: saving requires a delegate',
      async () => {
        const { browser, page, id } = await admin.getAccessToken(
          { username: HEIDI },
          HEIDI_SIGNS_IN_AS,
        )
        await browser.submit(page, { decision: 'keep' })
        const params = { path: { id } }
        const state = await unwrap(api.client.GET('/v1/authorizations/{id}', { params }))
        const form = admin.account('imap', admin.grantIdOf(state), { username: HEIDI })
        const refused = await api.expect(409, 'POST', '/v1/mail-accounts', form)
        check(refused.code === 'account_mismatch', `the code is ${refused.code}`)
        await admin.save({ ...form, delegate: HEIDI_SIGNS_IN_AS })
        return String(refused.detail)
      },
    ],
    [
      'The token of a form that is never saved is deleted',
      async () => {
        const { state } = await admin.getAccessToken({ username: ALICE }, ALICE)
        const { id, status, expires_at } = admin.grantOf(state)
        const minutes = (Date.parse(expires_at ?? '') - Date.now()) / 60_000
        check(status === 'unsaved' && minutes > 0 && minutes <= 60, `${status}, ${minutes} minutes`)
        await api.expect(200, 'DELETE', `/v1/grants/${id}`)
        return `unsaved, expires within ${Math.ceil(minutes)} minutes; deleted early on request`
      },
    ],
    [
      'Another client ID is refused while grants depend on the current one',
      async () => {
        const other = admin.settings(
          admin.facts().client_secret,
          '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
        )
        const response = await api.expect(409, 'PUT', '/v1/integrations/microsoft/settings', other)
        check(response.code === 'grants_depend', `the code is ${response.code}`)
        return String(response.detail)
      },
    ],
  ] as const
