/** "Validate Authentication": /v1/validations, and /validate of a saved mail account. */
import { createRoute, z } from '@hono/zod-openapi'
import { MailAccountId, ValidationId } from '../../schema/common.ts'
import { Validation, ValidationInput } from '../../schema/validation.ts'
import {
  readValidation,
  validateForm,
  validateMailAccount,
} from '../domain/validations/validations.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, needs } from './guard.ts'
import { IdempotencyKey, once, onceProblems } from './idempotency.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['Validations']
const result = jsonAnswer('What the login said, whatever it was.', Validation)

const create = createRoute({
  method: 'post',
  path: '/validations',
  ...once(needs('write', { rate: 'validations' })),
  operationId: 'validateForm',
  tags,
  summary: 'Log in with a form that is not saved yet (20 s at most)',
  description:
    '"Validate Authentication": logs in with a form that is not saved, waits 20 seconds at most and answers with every step, whatever the outcome. IMAP opens INBOX read-only; SMTP sends no mail. Saves no account; the result can be read again by its id. `mail_account_id` lends the stored password of that account while the server is the same.',
  request: { headers: IdempotencyKey, ...jsonBody(ValidationInput) },
  responses: {
    201: result,
    ...guardProblems,
    ...onceProblems,
    ...problems(
      ...bodyCodes,
      'key_limited',
      'mail_host_not_allowed',
      'password_required',
      'protocol_not_granted',
      'integration_inactive',
      'key_missing',
    ),
  },
})

const createForAccount = createRoute({
  method: 'post',
  path: '/mail-accounts/{id}/validate',
  ...once(needs('write', { rate: 'validations' })),
  operationId: 'validateMailAccount',
  tags,
  summary: 'Log in as a saved mail account does (20 s at most)',
  description:
    "Logs in as the saved account does, waits 20 seconds at most and answers with every step, whatever the outcome. The result becomes the account's last validation and counts for its health.",
  request: { headers: IdempotencyKey, params: z.object({ id: MailAccountId }) },
  responses: {
    201: result,
    ...guardProblems,
    ...onceProblems,
    ...problems(
      'not_found',
      'validation_failed',
      'mail_host_not_allowed',
      'protocol_not_granted',
      'integration_inactive',
      'key_missing',
    ),
  },
})

const get = createRoute({
  method: 'get',
  path: '/validations/{id}',
  ...needs('read'),
  operationId: 'getValidation',
  tags,
  summary: 'Read the result of a validation',
  description: 'The stored result of a validation, as it was answered at first.',
  request: { params: z.object({ id: ValidationId }) },
  responses: {
    200: jsonAnswer('The result.', Validation),
    ...guardProblems,
    ...problems('not_found'),
  },
})

export const validations = createRouter()
  .openapi(create, async (c) => {
    const input = c.req.valid('json')
    return c.json(orThrow(await validateForm(c.get('services'), callOf(c), input)), 201)
  })
  .openapi(createForAccount, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(orThrow(await validateMailAccount(c.get('services'), callOf(c), id)), 201)
  })
  .openapi(get, async (c) =>
    c.json(
      orThrow(await readValidation(c.get('services'), callOf(c), c.req.valid('param').id)),
      200,
    ),
  )
