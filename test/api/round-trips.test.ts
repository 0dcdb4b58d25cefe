/**
 * Trips to the database that a response waits for, one after the other. D1 may be 50 ms away, so this is what a call
 * far from it takes. Calls in parallel count as one trip. The read of the API key is included.
 */
import { describe, expect, it } from 'vitest'
import { createApp } from '../../api/app.ts'
import { document } from '../../api/openapi/document.ts'
import { PUBLIC_URL } from './harness.ts'
import { createMailWorld } from './mail-world.ts'
import { operationsOf } from './openapi-reading.ts'
import { rowsOf, startSignIn } from './sign-in.ts'
import {
  createTripWorld,
  operations,
  otherRequests,
  type Prepare,
  requestOf,
} from './trip-requests.ts'

const DAVE = 'dave@contoso.test'

/** Trips of the first request of a caller in an isolate, and of a caller whose rights are known there. */
type Trips = [first: number, known: number]

const OPERATIONS: Record<string, Trips> = {
  getHealth: [0, 0],
  getReadiness: [1, 1],
  listIntegrations: [2, 1],
  getIntegration: [2, 1],
  activateIntegration: [3, 2],
  deactivateIntegration: [4, 3],
  getIntegrationSettings: [2, 1],
  replaceIntegrationSettings: [4, 3],
  verifyIntegrationSettings: [3, 2],
  getSetupGuide: [2, 1],
  replaceNextCredential: [3, 3],
  deleteNextCredential: [2, 2],
  promoteNextCredential: [5, 4],
  createAdminConsentLink: [3, 2],
  createAuthorization: [3, 2],
  getAuthorization: [2, 1],
  listGrants: [2, 1],
  importGrant: [4, 3],
  getGrant: [2, 1],
  deleteGrant: [3, 2],
  retryGrant: [5, 4],
  listMailAccounts: [2, 1],
  createMailAccount: [3, 2],
  listMailAccountOwners: [2, 1],
  summarizeMailAccounts: [2, 1],
  createMailAccounts: [3, 3],
  getMailAccount: [2, 1],
  replaceMailAccount: [3, 2],
  deleteMailAccount: [3, 2],
  getMailAccountHistory: [2, 1],
  getHistory: [2, 1],
  issueAccessToken: [1, 1],
  validateForm: [3, 2],
  validateMailAccount: [3, 2],
  getValidation: [2, 1],
  sendTestMessage: [3, 2],
  createDiagnosis: [3, 2],
  listCauses: [1, 1],
  listEvents: [2, 1],
  getKeyRing: [2, 1],
  listApiKeys: [2, 1],
  createApiKey: [3, 2],
  getApiKey: [2, 1],
  revokeApiKey: [3, 2],
  confirmApiKey: [4, 3],
  reportRestore: [2, 2],
  listWebhooks: [2, 1],
  createWebhook: [2, 2],
  getWebhook: [2, 1],
  replaceWebhook: [4, 3],
  deleteWebhook: [2, 2],
  rotateWebhookSecret: [4, 3],
  testWebhook: [3, 2],
  listWebhookDeliveries: [2, 1],
  redeliverWebhook: [3, 2],
  listConsoleSessions: [2, 1],
  endConsoleSession: [3, 2],
  getMetrics: [2, 1],
  requestToken: [1, 1],
  getAuthorizationServerMetadata: [1, 1],
  getOpenIdConfiguration: [1, 1],
  getKeySet: [1, 1],
  getAuthorizationProgress: [1, 1],
  createConsoleSession: [2, 2],
  getConsoleSession: [1, 1],
  deleteConsoleSession: [2, 2],
  getSignInMethods: [1, 1],
}

const OTHERS: Record<string, Trips> = {
  'the page of a sign-in link': [1, 1],
  'Continue on that page': [2, 2],
  'the callback of a sign-in': [3, 3],
  'the callback of a sign-in that reconnects at once': [3, 3],
  'the callback of a sign-in with another account': [3, 3],
  'the decision to keep another account': [2, 2],
  'the start of a sign-in from a page of our own': [2, 2],
  'the return of an admin who has consented': [2, 2],
  'the start of a sign-in to the console': [1, 1],
  'the callback of a sign-in to the console': [2, 2],
  'a status with a hint, after a minute': [3, 2],
  'the status of a completed sign-in': [2, 1],
  'the next status for the page that waits, once the hint has a link': [1, 1],
  'createAuthorization to reconnect at once': [3, 2],
  'createAuthorization with an Idempotency-Key': [3, 3],
  'createMailAccount with an Idempotency-Key': [3, 3],
  'createMailAccount, repeated with its Idempotency-Key': [2, 2],
  'validateMailAccount with an Idempotency-Key': [3, 3],
  'createWebhook for messages by email': [4, 3],
  'issueAccessToken with a refresh': [3, 3],
  'validateMailAccount with a refresh': [6, 5],
  "listMailAccounts in a key's session": [2, 1],
  "listMailAccounts in a person's session": [2, 1],
}

/** Returns the statements of each trip, for both. */
async function measure(prepare: Prepare): Promise<[first: string[][], known: string[][]]> {
  const world = await createTripWorld()
  async function trips(isKnown: boolean): Promise<string[][]> {
    const request = requestOf(world, await prepare(world))
    const isolate = createApp(world.services)
    if (isKnown) {
      // Another request with the same credential.
      const headers = new Headers(request.headers)
      headers.delete('content-type')
      const other = new Request(`${PUBLIC_URL}/v1/diagnoses/causes`, { headers })
      await world.far.send(isolate, other)
    }
    const { response, trips } = await world.far.send(isolate, request)
    expect(response.status, await response.clone().text()).toBeLessThan(400)
    return trips.map(({ sql }) => sql)
  }
  return [await trips(false), await trips(true)]
}

describe('a response waits for the database', () => {
  const requests = { ...operations, ...otherRequests }
  for (const [name, [first, known]] of Object.entries({ ...OPERATIONS, ...OTHERS })) {
    it(`${first} times, and ${known} times once its caller is known: ${name}`, async () => {
      const prepare = requests[name]
      if (!prepare) throw new Error(`There is no request for ${name}`)
      const measured = await measure(prepare)
      const numbers = measured.map((trips) => trips.length)
      expect(numbers, JSON.stringify(measured, null, 2)).toEqual([first, known])
    })
  }

  it('3 times to store that an admin must consent, with the link for them', async () => {
    const world = await createTripWorld()
    const { back, cookie, id } = await startSignIn(world, DAVE, { username: DAVE })
    const callback = new Request(back, { headers: { cookie } })
    const { response, trips } = await world.far.send(world.app, callback)
    expect(response.status).toBe(400)
    expect(trips).toHaveLength(3)
    const stored = await rowsOf(world, 'authorizations')
    expect(stored).toMatchObject([{ id, status: 'failed', admin_link_sealed: expect.any(String) }])
  })

  it('as often as stated here, for every operation of the document', async () => {
    const { app } = await createMailWorld()
    const documented = operationsOf(document(app)).map(({ operation }) => operation.operationId)
    expect(Object.keys(OPERATIONS).toSorted()).toEqual(documented.toSorted())
    expect(Object.keys(OTHERS).toSorted()).toEqual(Object.keys(otherRequests).toSorted())
  })
})
