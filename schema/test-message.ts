/** Test messages: a real login that also sends one short message. */
import { z } from 'zod'
import { strictObject, text } from './common.ts'
import { PlainAddress } from './plain-address.ts'
import { Outcome, Step } from './probe.ts'
import { Validation } from './validation.ts'

/** Test messages of one sending mailbox within an hour, across its email accounts and protocols. */
export const TEST_MESSAGES_PER_MAILBOX = 10
/** Test messages of one API key within an hour. */
export const TEST_MESSAGES_PER_KEY = 30

export const TestMessageInput = strictObject('TestMessageInput', {
  to: PlainAddress.meta({
    description:
      'The recipient: one address in ASCII, without a display name. The message is really delivered.',
    example: 'alice@contoso.com',
  }),
})
export type TestMessageInput = z.infer<typeof TestMessageInput>

/** Returns the example: a login that failed, so that nothing was sent. */
function composeExample() {
  const example = Validation.meta()?.example as z.infer<typeof Validation>
  const { id: _, ...login } = example
  return {
    ...login,
    sent: false,
    from: 'support@contoso.com',
    to: 'alice@contoso.com',
    steps: [...example.steps, { name: 'send', outcome: 'skipped', duration_ms: 0, detail: null }],
  }
}

export const TestMessage = z
  .object({
    outcome: Outcome.meta({
      description:
        '`passed`: the server accepted the message. `failed`: it refused the login or the message. `inconclusive`: neither; see `sent`.',
    }),
    sent: z.boolean().nullable().meta({
      description:
        'Whether the server accepted the message, which is not delivery. Null if it may have been sent: there was no clear response to it. Look in the inbox of the recipient then; do not repeat the call automatically.',
    }),
    from: text(
      'The sender: `from` of the email account, or else `username`.',
      'support@contoso.com',
    ),
    to: text('The recipient.', 'alice@contoso.com'),
    ...Validation.pick({
      protocol: true,
      host: true,
      port: true,
      security: true,
      mechanism: true,
      identity: true,
    }).shape,
    steps: z.array(Step).meta({
      description: 'All steps in order, `send` last; steps that were not reached are `skipped`.',
    }),
    ...Validation.pick({
      warnings: true,
      diagnosis: true,
      duration_ms: true,
      checked_at: true,
    }).shape,
  })
  .meta({ id: 'TestMessage', example: composeExample() })
export type TestMessage = z.infer<typeof TestMessage>
