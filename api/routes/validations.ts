/** /v1/validations, /validate of a saved mail account ("Validate Authentication"), and /test-message. */
import { z } from 'zod'
import { MailAccountId, ValidationId } from '../../schema/common.ts'
import { TestMessage, TestMessageInput } from '../../schema/test-message.ts'
import { Validation, ValidationInput } from '../../schema/validation.ts'
import { sendTestMessage } from '../domain/checks/test-messages.ts'
import { readValidation, validateForm, validateMailAccount } from '../domain/checks/validations.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

export const validations = createRouter()
const operation = operationsOf(validations, 'Validations')
/** Problems of a login with the values of an account. */
const loginProblems = [
  'mail_host_not_allowed',
  'password_required',
  'protocol_not_granted',
  'customer_suspended',
  'integration_inactive',
] as const

operation('post', '/validations', {
  scope: 'write',
  rate: 'validations',
  operationId: 'validateForm',
  summary: 'Validate an unsaved email account with a real login',
  description:
    '"Validate Authentication": logs in with the values of an unsaved form, waits at most 20 seconds, and returns every step. IMAP opens INBOX read-only. SMTP and Microsoft Graph send no mail. No account is saved, but the result can be read again by its id. With `mail_account_id`, the stored password of that account is used, if the server is the same.',
  body: ValidationInput,
  idempotent: {},
  status: 201,
  returns: Validation,
  problems: [...loginProblems, 'protocol_not_enabled'],
  run: ({ services, call, body }) => validateForm(services, call, body),
})

operation('post', '/mail-accounts/{id}/validate', {
  scope: 'write',
  rate: 'validations',
  operationId: 'validateMailAccount',
  summary: 'Validate a saved email account with a real login',
  description:
    "Logs in with the saved values, waits at most 20 seconds, and returns every step, whatever the outcome. The result becomes the account's last validation and affects its health.",
  params: z.object({ id: MailAccountId }),
  idempotent: {},
  status: 201,
  returns: Validation,
  problems: loginProblems,
  run: ({ services, call, params: { id } }) => validateMailAccount(services, call, id),
})

operation('get', '/validations/{id}', {
  scope: 'read',
  operationId: 'getValidation',
  summary: 'Get a validation result',
  description: 'Returns the stored result of a validation.',
  params: z.object({ id: ValidationId }),
  returns: Validation,
  run: ({ services, call, params: { id } }) => readValidation(services, call, id),
})

operationsOf(validations, 'Email accounts')('post', '/mail-accounts/{id}/test-message', {
  scope: 'write',
  rate: 'validations',
  operationId: 'sendTestMessage',
  summary: 'Send a test message from an account that sends',
  description:
    "Logs in with the saved values and sends one short message with a fixed text, over SMTP or through Microsoft Graph, since a login can pass where sending is refused. Waits at most 20 seconds, and returns every step. The limits are 10 messages an hour from one mailbox (`username`) and 30 with one API key, and failed attempts count. With an `Idempotency-Key`, a repeated request never sends a second message. The last validation and the account's health do not change, except that a message which Graph accepts counts as a passed validation. The audit log records who sent to whom. For an app-only account, the key must have the scope `admin` or `app_only`.",
  params: z.object({ id: MailAccountId }),
  body: TestMessageInput,
  idempotent: {},
  status: 201,
  returns: TestMessage,
  problems: [...loginProblems, 'cannot_send', 'app_only_not_allowed'],
  run: ({ services, call, params: { id }, body }) => sendTestMessage(services, call, id, body),
})
