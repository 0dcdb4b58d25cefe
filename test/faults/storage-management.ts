import { imapForm } from '../api/mail-world.ts'
import { savedAccount } from '../api/saved-account.ts'
import {
  forRequests,
  operations as ofDocument,
  otherRequests,
  requestOf,
} from '../api/trip-requests.ts'
import type { Operation } from './storage-operations.ts'

/** Operations with an entry of their own, which asks what a client gets afterwards, and two that only report. */
const TRIED_ELSEWHERE = [
  'getHealth',
  'getReadiness',
  'activateIntegration',
  'importGrant',
  'issueAccessToken',
  'promoteNextCredential',
  'replaceIntegrationSettings',
  'requestToken',
  'retryGrant',
  'sendTestMessage',
]

const MORE_REQUESTS = [
  'the page of a sign-in link',
  'Continue on that page',
  'createAuthorization with an Idempotency-Key',
  'createMailAccount with an Idempotency-Key',
  'the return of an admin who has consented',
]

/** The links of the first attempt are stored as hashes only: they expire, and no person has seen them. */
const LINKS = ['authorizations', 'authorization.created']
const VALIDATIONS = ['validations', 'validation.passed']

const MAY_REPEAT: Record<string, readonly string[]> = {
  createAdminConsentLink: ['admin_consents', 'admin_consent.created'],
  createAuthorization: LINKS,
  'createAuthorization with an Idempotency-Key': LINKS,
  // Without the response, no browser has the cookie of the session.
  createConsoleSession: ['console_sessions', 'console_session.opened'],
  redeliverWebhook: ['webhook.redelivered'],
  replaceMailAccount: ['mail_account.updated'],
  replaceNextCredential: ['integration.next_credential_set'],
  replaceWebhook: ['webhook.updated'],
  validateForm: VALIDATIONS,
  validateMailAccount: VALIDATIONS,
}

const requests = Object.entries({ ...ofDocument, ...otherRequests }).filter(
  ([name]) =>
    MORE_REQUESTS.includes(name) || (name in ofDocument && !TRIED_ELSEWHERE.includes(name)),
)

export const managementOperations: readonly Operation[] = [
  ...requests.map(
    ([name, prepare]): Operation => ({
      name,
      mayRepeat: MAY_REPEAT[name] ?? [],
      prepare: async (world) => {
        await world.activate()
        const ready = await forRequests(world)
        const request = requestOf(ready, await prepare(ready))
        return { act: () => world.send(request.clone()) }
      },
    }),
  ),
  {
    name: 'retry of a grant',
    prepare: async (world) => {
      const { grant, path } = await savedAccount(world)
      world.advance(2 * 3600)
      return {
        act: () => world.call('POST', `/v1/grants/${grant}/retry`),
        check: async () => {
          world.advance(2 * 3600)
          const { status } = await world.call('POST', path, {})
          return status === 200 ? [] : [`a caller gets ${status}`]
        },
      }
    },
  },
  {
    name: 'save with If-Match',
    prepare: async (world) => {
      const { id, grant } = await savedAccount(world)
      const form = imapForm(grant, { name: 'Changed', owner: { type: 'department', id: 'dep_1' } })
      return {
        act: () => world.call('PUT', `/v1/mail-accounts/${id}`, form, { 'if-match': '"1"' }),
        check: async () => {
          const { name } = await world.read(id)
          return name === 'Changed' ? [] : ['the change is lost']
        },
      }
    },
  },
]
