/** The audit trail, and histories: what worked on which day, and what happened to an email account. */
import { z } from 'zod'
import { ListQuery, MailAccountId } from '../../schema/common.ts'
import { EventList, EventQuery } from '../../schema/event.ts'
import { History, HistoryQuery, MailAccountHistory } from '../../schema/history.ts'
import { TokenUseList } from '../../schema/token-use.ts'
import { listEvents } from '../domain/events.ts'
import { listTokenUses, readAccountHistory, readHistory } from '../domain/operations/history.ts'
import { ok } from '../model/result.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

export const history = createRouter()
const operation = operationsOf(history, 'Email accounts')
const params = z.object({ id: MailAccountId })

operation('get', '/mail-accounts/{id}/history', {
  scope: 'read',
  operationId: 'getMailAccountHistory',
  summary: 'Get the history of an email account',
  description:
    'Returns its validations of the last days, one item per day, and a timeline in words. It includes validations of the saved values, scheduled or on request. Those of a form count once it is saved with these values. Days are kept for 90 days.',
  params,
  query: HistoryQuery,
  returns: MailAccountHistory,
  run: ({ services, call, params: { id }, query: { days } }) =>
    readAccountHistory(services, call, id, days),
})

operation('get', '/mail-accounts/{id}/token-uses', {
  scope: 'read',
  operationId: 'listTokenUses',
  summary: 'List who fetched access tokens of an email account',
  description:
    'Returns one item per API key, client address and hour (UTC) in which a token was issued, the newest day first. They are kept for 90 days and deleted with the account. Refused calls are not listed, but `access.refused` is among the events. The first token of an hour is recorded right after the response, and the others once the hour is over. On your own server, this list includes them immediately. On Cloudflare, a Worker that ends before then loses their number.',
  params,
  query: ListQuery,
  returns: TokenUseList,
  run: ({ services, call, params: { id }, query }) => listTokenUses(services, call, id, query),
})

operationsOf(history, 'Operating')('get', '/history', {
  scope: 'read',
  operationId: 'getHistory',
  summary: 'Get the history of all email accounts together',
  description:
    'Returns, for each of the last days, the results of validations of all email accounts that the key can read, how many accounts waited for a person, and the requests for access tokens. Validations of accounts that were deleted since are included, unless the key is restricted. Days are kept for 90 days.',
  query: HistoryQuery,
  returns: History,
  run: async ({ services, call, query: { days } }) => ok(await readHistory(services, call, days)),
})

export const events = createRouter()

operationsOf(events, 'Events')('get', '/events', {
  scope: 'admin',
  customerScope: 'read',
  operationId: 'listEvents',
  summary: 'List audit events, newest first',
  description:
    "Returns who did what, including Mailgrant's automatic actions. Events never contain secrets. Filter by `type` or by `subject`, the id of the resource that an event is about. A key with a customer needs `read`, and sees the events of that customer.",
  query: EventQuery,
  returns: EventList,
  run: async ({ services, call, query }) => ok(await listEvents(services, call, query)),
})
