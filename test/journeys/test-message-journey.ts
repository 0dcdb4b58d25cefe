/** Test messages: one that arrives in the inbox of its recipient, and one that Exchange refuses. */
import { type Admin, ALICE, SHARED } from './admin.ts'
import type { Api } from './api.ts'
import { expectFirstCause } from './first-cause.ts'
import { countInbox } from './imap-login.ts'
import { check } from './steps.ts'

export const testMessageJourney = (api: Api, admin: Admin, inbox: () => string) =>
  [
    [
      'Send a test message: it arrives in the inbox of the recipient',
      async () => {
        const [, smtp = ''] = admin.savedAccounts
        const count = async () => countInbox(await admin.issueToken(inbox()), admin.facts().ca)
        const before = await count()
        const sent = await api.expect(201, 'POST', pathOf(smtp), { to: ALICE })
        check(sent.sent === true, `${sent.outcome}: ${JSON.stringify(sent.steps)}`)
        const after = await count()
        check(after === before + 1, `the inbox has ${after} messages instead of ${before + 1}`)
        return `accepted, and message ${after} of ${ALICE}`
      },
    ],
    [
      'A From address without Send As: the login passes, and sending is refused',
      async () => {
        const [, smtp = ''] = admin.savedAccounts
        const form = admin.account('smtp', await grantOf(api, smtp))
        const path = `/v1/mail-accounts/${smtp}`
        await api.expect(200, 'PUT', path, { ...form, from: 'ceo@contoso.test' })
        const { outcome } = await api.expect(201, 'POST', `${path}/validate`)
        check(outcome === 'passed', `the login has ${outcome}`)
        const result = await api.expect(201, 'POST', pathOf(smtp), { to: SHARED })
        await api.expect(200, 'PUT', path, form)
        check(result.sent === false, `sent is ${result.sent}`)
        return expectFirstCause(result, 'send-as-denied')
      },
    ],
  ] as const

const pathOf = (id: string) => `/v1/mail-accounts/${id}/test-message`

async function grantOf(api: Api, id: string): Promise<string> {
  const { grant } = await api.expect(200, 'GET', `/v1/mail-accounts/${id}`)
  return (grant as { id: string }).id
}
