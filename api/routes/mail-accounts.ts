/** /v1/mail-accounts: mailboxes and how to log in to them. */
import { createRoute, z } from '@hono/zod-openapi'
import { MailAccountId } from '../../schema/common.ts'
import {
  MailAccount,
  MailAccountInput,
  MailAccountList,
  MailAccountQuery,
} from '../../schema/mail-account.ts'
import {
  createMailAccount,
  deleteMailAccount,
  listMailAccounts,
  readMailAccount,
  replaceMailAccount,
} from '../domain/mail-accounts/mail-accounts.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag, etagHeader, IfMatch, ifMatchVersion } from './etag.ts'
import { guardProblems, needs } from './guard.ts'
import { IdempotencyKey, once, onceProblems } from './idempotency.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['Mail accounts']
const params = z.object({ id: MailAccountId })
const withEtag = (description: string) => ({
  ...jsonAnswer(description, MailAccount),
  headers: etagHeader,
})
const saveProblems = problems(
  ...bodyCodes,
  'precondition_failed',
  'mail_host_not_allowed',
  'password_required',
  'account_mismatch',
  'protocol_not_granted',
  'grant_not_usable',
)

const list = createRoute({
  method: 'get',
  path: '/mail-accounts',
  ...needs('read'),
  operationId: 'listMailAccounts',
  tags,
  summary: 'List mail accounts, newest first',
  description:
    'All mail accounts with their health. Filters are combined; a filter by `health` finds those that need somebody.',
  request: { query: MailAccountQuery },
  responses: {
    200: jsonAnswer('A page of mail accounts.', MailAccountList),
    ...guardProblems,
    ...problems('validation_failed'),
  },
})

const create = createRoute({
  method: 'post',
  path: '/mail-accounts',
  ...once(needs('write', { unlimited: true })),
  operationId: 'createMailAccount',
  tags,
  summary: 'Save a mail account; from then on its grant is kept',
  description:
    "Saving is what keeps a grant: from now on it is refreshed, for as long as an account names it. Host, port and security default to Microsoft's. A validation of the same values within the last hour counts as its last validation, so validate the form first.",
  request: { headers: IdempotencyKey, ...jsonBody(MailAccountInput) },
  responses: {
    201: withEtag('It is saved.'),
    ...guardProblems,
    ...onceProblems,
    ...saveProblems,
    ...problems('key_limited'),
  },
})

const get = createRoute({
  method: 'get',
  path: '/mail-accounts/{id}',
  ...needs('read'),
  operationId: 'getMailAccount',
  tags,
  summary: 'Read a mail account with its health',
  description:
    'The account with its health, its grant and its last validation. The `ETag` is the version to send as `If-Match`; health and tokens do not move it.',
  request: { params },
  responses: { 200: withEtag('The account.'), ...guardProblems, ...problems('not_found') },
})

const replace = createRoute({
  method: 'put',
  path: '/mail-accounts/{id}',
  ...needs('write'),
  operationId: 'replaceMailAccount',
  tags,
  summary: 'Replace a mail account; a grant that nothing uses any more goes',
  description:
    'Replaces everything that a save can set; what is left out gets its default, except a password, which stays while protocol, server and username stay. Naming another grant replaces the token: the former grant goes if nothing else uses it.',
  request: { params, headers: IfMatch, ...jsonBody(MailAccountInput) },
  responses: {
    200: withEtag('It is saved.'),
    ...guardProblems,
    ...saveProblems,
    ...problems('not_found', 'key_missing', 'key_limited'),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/mail-accounts/{id}',
  ...needs('write'),
  operationId: 'deleteMailAccount',
  tags,
  summary: 'Delete a mail account; a grant that nothing uses any more goes',
  description:
    'Deletes the account and its password. Its grant goes too, with its tokens, unless another account uses it.',
  request: { params, headers: IfMatch },
  responses: {
    204: { description: 'It is gone.' },
    ...guardProblems,
    ...problems('not_found', 'precondition_failed'),
  },
})

export const mailAccounts = createRouter()
  .openapi(list, async (c) =>
    c.json(await listMailAccounts(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(create, async (c) => {
    const input = c.req.valid('json')
    const saved = orThrow(await createMailAccount(c.get('services'), callOf(c), input))
    return c.json(saved.value, 201, { etag: etag(saved.version) })
  })
  .openapi(get, async (c) => {
    const found = orThrow(
      await readMailAccount(c.get('services'), callOf(c), c.req.valid('param').id),
    )
    return c.json(found.value, 200, { etag: etag(found.version) })
  })
  .openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    const input = c.req.valid('json')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    const saved = orThrow(
      await replaceMailAccount(c.get('services'), callOf(c), id, input, ifMatch),
    )
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    orThrow(await deleteMailAccount(c.get('services'), callOf(c), id, ifMatch))
    return c.body(null, 204)
  })
