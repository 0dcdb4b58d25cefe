/** /v1/mail-accounts/{id}/test-message: "Send test message". */
import { createRoute, z } from '@hono/zod-openapi'
import { MailAccountId } from '../../schema/common.ts'
import { TestMessage, TestMessageInput } from '../../schema/test-message.ts'
import { sendTestMessage } from '../domain/checks/test-messages.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { requireScope } from './guard.ts'
import { IdempotencyKey, idempotent } from './idempotency.ts'
import { jsonBody, jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

const send = createRoute({
  method: 'post',
  path: '/mail-accounts/{id}/test-message',
  ...idempotent(requireScope('write', { rate: 'validations' })),
  operationId: 'sendTestMessage',
  tags: ['Email accounts'],
  summary: 'Send a test message from an account that sends',
  description:
    'Logs in with the saved values and sends one short message with a fixed text, over SMTP or through Microsoft Graph, since a login can pass where sending is refused. Waits at most 20 seconds, and returns every step, whatever the outcome. At most 10 messages an hour from one mailbox (`username`, whichever accounts name it and whatever their protocol) and 30 with one API key; attempts with an access token or a password count. Nothing is sent again automatically: with an `Idempotency-Key`, a repeated request never sends a second message. This is not a validation: the last validation and the health of the account stay as they are, except that a message which Graph accepts counts as a validation that passed. The audit log records who sent to whom. For an app-only account the key must have the scope `admin` or be created with `app_only`.',
  request: {
    headers: IdempotencyKey,
    params: z.object({ id: MailAccountId }),
    ...jsonBody(TestMessageInput),
  },
  responses: {
    201: jsonResponse('The result, whether or not the message was sent.', TestMessage),
    ...problems(
      'cannot_send',
      'app_only_not_allowed',
      'password_required',
      'mail_host_not_allowed',
      'protocol_not_granted',
      'customer_suspended',
      'integration_inactive',
    ),
  },
})

export const testMessages = createRouter().openapi(send, async (c) => {
  const { id } = c.req.valid('param')
  const sent = await sendTestMessage(c.get('services'), callOf(c), id, c.req.valid('json'))
  return c.json(unwrap(sent), 201)
})
