/** Authorizations: "Get Access Token", from the link to the grant. */
import { z } from 'zod'
import { Address, AuthorizationId, MailAccountId, Provider, Time } from './common.ts'
import { Diagnosis } from './diagnosis.ts'
import { Grant } from './grant.ts'
import { Protocol } from './mail-servers.ts'
import { StateProblem } from './problem.ts'

export const AuthorizationStatus = z.enum(['pending', 'completed', 'failed', 'expired']).meta({
  id: 'AuthorizationStatus',
  description:
    '`pending` until the person is back from Microsoft; `completed` with a grant; `failed` or `expired` with a problem.',
})
export type AuthorizationStatus = z.infer<typeof AuthorizationStatus>

/** The longest `expires_in`, seconds. However often it is started, no link works longer. */
export const MAX_LINK_LIFETIME = 86_400

export const AuthorizationInput = z
  .strictObject({
    provider: Provider,
    username: Address.optional().meta({
      description: 'The mailbox. Needed unless `mail_account_id` says it.',
    }),
    delegate: Address.optional().meta({
      description: 'Who signs in, when that is not the mailbox (a shared mailbox).',
    }),
    protocols: z
      .array(Protocol)
      .min(1)
      .max(2)
      .refine((list) => new Set(list).size === list.length, 'names a protocol twice')
      .optional()
      .meta({ description: 'Both by default. Ask for no more than the form needs.' }),
    origin: z.string().max(300).optional().meta({
      description: 'The page that opens the popup; it may poll `status_url`.',
      example: 'https://helpdesk.example.com',
    }),
    return_url: z.string().max(2000).optional().meta({
      description:
        'Where a tab that cannot close itself goes on, with `?authorization=...&status=...`. At an allowed origin.',
      example: 'https://helpdesk.example.com/mail-settings',
    }),
    mail_account_id: MailAccountId.optional().meta({
      description: 'The account to reconnect; the mailbox, delegate and protocol default to its.',
    }),
    apply: z.enum(['on_save', 'at_once']).default('on_save').meta({
      description: '`at_once` reconnects the grant of `mail_account_id` without a form.',
    }),
    expires_in: z.int().min(60).max(MAX_LINK_LIFETIME).default(600).meta({
      description: 'Seconds until the link must have been opened.',
    }),
  })
  .meta({
    id: 'AuthorizationInput',
    example: {
      provider: 'microsoft',
      username: 'support@contoso.com',
      protocols: ['imap'],
      origin: 'https://helpdesk.example.com',
    },
  })
export type AuthorizationInput = z.infer<typeof AuthorizationInput>

/** Shaped as they are, with a secret that opens nothing. */
const linkExample = (place: string) =>
  `https://mailgrant.example.com/${place}secret=${'example-'.repeat(5)}not`

export const AuthorizationCreated = z
  .object({
    id: AuthorizationId,
    status: z.literal('pending').meta({ description: 'Nobody has signed in yet.' }),
    url: z.string().meta({
      description: 'For the person who signs in. Holds its own secret, shown only here.',
      example: linkExample(
        'oauth/microsoft/authorize?authorization=az_mwiq4wgd7u5x2l3k7777777777&',
      ),
    }),
    status_url: z.string().meta({
      description: 'For the page that waits. Holds its own secret, shown only here.',
      example: linkExample('oauth/status/az_mwiq4wgd7u5x2l3k7777777777?'),
    }),
    expires_at: Time.meta({ description: 'Until when the link must have been opened.' }),
  })
  .meta({ id: 'AuthorizationCreated' })
export type AuthorizationCreated = z.infer<typeof AuthorizationCreated>

const ending = {
  problem: StateProblem.optional().meta({ description: 'When `failed` or `expired`: why.' }),
  hint: Diagnosis.optional().meta({
    description: 'When `pending` for a minute: what to check if nothing comes back.',
  }),
}

export const Authorization = z
  .object({
    id: AuthorizationId,
    status: AuthorizationStatus,
    username: z.string().meta({ description: 'The mailbox.', example: 'support@contoso.com' }),
    delegate: z.string().nullable().meta({
      description: 'Who was asked to sign in, when that is not the mailbox.',
      example: 'alice@contoso.com',
    }),
    protocols: z.array(Protocol).meta({ description: 'What was asked for.' }),
    apply: z.enum(['on_save', 'at_once']).meta({
      description: 'Whether the grant waits for a save or reconnects an account at once.',
    }),
    mail_account_id: MailAccountId.nullable().meta({
      description: 'The account that it is about, if it named one.',
      example: null,
    }),
    created_at: Time.meta({ description: 'When the link was made.' }),
    expires_at: Time.meta({ description: 'Until when the person has to be back.' }),
    grant: Grant.optional().meta({ description: 'Once `completed`, while it exists.' }),
    ...ending,
  })
  .meta({ id: 'Authorization' })
export type Authorization = z.infer<typeof Authorization>

export const AuthorizationProgress = z
  .object({
    status: AuthorizationStatus,
    ...ending,
  })
  .meta({ id: 'AuthorizationProgress', description: 'What the waiting page may know.' })
export type AuthorizationProgress = z.infer<typeof AuthorizationProgress>
