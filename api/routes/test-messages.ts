/** /v1/mail-accounts/{id}/test-message: "Send test message". */
import { z } from 'zod'
import { MailAccountId } from '../../schema/common.ts'
import { TestMessage, TestMessageInput } from '../../schema/test-message.ts'
import { sendTestMessage } from '../domain/checks/test-messages.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

export const testMessages = createRouter()

operationsOf(testMessages, 'Email accounts')('post', '/mail-accounts/{id}/test-message', {
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
  problems: [
    'cannot_send',
    'app_only_not_allowed',
    'password_required',
    'mail_host_not_allowed',
    'protocol_not_granted',
    'customer_suspended',
    'integration_inactive',
  ],
  run: ({ services, call, params: { id }, body }) => sendTestMessage(services, call, id, body),
})
