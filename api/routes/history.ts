/** The audit trail, and histories: what worked on which day, and what happened to an email account. */
import { createRoute, z } from '@hono/zod-openapi'
import { ListQuery, MailAccountId } from '../../schema/common.ts'
import { EventList, EventQuery } from '../../schema/event.ts'
import { History, HistoryQuery, MailAccountHistory } from '../../schema/history.ts'
import { TokenUseList } from '../../schema/token-use.ts'
import { listEvents } from '../domain/events.ts'
import { listTokenUses, readAccountHistory, readHistory } from '../domain/operations/history.ts'
import { callOf, createRouter } from './app-env.ts'
import { requireScope } from './guard.ts'
import { jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

const ofAccount = createRoute({
  method: 'get',
  path: '/mail-accounts/{id}/history',
  ...requireScope('read'),
  operationId: 'getMailAccountHistory',
  tags: ['Email accounts'],
  summary: 'Get the history of an email account',
  description:
    'Returns its validations of the last days, one item per day, and a timeline in words. It includes validations of the saved values, scheduled or on request. Those of a form count once it is saved with these values. Days are kept for 90 days.',
  request: { params: z.object({ id: MailAccountId }), query: HistoryQuery },
  responses: {
    200: jsonResponse('The history.', MailAccountHistory),
  },
})

const tokenUses = createRoute({
  method: 'get',
  path: '/mail-accounts/{id}/token-uses',
  ...requireScope('read'),
  operationId: 'listTokenUses',
  tags: ['Email accounts'],
  summary: 'List who fetched access tokens of an email account',
  description:
    'Returns one item per API key, client address and hour (UTC) in which a token was issued, the newest day first. They are kept for 90 days and deleted with the account. Refused calls are not listed; see `access.refused` in the events. The first token of an hour is recorded right after the response, the others of that hour once it is over. On your own server, this list includes them at once. On Cloudflare, a Worker that ends before then loses the number of these others, and a first one that could not be written.',
  request: { params: z.object({ id: MailAccountId }), query: ListQuery },
  responses: {
    200: jsonResponse('A page of uses.', TokenUseList),
  },
})

const ofAll = createRoute({
  method: 'get',
  path: '/history',
  ...requireScope('read'),
  operationId: 'getHistory',
  tags: ['Operating'],
  summary: 'Get the history of all email accounts together',
  description:
    'Returns, for each of the last days, the results of validations of all email accounts that the key can read, how many accounts waited for a person, and the requests for access tokens. Validations of accounts that were deleted since are included, unless the key is restricted. Days are kept for 90 days.',
  request: { query: HistoryQuery },
  responses: {
    200: jsonResponse('The history.', History),
  },
})

export const history = createRouter()
  .openapi(ofAccount, async (c) => {
    const { id } = c.req.valid('param')
    const { days } = c.req.valid('query')
    return c.json(unwrap(await readAccountHistory(c.get('services'), callOf(c), id, days)), 200)
  })
  .openapi(tokenUses, async (c) => {
    const { id } = c.req.valid('param')
    const query = c.req.valid('query')
    return c.json(unwrap(await listTokenUses(c.get('services'), callOf(c), id, query)), 200)
  })
  .openapi(ofAll, async (c) => {
    const { days } = c.req.valid('query')
    return c.json(await readHistory(c.get('services'), callOf(c), days), 200)
  })

const list = createRoute({
  method: 'get',
  path: '/events',
  ...requireScope('admin', { customerScope: 'read' }),
  operationId: 'listEvents',
  tags: ['Events'],
  summary: 'List audit events, newest first',
  description:
    "Returns who did what, including Mailgrant's automatic actions. Events never contain secrets. Filter by `type` or by `subject`, the id of the resource that an event is about. A key with a customer needs `read`, and sees the events of that customer.",
  request: { query: EventQuery },
  responses: {
    200: jsonResponse('A page of events.', EventList),
  },
})

export const events = createRouter().openapi(list, async (c) =>
  c.json(await listEvents(c.get('services'), callOf(c), c.req.valid('query')), 200),
)
