/** RFC 9457 problem details and all problem codes of the API. */
import { z } from 'zod'
import { integer, object, optionalText, text } from './common.ts'
import { Diagnosis } from './diagnosis.ts'
import { problemCodes } from './problems.ts'

export const ProblemCode = z.enum(problemCodes).meta({
  id: 'ProblemCode',
  description: 'Stable problem code; branch on this.',
  'x-extensible': true,
})
export type ProblemCode = z.infer<typeof ProblemCode>

/** Code of a failed refresh. `token_suspect` is stored only. The API shows `provider_unavailable`. */
export type TokenProblemCode = ProblemCode | 'token_suspect'

export const FieldError = object('FieldError', {
  pointer: text(
    'RFC 6901 JSON pointer to the property; `?name` for a query parameter, `name` for a header.',
    '/authentication/grant_id',
  ),
  message: text('Why the value is invalid.'),
})
export type FieldError = z.infer<typeof FieldError>

export const Problem = z
  .object({
    type: text('URL of the documentation of this code.'),
    title: text('Short summary, the same for every problem with this code.'),
    status: integer('HTTP status code.'),
    detail: text('What happened in this case and what to do.'),
    instance: text('The path of the request.'),
    code: ProblemCode,
    request_id: text('Id of the request, also in the `X-Request-Id` header.'),
    errors: z.array(FieldError).optional().meta({ description: 'Every invalid value, on 422.' }),
    mail_accounts: z.array(z.string()).optional().meta({
      description: 'With `grant_in_use`: ids of the email accounts that use the grant.',
    }),
    existing: optionalText('With `mail_account_exists`: id of the email account.'),
    grants: z.int().optional().meta({
      description: 'With `grants_depend`: the number of grants that the change concerns.',
    }),
    diagnosis: Diagnosis.optional().meta({ description: 'Present if a cause is known.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })
export type Problem = z.infer<typeof Problem>

/** A problem inside another resource: a grant, an email account, an authorization. */
export const StateProblem = object('StateProblem', {
  code: ProblemCode.meta({
    description: 'Stable problem code; branch on this.',
    example: 'reconnect_required',
  }),
  detail: text('What happened, who must act, and how.'),
  since: z.iso.datetime().optional().meta({ description: 'When the problem began.' }),
  diagnosis: Diagnosis.optional().meta({ description: 'Present if a cause is known.' }),
})
export type StateProblem = z.infer<typeof StateProblem>
