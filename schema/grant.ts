/** Grants: the lasting result of a sign-in. Tokens are never part of them. */
import { z } from 'zod'
import {
  Address,
  GrantId,
  ListQuery,
  listOf,
  object,
  orNull,
  text,
  time,
  timeOrNull,
} from './common.ts'
import { Customer, CustomerFilter } from './customer.ts'
import { TenantSetting } from './integration.ts'
import { AccountType, Protocol, RequestedProtocols, Resource } from './mail-servers.ts'
import { StateProblem } from './problem.ts'

export const GrantStatus = z
  .enum(['unsaved', 'active', 'cooling_down', 'reconnect_required', 'blocked'])
  .meta({
    id: 'GrantStatus',
    description:
      '`unsaved`: deleted after an hour unless an email account is saved with it; after 24 hours if its link was sent (`expires_in` above 3,600). `active`: works. `cooling_down`: Microsoft is failing; retried automatically. `reconnect_required`: the user must sign in again. `blocked`: an administrator must act; retried after 5 minutes, then with doubling pauses up to a day.',
    example: 'active',
  })
export type GrantStatus = z.infer<typeof GrantStatus>

export const SignedInAs = text(
  'The user who signed in: the delegate of a shared mailbox, or the mailbox itself.',
  'alice@contoso.com',
)

export const TokenExpiry = timeOrNull(
  'When the stored access token expires. It is refreshed on demand.',
)

const GrantResource = object('GrantResource', {
  resource: Resource,
  protocols: z.array(Protocol).meta({ description: 'The protocols that Microsoft grants there.' }),
  status: GrantStatus.exclude(['unsaved']).meta({
    description:
      'As the status of the grant, for this resource alone. `reconnect_required` also if the user must consent to it.',
    example: 'active',
  }),
  problem: orNull(StateProblem, 'Null while this access token works.'),
  access_token_expires_at: TokenExpiry,
})
export type GrantResource = z.infer<typeof GrantResource>

export const Grant = object('Grant', {
  id: GrantId,
  customer: Customer,
  status: GrantStatus,
  signed_in_as: SignedInAs,
  account_type: AccountType,
  tenant_id: text('Tenant GUID of the user who signed in.', '3f2504e0-4f89-41d3-9a0c-0305e82c3301'),
  protocols: z.array(Protocol).meta({
    description:
      'The protocols that Microsoft grants, as of the last refresh. Email accounts with other protocols are `blocked`.',
  }),
  resources: z.array(GrantResource).meta({
    description:
      'The access tokens of the grant, one per resource. Each has a state of its own; `status` and `problem` of the grant are those of the one that works best.',
    example: [
      {
        resource: 'outlook',
        protocols: ['imap', 'smtp'],
        status: 'active',
        problem: null,
        access_token_expires_at: '2026-11-24T11:00:00.000Z',
      },
    ],
  }),
  access_token_expires_at: TokenExpiry.meta({
    description:
      'When the stored access token for Outlook expires, if there is one. It is refreshed on demand.',
  }),
  refreshed_at: timeOrNull('When Microsoft last issued tokens.'),
  retry_at: timeOrNull(
    'When the next automatic attempt is due, while the grant is `cooling_down` or `blocked`; null otherwise. `POST /v1/grants/{id}/retry` asks at once.',
    null,
  ),
  warnings: z.array(z.string()).meta({
    description: 'Sentences to show to people, for example that a different account signed in.',
    example: [],
  }),
  problem: orNull(StateProblem, 'Null while the grant works.'),
  created_at: time('When the user signed in, or the grant was imported.'),
  expires_at: timeOrNull(
    'When an unsaved grant is deleted; null once an email account uses it.',
    null,
  ),
})
export type Grant = z.infer<typeof Grant>

/** Longest refresh token that is accepted, in characters. Microsoft's have up to about 2,000. */
const MAX_REFRESH_TOKEN = 16_384

export const GrantInput = z
  .strictObject({
    refresh_token: z
      .string()
      .trim()
      .max(MAX_REFRESH_TOKEN)
      // RFC 6749 appendix A.17.
      .regex(/^[\x21-\x7e]+$/, 'must be the refresh token alone, without spaces or line breaks')
      .meta({
        description:
          'The refresh token that the other product holds. It must have been issued to the client ID of the settings. Stored encrypted, and never returned.',
        example: '1.AXoAexample-not-a-token',
      }),
    customer: Customer.optional(),
    username: Address.meta({ description: 'Address of the mailbox.' }),
    delegate: Address.optional().meta({
      description: 'The user who signed in, if not the mailbox itself (shared mailboxes).',
      example: 'alice@contoso.com',
    }),
    protocols: RequestedProtocols.optional().meta({
      description:
        'Default: `imap` and `smtp`, as far as the settings enable them. Microsoft refuses what the user has not consented to: request only what the other product used.',
    }),
    tenant: TenantSetting.optional().meta({
      description:
        'Tenant at which the token is refreshed. Default: `tenant` of the settings. Required for a personal account where that is `common`: `consumers`.',
      example: 'contoso.com',
    }),
  })
  .meta({
    id: 'GrantInput',
    example: {
      refresh_token: '1.AXoAexample-not-a-token',
      username: 'support@contoso.com',
      delegate: 'alice@contoso.com',
      protocols: ['imap'],
    },
  })
export type GrantInput = z.infer<typeof GrantInput>

export const GrantList = listOf(Grant, 'GrantList')

export const GrantQuery = ListQuery.extend({
  customer: CustomerFilter,
  username: Address.optional().meta({ description: 'Only grants of this sign-in address.' }),
  status: GrantStatus.optional(),
})
export type GrantQuery = z.infer<typeof GrantQuery>

export const GrantDeleted = object('GrantDeleted', {
  id: GrantId,
  deleted: z.literal(true).meta({ description: 'Always true.' }),
  detached: z.array(z.string()).meta({
    description: 'Ids of the email accounts that must now be reconnected.',
    example: [],
  }),
  note: text(
    'A sentence to show to people about tokens that were already issued.',
    'The stored tokens have been deleted. Access tokens that were already issued stay valid until they expire: Microsoft offers no way to revoke them.',
  ),
})
