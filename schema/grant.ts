/** Grants: what a person's consent left us with. Tokens are never part of them. */
import { z } from 'zod'
import { Address, GrantId, ListQuery, listOf, orNull, Time } from './common.ts'
import { AccountType, Protocol } from './mail-servers.ts'
import { StateProblem } from './problem.ts'

export const GrantStatus = z
  .enum(['unsaved', 'active', 'cooling_down', 'reconnect_required', 'blocked'])
  .meta({
    id: 'GrantStatus',
    description:
      '`unsaved`: one hour, then gone. `active`: it works. `cooling_down`: Microsoft is failing, retried by itself. `reconnect_required`: the person must sign in again. `blocked`: an admin must act, retried daily.',
    example: 'active',
  })
export type GrantStatus = z.infer<typeof GrantStatus>

export const SignedInAs = z.string().meta({
  description: 'Who signed in: the delegate of a shared mailbox, else the mailbox itself.',
  example: 'alice@contoso.com',
})

export const TokenExpiry = Time.nullable().meta({
  description: 'When the stored access token ends. A new one is fetched when it is needed.',
})

export const Grant = z
  .object({
    id: GrantId,
    status: GrantStatus,
    signed_in_as: SignedInAs,
    account_type: AccountType,
    tenant_id: z.string().meta({
      description: 'Tenant of the account that signed in, a GUID.',
      example: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    }),
    protocols: z.array(Protocol).meta({ description: 'Those that were really granted.' }),
    access_token_expires_at: TokenExpiry,
    refreshed_at: Time.nullable().meta({ description: 'When Microsoft last gave tokens.' }),
    warnings: z.array(z.string()).meta({
      description: 'Sentences for a person, such as that another account signed in.',
      example: [],
    }),
    problem: orNull(StateProblem).meta({ description: 'Null while it works.' }),
    created_at: Time.meta({ description: 'When the person signed in.' }),
    expires_at: Time.nullable().meta({
      description: 'When it goes unless an account names it; null once it is saved.',
      example: null,
    }),
  })
  .meta({ id: 'Grant' })
export type Grant = z.infer<typeof Grant>

export const GrantList = listOf(Grant, 'GrantList')

export const GrantQuery = ListQuery.extend({
  username: Address.optional().meta({ description: 'Only those of this sign-in address.' }),
  status: GrantStatus.optional(),
})
export type GrantQuery = z.infer<typeof GrantQuery>

export const GrantDeleted = z
  .object({
    id: GrantId,
    deleted: z.literal(true).meta({ description: 'Always true.' }),
    detached: z.array(z.string()).meta({
      description: 'Ids of the mail accounts that must be reconnected now.',
      example: [],
    }),
    note: z.string().meta({
      description: 'Tokens already handed out live until they expire: Microsoft has no revocation.',
      example:
        'The stored tokens are gone. Access tokens already handed out work until they expire: Microsoft offers no way to revoke them.',
    }),
  })
  .meta({ id: 'GrantDeleted' })
