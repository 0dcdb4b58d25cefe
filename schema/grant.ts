/** Grants: what a person's consent left us with. Tokens are never part of them. */
import { z } from 'zod'
import { Address, GrantId, ListQuery, listOf, Time } from './common.ts'
import { AccountType, Protocol } from './mail-servers.ts'
import { StateProblem } from './problem.ts'

export const GrantStatus = z
  .enum(['unsaved', 'active', 'cooling_down', 'reconnect_required', 'blocked'])
  .meta({
    id: 'GrantStatus',
    description:
      '`unsaved`: one hour, then gone. `cooling_down`: Microsoft is failing, retried by itself. `reconnect_required`: the person must sign in again. `blocked`: an admin must act.',
  })
export type GrantStatus = z.infer<typeof GrantStatus>

export const Grant = z
  .object({
    id: GrantId,
    status: GrantStatus,
    signed_in_as: z.string().meta({ example: 'alice@contoso.com' }),
    account_type: AccountType,
    tenant_id: z.string(),
    protocols: z.array(Protocol).meta({ description: 'Those that were really granted.' }),
    access_token_expires_at: Time.nullable(),
    refreshed_at: Time.nullable(),
    warnings: z.array(z.string()),
    problem: StateProblem.nullable(),
    created_at: Time,
    expires_at: Time.nullable().meta({ description: 'Only while `unsaved`.' }),
  })
  .meta({ id: 'Grant' })
export type Grant = z.infer<typeof Grant>

export const GrantList = listOf(Grant, 'GrantList')

export const GrantQuery = ListQuery.extend({
  username: Address.optional(),
  status: GrantStatus.optional(),
})
export type GrantQuery = z.infer<typeof GrantQuery>

export const GrantDeleted = z
  .object({
    id: GrantId,
    deleted: z.literal(true),
    detached: z.array(z.string()).meta({ description: 'Accounts that must be reconnected now.' }),
    note: z.string().meta({
      description: 'Tokens already handed out live until they expire: Microsoft has no revocation.',
    }),
  })
  .meta({ id: 'GrantDeleted' })
