/** /v1/validations, and /validate of a saved mail account: "Validate Authentication". */
import { createRoute, z } from '@hono/zod-openapi'
import { MailAccountId, ValidationId } from '../../schema/common.ts'
import { Validation, ValidationInput } from '../../schema/validation.ts'
import { readValidation, validateForm, validateMailAccount } from '../domain/checks/validations.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { requireScope } from './guard.ts'
import { IdempotencyKey, idempotent } from './idempotency.ts'
import { jsonBody, jsonResponse, withoutFields } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Validations']
const result = jsonResponse('The result, whether or not the login succeeded.', Validation)

const create = createRoute({
  method: 'post',
  path: '/validations',
  ...idempotent(requireScope('write', { rate: 'validations' })),
  operationId: 'validateForm',
  tags,
  summary: 'Validate an unsaved email account with a real login',
  description:
    '"Validate Authentication": logs in with the values of a form that has not been saved, waits at most 20 seconds, and returns every step, whatever the outcome. IMAP opens INBOX read-only; SMTP and Microsoft Graph send no mail. No account is saved; the result can be read again by its id. With `mail_account_id`, the stored password of that account is used, provided that the server is unchanged.',
  request: { headers: IdempotencyKey, ...jsonBody(ValidationInput) },
  responses: {
    201: result,
    ...problems(
      'mail_host_not_allowed',
      'password_required',
      'protocol_not_granted',
      'protocol_not_enabled',
      'customer_suspended',
      'integration_inactive',
    ),
  },
})

const createForAccount = createRoute({
  method: 'post',
  path: '/mail-accounts/{id}/validate',
  ...idempotent(withoutFields(requireScope('write', { rate: 'validations' }))),
  operationId: 'validateMailAccount',
  tags,
  summary: 'Validate a saved email account with a real login',
  description:
    "Logs in with the saved values, waits at most 20 seconds, and returns every step, whatever the outcome. The result becomes the account's last validation and affects its health.",
  request: { headers: IdempotencyKey, params: z.object({ id: MailAccountId }) },
  responses: {
    201: result,
    ...problems(
      'password_required',
      'mail_host_not_allowed',
      'protocol_not_granted',
      'customer_suspended',
      'integration_inactive',
    ),
  },
})

const get = createRoute({
  method: 'get',
  path: '/validations/{id}',
  ...requireScope('read'),
  operationId: 'getValidation',
  tags,
  summary: 'Get a validation result',
  description: 'Returns the stored result of a validation.',
  request: { params: z.object({ id: ValidationId }) },
  responses: {
    200: jsonResponse('The result.', Validation),
  },
})

export const validations = createRouter()
  .openapi(create, async (c) =>
    c.json(unwrap(await validateForm(c.get('services'), callOf(c), c.req.valid('json'))), 201),
  )
  .openapi(createForAccount, async (c) => {
    const { id } = c.req.valid('param')
    const validated = await validateMailAccount(c.get('services'), callOf(c), id)
    return c.json(unwrap(validated), 201)
  })
  .openapi(get, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(unwrap(await readValidation(c.get('services'), callOf(c), id)), 200)
  })
