/** /v1/customers: the customers of a vendor, which one request suspends, resumes or deletes. */
import { createRoute, z } from '@hono/zod-openapi'
import { ListQuery } from '../../schema/common.ts'
import { CustomerName } from '../../schema/customer.ts'
import { CustomerDeletion, CustomerList, CustomerSummary } from '../../schema/customer-list.ts'
import { deleteCustomer, listCustomers, suspendCustomer } from '../domain/access/customers.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { requireScope } from './guard.ts'
import { jsonResponse, withoutFields } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Customers']
const params = z.object({ customer: CustomerName })

const list = createRoute({
  method: 'get',
  path: '/customers',
  ...requireScope('read', { use: 'no_customers' }),
  operationId: 'listCustomers',
  tags,
  summary: 'List customers by name',
  description:
    'A customer exists from the first request in which an unlimited caller uses its name. Keys with a limit cannot list customers.',
  request: { query: ListQuery },
  responses: {
    200: jsonResponse('A page of customers.', CustomerList),
  },
})

const suspend = createRoute({
  method: 'post',
  path: '/customers/{customer}/suspend',
  ...withoutFields(requireScope('admin')),
  operationId: 'suspendCustomer',
  tags,
  summary: 'Suspend a customer',
  description:
    'From now on its mailboxes get no access tokens, no sign-in links, no sign-ins, no validations and no test messages (409 `customer_suspended`). Scheduled validations skip them. Nothing is lost, and Mailgrant keeps refreshing the sign-ins. Tokens that were issued work until they expire. Idempotent.',
  request: { params },
  responses: {
    200: jsonResponse('The customer.', CustomerSummary),
  },
})

const resume = createRoute({
  method: 'post',
  path: '/customers/{customer}/resume',
  ...withoutFields(requireScope('admin')),
  operationId: 'resumeCustomer',
  tags,
  summary: 'Resume a suspended customer',
  description: 'Its mailboxes get access tokens, sign-ins and validations again. Idempotent.',
  request: { params },
  responses: {
    200: jsonResponse('The customer.', CustomerSummary),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/customers/{customer}',
  ...requireScope('admin'),
  operationId: 'deleteCustomer',
  tags,
  summary: 'Delete a customer with all its data',
  description:
    'Suspends it for good and revokes its API keys first, then deletes its sign-in links, webhooks, email accounts, grants, validations, stored responses and events. One event with the counts stays. If there is too much for one request, as with thousands of accounts, maintenance deletes the rest within an hour. Until then lists show what is left, and a repeated request continues. The name can be used again once nothing is left, after ten minutes at the earliest (409 `customer_suspended`). The customer can remove the app in its own tenant; Mailgrant cannot.',
  request: { params, query: CustomerDeletion },
  responses: {
    204: { description: 'Deleted.' },
    ...problems('confirmation_outdated'),
  },
})

export const customers = createRouter()
  .openapi(list, async (c) =>
    c.json(await listCustomers(c.get('services'), c.req.valid('query')), 200),
  )
  .openapi(suspend, async (c) => {
    const { customer } = c.req.valid('param')
    return c.json(unwrap(await suspendCustomer(c.get('services'), callOf(c), customer, true)), 200)
  })
  .openapi(resume, async (c) => {
    const { customer } = c.req.valid('param')
    return c.json(unwrap(await suspendCustomer(c.get('services'), callOf(c), customer, false)), 200)
  })
  .openapi(remove, async (c) => {
    const { customer } = c.req.valid('param')
    const { confirm } = c.req.valid('query')
    unwrap(await deleteCustomer(c.get('services'), callOf(c), customer, confirm))
    return c.body(null, 204)
  })
