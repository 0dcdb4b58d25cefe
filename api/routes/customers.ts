/** /v1/customers: the customers of a vendor, which one request suspends, resumes or deletes. */
import { z } from 'zod'
import { ListQuery } from '../../schema/common.ts'
import { CustomerName } from '../../schema/customer.ts'
import { CustomerDeletion, CustomerList, CustomerSummary } from '../../schema/customer-list.ts'
import { deleteCustomer, listCustomers, suspendCustomer } from '../domain/access/customers.ts'
import { ok } from '../model/result.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

export const customers = createRouter()
const operation = operationsOf(customers, 'Customers')
const params = z.object({ customer: CustomerName })

operation('get', '/customers', {
  scope: 'read',
  use: 'no_customers',
  operationId: 'listCustomers',
  summary: 'List customers by name',
  description:
    'A customer exists from the first request in which an unlimited caller uses its name. Keys with a limit cannot list customers.',
  query: ListQuery,
  returns: CustomerList,
  run: async ({ services, query }) => ok(await listCustomers(services, query)),
})

operation('post', '/customers/{customer}/suspend', {
  scope: 'admin',
  operationId: 'suspendCustomer',
  summary: 'Suspend a customer',
  description:
    'From now on its mailboxes get no access tokens, no sign-in links, no sign-ins, no validations and no test messages (409 `customer_suspended`). Scheduled validations skip them. Nothing is lost, and Mailgrant keeps refreshing the sign-ins. Tokens that were issued work until they expire. Idempotent.',
  params,
  returns: CustomerSummary,
  run: ({ services, call, params: { customer } }) =>
    suspendCustomer(services, call, customer, true),
})

operation('post', '/customers/{customer}/resume', {
  scope: 'admin',
  operationId: 'resumeCustomer',
  summary: 'Resume a suspended customer',
  description: 'Its mailboxes get access tokens, sign-ins and validations again. Idempotent.',
  params,
  returns: CustomerSummary,
  run: ({ services, call, params: { customer } }) =>
    suspendCustomer(services, call, customer, false),
})

operation('delete', '/customers/{customer}', {
  scope: 'admin',
  operationId: 'deleteCustomer',
  summary: 'Delete a customer with all its data',
  description:
    'Suspends the customer permanently and revokes its API keys, then deletes its sign-in links, webhooks, email accounts, grants, validations, stored responses and events. Only one event with the counts remains. With thousands of accounts, maintenance deletes the rest within an hour. Until then, lists show what is left, and a repeated request continues. The name can be used again once nothing is left, after ten minutes at the earliest (409 `customer_suspended`).',
  params,
  query: CustomerDeletion,
  status: 204,
  problems: ['confirmation_outdated'],
  run: ({ services, call, params: { customer }, query: { confirm } }) =>
    deleteCustomer(services, call, customer, confirm),
})
