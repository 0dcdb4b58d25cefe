/**
 * Trips to the database that a response waits for, one after the other. D1 may be 50 ms away, so this is what a call
 * far from it takes. Calls in parallel count as one trip. The read of the API key is included.
 */
import { describe, expect, it } from 'vitest'
import { document } from '../../api/openapi/document.ts'
import { createMailWorld } from './mail-world.ts'
import { operationsOf } from './openapi-reading.ts'
import { rowsOf, startSignIn } from './sign-in.ts'
import { createTripWorld, operations, otherRequests, requestOf } from './trip-requests.ts'

const DAVE = 'dave@contoso.test'

/**
 * One trip reads the caller and one the response. For a write, one reads the caller with what the write depends on, and
 * one writes.
 */
const MOST_TO_READ = 2
const MOST_TO_WRITE = 3

/** Mail workers wait for these before every login. */
const ISSUE = { issueAccessToken: 1, requestToken: 1 }

/** Requests that need more trips: they read what they have written, read two things in turn, or refresh a token. */
const MORE: Record<string, number> = {
  deactivateIntegration: 4,
  replaceIntegrationSettings: 4,
  promoteNextCredential: 5,
  listCustomers: 3,
  'listMailboxes with days': 3,
  deleteCustomer: 5,
  importGrant: 4,
  retryGrant: 5,
  replaceWebhook: 4,
  rotateWebhookSecret: 4,
  'the callback of a sign-in': 3,
  'the callback of a sign-in that reconnects at once': 3,
  'the callback of a sign-in with another account': 3,
  'a status with a hint, after a minute': 4,
  createMailAccounts: 4,
  'createAuthorization with an Idempotency-Key': 4,
  'createMailAccount with an Idempotency-Key': 4,
  'validateMailAccount with an Idempotency-Key': 4,
  'createWebhook for messages by email': 4,
  'validateMailAccount with a refresh': 6,
}

const most: Record<string, number> = { ...MORE, ...ISSUE }

describe('a response waits for the database', () => {
  it.each(Object.entries({ ...operations, ...otherRequests }))(
    'no more often than it must: %s',
    async (name, prepare) => {
      const world = await createTripWorld()
      const request = requestOf(world, await prepare(world))
      const usual = request.method === 'GET' ? MOST_TO_READ : MOST_TO_WRITE
      const { response, trips } = await world.far.send(world.app, request)
      expect(response.status, await response.clone().text()).toBeLessThan(400)
      expect(trips.length, JSON.stringify(trips, null, 2)).toBeLessThanOrEqual(most[name] ?? usual)
    },
  )

  it('4 times to store that an admin must consent, with the link for them', async () => {
    const world = await createTripWorld()
    const { back, cookie, id } = await startSignIn(world, DAVE, { username: DAVE })
    const callback = new Request(back, { headers: { cookie } })
    const { response, trips } = await world.far.send(world.app, callback)
    expect(response.status).toBe(400)
    expect(trips).toHaveLength(4)
    const stored = await rowsOf(world, 'authorizations')
    expect(stored).toMatchObject([{ id, status: 'failed', admin_link_sealed: expect.any(String) }])
  })

  it('as is counted here, for every operation of the document', async () => {
    const { app } = await createMailWorld()
    const documented = operationsOf(document(app)).map(({ operation }) => operation.operationId)
    expect(Object.keys(operations).toSorted()).toEqual(documented.toSorted())
  })
})
