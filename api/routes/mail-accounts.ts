/** /v1/mail-accounts and /v1/mailboxes: mailboxes and the way to log in to them. */
import { createRoute, z } from '@hono/zod-openapi'
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
import { type ProblemContent, problemBody, problems } from '../problem.ts'
import { callOf, createRouter, validationProblem, whereOf } from './app-env.ts'
import { etag, etagHeader, IfMatch, ifMatchVersion } from './etag.ts'
import { requireScope } from './guard.ts'
import { IdempotencyKey, idempotent, RequiredIdempotencyKey } from './idempotency.ts'
import { jsonBody, jsonResponse } from './json.ts'
import { toProblem, unwrap } from './to-problem.ts'

export const MAX_BULK_BODY_BYTES = 1024 * 1024

const tags = ['Email accounts']
const params = z.object({ id: MailAccountId })
const withEtag = (description: string) => ({
  ...jsonResponse(description, MailAccount),
  headers: etagHeader,
})
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

const list = createRoute({
  method: 'get',
  path: '/mail-accounts',
  ...requireScope('read'),
  operationId: 'listMailAccounts',
  tags,
  summary: 'List email accounts',
  description:
    'Returns email accounts with their health, newest first unless `sort` states another order. Filters are combined with AND. Filter by `health` to find accounts that require attention. Accounts that do not change while you read pages appear exactly once; one whose place in the order changes may be repeated or missed.',
  request: { query: MailAccountQuery },
  responses: {
    200: jsonResponse('A page of email accounts.', MailAccountList),
  },
})

const mailboxes = createRoute({
  method: 'get',
  path: '/mailboxes',
  ...requireScope('read'),
  operationId: 'listMailboxes',
  tags,
  summary: 'List mailboxes with their email accounts',
  description:
    'Returns mailboxes by address, each with all its email accounts that the key can see, so that a page can show what reads a mailbox beside what sends from it. Takes the filters of the list of email accounts, and returns the mailboxes with at least one account that matches.',
  request: { query: MailboxQuery },
  responses: {
    200: jsonResponse('A page of mailboxes.', MailboxList),
  },
})

const summary = createRoute({
  method: 'get',
  path: '/mail-accounts/summary',
  ...requireScope('read'),
  operationId: 'summarizeMailAccounts',
  tags,
  summary: 'Count email accounts by health',
  description:
    'Returns the number of email accounts and of mailboxes with each health. Takes the filters of the list except `health`. A key that is limited to some accounts counts only these.',
  request: { query: MailAccountFilters },
  responses: {
    200: jsonResponse('The counts.', MailAccountSummary),
  },
})

const owners = createRoute({
  method: 'get',
  path: '/mail-accounts/owners',
  ...requireScope('read'),
  operationId: 'listMailAccountOwners',
  tags,
  summary: 'List the owners of email accounts',
  description:
    'Returns the departments, brands and other owners that have email accounts, and how many each has: to offer them as values of the filters `owner_type` and `owner_id`. Takes the filters of the list except `health`.',
  request: { query: MailAccountFilters },
  responses: {
    200: jsonResponse('The owners.', MailAccountOwners),
  },
})

const create = createRoute({
  method: 'post',
  path: '/mail-accounts',
  ...idempotent(requireScope('write', { use: 'own_accounts' })),
  operationId: 'createMailAccount',
  tags,
  summary: 'Create an email account and keep its grant',
  description:
    "An unsaved grant is deleted after an hour unless an account is saved with it. The grant is then refreshed for as long as an account uses it. Host, port and security default to Microsoft's. A validation of the same values within the last hour becomes the account's last validation, so validate the form first.",
  request: { headers: IdempotencyKey, ...jsonBody(NewMailAccount) },
  responses: {
    201: withEtag('Created.'),
    ...problems(...saveProblems, 'mail_account_exists'),
  },
})

const createBulk = createRoute({
  method: 'post',
  path: '/mail-accounts/bulk',
  ...idempotent(requireScope('write', { use: 'own_accounts' })),
  operationId: 'createMailAccounts',
  tags,
  summary: 'Create many email accounts',
  description:
    'Creates up to 500 email accounts, such as those of another product: app-only, with a password, or with the grants of sign-ins and imports. Every item has its own result, and a failed one does not affect the others: read `failed` even though the status is 200. The body must not exceed 1 MiB. `Idempotency-Key` is required. Send the corrected items that failed as a new request with a new key. Logins are not tried: validate the accounts afterwards.',
  request: { headers: RequiredIdempotencyKey, ...jsonBody(MailAccountBulkInput) },
  responses: {
    200: jsonResponse('A result for each item.', MailAccountBulkResults),
  },
})

const get = createRoute({
  method: 'get',
  path: '/mail-accounts/{id}',
  ...requireScope('read'),
  operationId: 'getMailAccount',
  tags,
  summary: 'Get an email account',
  description:
    'Returns the account with its health, grant and last validation. Send the `ETag` as `If-Match` when you replace or delete the account; changes to health or tokens do not change it.',
  request: { params },
  responses: { 200: withEtag('The email account.') },
})

const replace = createRoute({
  method: 'put',
  path: '/mail-accounts/{id}',
  ...requireScope('write'),
  operationId: 'replaceMailAccount',
  tags,
  summary: 'Replace an email account; an unused grant is deleted',
  description:
    'Replaces all fields; members that only Mailgrant sets are ignored, so that what `GET` returned can be sent back. Omitted fields get their defaults, except the password, which is kept while protocol, server and username are unchanged. If you send another grant, the previous one is deleted unless another account uses it. An account that sends cannot become one that reads, or the other way round.',
  request: { params, headers: IfMatch, ...jsonBody(MailAccountReplacement) },
  responses: {
    200: withEtag('Replaced.'),
    ...problems(...saveProblems),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/mail-accounts/{id}',
  ...requireScope('write'),
  operationId: 'deleteMailAccount',
  tags,
  summary: 'Delete an email account; an unused grant is deleted too',
  description:
    'Deletes the account and its password. Its grant and tokens are also deleted, unless another account uses the grant.',
  request: { params, headers: IfMatch },
  responses: {
    204: { description: 'Deleted.' },
  },
})

export const mailAccounts = createRouter()
  .openapi(list, async (c) =>
    c.json(await listMailAccounts(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(mailboxes, async (c) =>
    c.json(await listMailboxes(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  // These two come before the account with an id, which would otherwise match their names.
  .openapi(owners, async (c) =>
    c.json(await listOwners(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(summary, async (c) =>
    c.json(await summarizeMailAccounts(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(create, async (c) => {
    const saved = unwrap(await createMailAccount(c.get('services'), callOf(c), c.req.valid('json')))
    return c.json(saved.value, 201, { etag: etag(saved.version) })
  })
  .openapi(createBulk, async (c) => {
    const items = c.req.valid('json').items.map((item) => MailAccountInput.safeParse(item))
    const rows = items.flatMap(({ data: input }, index) => (input ? [{ index, input }] : []))
    const created = await createMailAccounts(c.get('services'), callOf(c), rows)
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
    return c.json({ created: results.length - failed, failed, results }, 200)
  })
  .openapi(get, async (c) => {
    const found = unwrap(
      await readMailAccount(c.get('services'), callOf(c), c.req.valid('param').id),
    )
    return c.json(found.value, 200, { etag: etag(found.version) })
  })
  .openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    const input = c.req.valid('json')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    const saved = unwrap(await replaceMailAccount(c.get('services'), callOf(c), id, input, ifMatch))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    unwrap(await deleteMailAccount(c.get('services'), callOf(c), id, ifMatch))
    return c.body(null, 204)
  })
