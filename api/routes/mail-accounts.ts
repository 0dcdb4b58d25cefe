/** /v1/mail-accounts and /v1/mailboxes: mailboxes and the way to log in to them. */
import { z } from 'zod'
import { MailAccountId } from '../../schema/common.ts'
import {
  MailAccount,
  MailAccountFilters,
  MailAccountInput,
  MailAccountList,
  MailAccountOwners,
  MailAccountQuery,
  MailAccountReplacement,
  MailAccountSummary,
  MailboxList,
  MailboxQuery,
  NewMailAccount,
} from '../../schema/mail-account.ts'
import {
  MailAccountBulkInput,
  type MailAccountBulkResult,
  MailAccountBulkResults,
} from '../../schema/mail-account-bulk.ts'
import { createMailAccount, createMailAccounts } from '../domain/mail-accounts/create.ts'
import {
  deleteMailAccount,
  listMailAccounts,
  listOwners,
  readMailAccount,
  replaceMailAccount,
  summarizeMailAccounts,
} from '../domain/mail-accounts/mail-accounts.ts'
import { listMailboxes } from '../domain/operations/mailboxes.ts'
import { ok } from '../model/result.ts'
import { type ProblemContent, problemBody } from '../problem.ts'
import { createRouter, validationProblem, whereOf } from './app-env.ts'
import { operationsOf } from './operation.ts'
import { toProblem } from './to-problem.ts'

export const MAX_BULK_BODY_BYTES = 1024 * 1024

export const mailAccounts = createRouter()
const operation = operationsOf(mailAccounts, 'Email accounts')
const params = z.object({ id: MailAccountId })
const saveProblems = [
  'customer_name_similar',
  'customer_suspended',
  'precondition_failed',
  'mail_host_not_allowed',
  'password_required',
  'account_mismatch',
  'protocol_not_granted',
  'protocol_not_enabled',
  'grant_not_usable',
] as const

operation('get', '/mail-accounts', {
  scope: 'read',
  operationId: 'listMailAccounts',
  summary: 'List email accounts',
  description:
    'Returns email accounts with their health, newest first unless `sort` states another order. Filters are combined with AND. Filter by `health` to find accounts that require attention. Accounts that do not change while you read pages appear exactly once; one whose place in the order changes may be repeated or missed.',
  query: MailAccountQuery,
  returns: MailAccountList,
  run: async ({ services, call, query }) => ok(await listMailAccounts(services, call, query)),
})

operation('get', '/mailboxes', {
  scope: 'read',
  operationId: 'listMailboxes',
  summary: 'List mailboxes with their email accounts',
  description:
    'Returns mailboxes by address, each with all its email accounts that the key can see, so that a page can show what reads a mailbox beside what sends from it. Takes the filters of the list of email accounts, and returns the mailboxes with at least one account that matches.',
  query: MailboxQuery,
  returns: MailboxList,
  run: async ({ services, call, query }) => ok(await listMailboxes(services, call, query)),
})

// These two come before the account with an id, which would otherwise match their names.

operation('get', '/mail-accounts/owners', {
  scope: 'read',
  operationId: 'listMailAccountOwners',
  summary: 'List the owners of email accounts',
  description:
    'Returns the departments, brands and other owners that have email accounts, and how many each has: to offer them as values of the filters `owner_type` and `owner_id`. Takes the filters of the list except `health`.',
  query: MailAccountFilters,
  returns: MailAccountOwners,
  run: async ({ services, call, query }) => ok(await listOwners(services, call, query)),
})

operation('get', '/mail-accounts/summary', {
  scope: 'read',
  operationId: 'summarizeMailAccounts',
  summary: 'Count email accounts by health',
  description:
    'Returns the number of email accounts and of mailboxes with each health. Takes the filters of the list except `health`. A key that is limited to some accounts counts only these.',
  query: MailAccountFilters,
  returns: MailAccountSummary,
  run: async ({ services, call, query }) => ok(await summarizeMailAccounts(services, call, query)),
})

operation('post', '/mail-accounts', {
  scope: 'write',
  use: 'own_accounts',
  operationId: 'createMailAccount',
  summary: 'Create an email account and keep its grant',
  description:
    "An unsaved grant is deleted after an hour unless an account is saved with it. Host, port and security default to Microsoft's. A validation of the same values within the last hour becomes the account's last validation, so validate the form first.",
  body: NewMailAccount,
  idempotent: {},
  status: 201,
  returns: MailAccount,
  etag: true,
  problems: [...saveProblems, 'mail_account_exists'],
  run: ({ services, call, body }) => createMailAccount(services, call, body),
})

operation('post', '/mail-accounts/bulk', {
  scope: 'write',
  use: 'own_accounts',
  operationId: 'createMailAccounts',
  summary: 'Create many email accounts',
  description:
    'Creates up to 500 email accounts. Every item has its own result, and a failed one does not affect the others, so check `failed` even if the status is 200. The body must not exceed 1 MiB. `Idempotency-Key` is required. Send the corrected items that failed with a new key. Validate the accounts afterwards.',
  body: MailAccountBulkInput,
  idempotent: { required: true },
  returns: MailAccountBulkResults,
  run: async ({ services, call, body, c }) => {
    const items = body.items.map((item) => MailAccountInput.safeParse(item))
    const rows = items.flatMap(({ data: input }, index) => (input ? [{ index, input }] : []))
    const created = await createMailAccounts(services, call, rows)
    const failure = (index: number, problem: ProblemContent): MailAccountBulkResult => ({
      index,
      status: 'failed',
      problem: problemBody(problem, whereOf(c)),
    })
    const results = items.map(({ error }, index): MailAccountBulkResult => {
      if (error) return failure(index, validationProblem('json', error).problem)
      const result = created.get(index)
      if (!result) throw new Error('An item without a result')
      if (!result.ok) return failure(index, toProblem(result.error))
      return { index, status: 'created', mail_account: result.value.value }
    })
    const failed = results.filter(({ status }) => status === 'failed').length
    return ok({ created: results.length - failed, failed, results })
  },
})

operation('get', '/mail-accounts/{id}', {
  scope: 'read',
  operationId: 'getMailAccount',
  summary: 'Get an email account',
  description:
    'Returns the account with its health, grant and last validation. Send the `ETag` as `If-Match` when you replace or delete the account; changes to health or tokens do not change it.',
  params,
  returns: MailAccount,
  etag: true,
  run: ({ services, call, params: { id } }) => readMailAccount(services, call, id),
})

operation('put', '/mail-accounts/{id}', {
  scope: 'write',
  operationId: 'replaceMailAccount',
  summary: 'Replace an email account; an unused grant is deleted',
  description:
    'Replaces all fields. Members that only Mailgrant sets are ignored, so you can send back what `GET` returned. Omitted fields get their defaults, except the password, which is kept while protocol, server and username are unchanged. If you send another grant, the previous one is deleted unless another account uses it. An account that sends cannot become one that reads, or the reverse.',
  params,
  ifMatch: 'optional',
  body: MailAccountReplacement,
  returns: MailAccount,
  etag: true,
  problems: [...saveProblems],
  run: ({ services, call, params: { id }, body, ifMatch }) =>
    replaceMailAccount(services, call, id, body, ifMatch),
})

operation('delete', '/mail-accounts/{id}', {
  scope: 'write',
  operationId: 'deleteMailAccount',
  summary: 'Delete an email account; an unused grant is deleted too',
  description:
    'Deletes the account and its password. Its grant and tokens are also deleted, unless another account uses the grant.',
  params,
  ifMatch: 'optional',
  status: 204,
  run: ({ services, call, params: { id }, ifMatch }) =>
    deleteMailAccount(services, call, id, ifMatch),
})
