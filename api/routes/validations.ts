/** "Validate Authentication": /v1/validations, and /validate of a saved mail account. */
import { createRoute, z } from '@hono/zod-openapi'
import { MailAccountId, ValidationId } from '../../schema/common.ts'
import { Validation, ValidationInput } from '../../schema/validation.ts'
import { readValidation, validateForm, validateMailAccount } from '../domain/validations.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, needs } from './guard.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['Validations']
const result = jsonAnswer('What the login said, whatever it was.', Validation)

const create = createRoute({
  method: 'post',
  path: '/validations',
  ...needs('write'),
  operationId: 'validateForm',
  tags,
  summary: 'Log in with a form that is not saved yet (20 s at most)',
  request: jsonBody(ValidationInput),
  responses: {
    201: result,
    ...guardProblems,
    ...problems(
      ...bodyCodes,
      'mail_host_not_allowed',
      'password_required',
      'protocol_not_granted',
      'integration_inactive',
    ),
  },
})

const createForAccount = createRoute({
  method: 'post',
  path: '/mail-accounts/{id}/validate',
  ...needs('write'),
  operationId: 'validateMailAccount',
  tags,
  summary: 'Log in as a saved mail account does (20 s at most)',
  request: { params: z.object({ id: MailAccountId }) },
  responses: {
    201: result,
    ...guardProblems,
    ...problems(
      'not_found',
      'mail_host_not_allowed',
      'protocol_not_granted',
      'integration_inactive',
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
    c.json(orThrow(await readValidation(c.get('services'), c.req.valid('param').id)), 200),
  )
