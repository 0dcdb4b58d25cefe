/** Authorizations: "Get Access Token", from the link to the grant. */
import { z } from 'zod'
import {
  Address,
  AuthorizationId,
  flag,
  ListQuery,
  listOf,
  MailAccountId,
  object,
  Provider,
  text,
  textOrNull,
  time,
} from './common.ts'
import { Customer, CustomerFilter } from './customer.ts'
import { Diagnosis } from './diagnosis.ts'
import { Grant } from './grant.ts'
import { Protocol, RequestedProtocols } from './mail-servers.ts'
import { StateProblem } from './problem.ts'

export const ReconnectedAccount = MailAccountId.nullable().meta({
  description: 'The email account to reconnect, if any.',
  example: null,
})

const AuthorizationStatus = z.enum(['pending', 'completed', 'failed', 'expired'])
export type AuthorizationStatus = z.infer<typeof AuthorizationStatus>

/** Links of one API key or person that can be open at a time. */
export const MAX_OPEN_LINKS = 50
/** Maximum `expires_in` in seconds. A link never works longer, however often it is started. */
export const MAX_LINK_LIFETIME_S = 259_200
/** Lifetime of a link up to which it is for the person who requested it. A longer one is made to be sent. */
export const MAX_OWN_LINK_LIFETIME_S = 3600

export const AuthorizationInput = z
  .strictObject({
    provider: Provider,
    customer: Customer.optional().meta({
      description:
        'The customer that the mailbox belongs to. Default: that of `mail_account_id`, or of the key.',
    }),
    username: Address.optional().meta({
      description: 'Address of the mailbox. Required without `mail_account_id`.',
    }),
    delegate: Address.optional().meta({
      description: 'The user who signs in, if not the mailbox itself (shared mailboxes).',
    }),
    protocols: RequestedProtocols.optional().meta({
      description:
        'Default: IMAP and SMTP, if they are enabled, or what `mail_account_id` needs. Request only the protocols you require.',
    }),
    origin: z.string().max(300).optional().meta({
      description: 'Origin of the page that opens the popup; only it may poll `status_url`.',
      example: 'https://helpdesk.example.com',
    }),
    return_url: z.string().max(2000).optional().meta({
      description:
        'Where a tab that cannot close itself is redirected, with `?authorization=...&status=...`. Must be at an allowed origin.',
      example: 'https://helpdesk.example.com/mail-settings',
    }),
    mail_account_id: MailAccountId.optional().meta({
      description:
        'The email account to reconnect; `username`, `delegate` and `protocols` default to its values.',
    }),
    apply: z.enum(['on_save', 'at_once']).default('on_save').meta({
      description:
        '`on_save`: the new grant is used once an account is saved with it. `at_once`: the sign-in reconnects the grant of `mail_account_id` immediately.',
    }),
    expires_in: z.int().min(60).max(MAX_LINK_LIFETIME_S).default(600).meta({
      description:
        "Seconds within which the sign-in must be started. Above 3,600, the link is made to be sent to the mailbox's owner: if another account signs in, it ends as `account_mismatch` and nothing is stored, and only you can validate and save its unsaved grant, for 24 hours.",
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

/** Builds an example link with a secret of the right form. */
const linkExample = (place: string) =>
  `https://mailgrant.example.com/${place}secret=${'example-'.repeat(5)}not`

export const AuthorizationCreated = object('AuthorizationCreated', {
  id: AuthorizationId,
  status: z.literal('pending').meta({ description: 'Waiting for the user to sign in.' }),
  url: text(
    'For the user who signs in. Contains a secret that is returned only here and in a replay for the same `Idempotency-Key`.',
    linkExample('oauth/microsoft/authorize?authorization=az_mwiq4wgd7u5x2l3k7777777777&'),
  ),
  status_url: text(
    'For the page that waits. Contains a secret that is returned only here and in a replay for the same `Idempotency-Key`.',
    linkExample('oauth/status/az_mwiq4wgd7u5x2l3k7777777777?'),
  ),
  login_host: text(
    "Host of Microsoft's sign-in page, for a message to the person who receives the link.",
    'login.microsoftonline.com',
  ),
  expires_at: time('When the link expires.'),
})
export type AuthorizationCreated = z.infer<typeof AuthorizationCreated>

/** Fields that depend on the status. */
const progress = {
  pending: {
    status: z.literal('pending').meta({ description: 'Waiting for the user to sign in.' }),
    hint: Diagnosis.optional().meta({
      description: 'After a minute: what to check if the person has not returned from Microsoft.',
    }),
  },
  completed: {
    status: z.literal('completed').meta({ description: 'The user has signed in.' }),
  },
  failed: {
    status: z.literal('failed').meta({ description: 'The sign-in failed.' }),
    problem: StateProblem.meta({ description: 'Why it failed.' }),
  },
  expired: {
    status: z.literal('expired').meta({ description: 'The sign-in was not finished in time.' }),
    problem: StateProblem.meta({ description: 'What was not finished in time.' }),
  },
} satisfies Record<AuthorizationStatus, z.ZodRawShape>

const id = { id: AuthorizationId }

const fields = {
  customer: Customer,
  username: text('Address of the mailbox.', 'support@contoso.com'),
  delegate: textOrNull(
    'The user asked to sign in, if not the mailbox itself.',
    'alice@contoso.com',
  ),
  protocols: z.array(Protocol).meta({ description: 'The requested protocols.' }),
  apply: z.enum(['on_save', 'at_once']).meta({
    description:
      'Whether the grant takes effect when an account is saved, or reconnects an account immediately.',
  }),
  mail_account_id: ReconnectedAccount,
  sent: flag("Whether the link was made to be sent to the mailbox's owner.", false),
  own: flag(
    'Whether you created it. You alone can validate and save the grant of a link that was sent.',
    true,
  ),
  created_at: time('When the link was created.'),
  expires_at: time('When the sign-in expires.'),
}

const grant = Grant.optional().meta({ description: 'Absent once it has been deleted.' })

export const Authorization = z
  .discriminatedUnion('status', [
    object('CompletedAuthorization', { ...id, ...progress.completed, ...fields, grant }),
    object('PendingAuthorization', { ...id, ...progress.pending, ...fields }),
    object('FailedAuthorization', { ...id, ...progress.failed, ...fields }),
    object('ExpiredAuthorization', { ...id, ...progress.expired, ...fields }),
  ])
  .meta({
    id: 'Authorization',
    description:
      '`pending` until the user returns from Microsoft; `completed` with a grant; `failed` or `expired` with a problem.',
  })
export type Authorization = z.infer<typeof Authorization>

export const AuthorizationList = listOf(Authorization, 'AuthorizationList')

export const AuthorizationQuery = ListQuery.extend({
  status: AuthorizationStatus.optional().meta({
    description: 'Only authorizations with this status.',
  }),
  customer: CustomerFilter,
  username: Address.optional().meta({ description: 'Only authorizations for this mailbox.' }),
})
export type AuthorizationQuery = z.infer<typeof AuthorizationQuery>

export const AuthorizationProgress = z
  .discriminatedUnion('status', [
    object('PendingProgress', progress.pending),
    object('CompletedProgress', progress.completed),
    object('FailedProgress', progress.failed),
    object('ExpiredProgress', progress.expired),
  ])
  .meta({
    id: 'AuthorizationProgress',
    description: 'The part of an authorization that the waiting page may read.',
  })
export type AuthorizationProgress = z.infer<typeof AuthorizationProgress>
