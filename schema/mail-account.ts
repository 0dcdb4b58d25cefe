/** Mail accounts: a department's IMAP, a brand's or everybody's SMTP. */
import { z } from 'zod'
import {
  Address,
  GrantId,
  hasNoControls,
  ListQuery,
  listOf,
  MailAccountId,
  NO_CONTROLS,
  Provider,
  Time,
} from './common.ts'
import { GrantStatus } from './grant.ts'
import { MailServer, Protocol, Security } from './mail-servers.ts'
import { Outcome } from './probe.ts'
import { StateProblem } from './problem.ts'

const OwnerName = z.string().trim().min(1).max(200).meta({ example: 'dep_7' })

export const Owner = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('department'), id: OwnerName }),
    z.strictObject({ type: z.literal('brand'), id: OwnerName }),
    z.strictObject({ type: z.literal('global') }),
  ])
  .meta({
    id: 'Owner',
    description: 'Departments own IMAP accounts, brands and `global` own SMTP.',
  })
export type Owner = z.infer<typeof Owner>

export const AuthenticationInput = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('oauth'),
      provider: Provider,
      flow: z.literal('delegated').default('delegated'),
      grant_id: GrantId,
    }),
    z.strictObject({
      type: z.literal('password'),
      password: z.string().min(1).max(1024).refine(hasNoControls, NO_CONTROLS).optional().meta({
        description: 'Write-only. Left out, the stored one stays while the server is unchanged.',
      }),
    }),
  ])
  .meta({ id: 'AuthenticationInput' })
export type AuthenticationInput = z.infer<typeof AuthenticationInput>

export const mailAccountFields = {
  name: z.string().trim().min(1).max(200).optional(),
  owner: Owner,
  protocol: Protocol,
  host: MailServer.shape.host.trim().optional().meta({ description: "Default: Microsoft's." }),
  port: MailServer.shape.port.optional(),
  security: Security.optional(),
  username: Address.meta({ description: 'The mailbox.', example: 'support@contoso.com' }),
  delegate: Address.optional().meta({
    description: 'Who signs in, when that is not the mailbox (a shared mailbox).',
  }),
  from: Address.optional().meta({ description: 'Sender of outgoing mail. Default: `username`.' }),
  authentication: AuthenticationInput,
}

export const MailAccountInput = z.strictObject(mailAccountFields).meta({ id: 'MailAccountInput' })
export type MailAccountInput = z.infer<typeof MailAccountInput>

export const Health = z
  .enum(['ok', 'unverified', 'cooling_down', 'reconnect_required', 'blocked', 'inactive'])
  .meta({ id: 'Health' })
export type Health = z.infer<typeof Health>

export const MailAccount = z
  .object({
    id: MailAccountId,
    name: z.string().nullable(),
    owner: Owner,
    protocol: Protocol,
    host: z.string(),
    port: z.int(),
    security: Security,
    username: z.string(),
    delegate: z.string().nullable(),
    from: z.string().nullable(),
    authentication: z.discriminatedUnion('type', [
      z.object({
        type: z.literal('oauth'),
        provider: Provider,
        flow: z.literal('delegated'),
        grant_id: GrantId.nullable().meta({ description: 'Null after its grant was detached.' }),
      }),
      z.object({ type: z.literal('password') }),
    ]),
    health: Health,
    problem: StateProblem.optional(),
    grant: z
      .object({
        id: GrantId,
        status: GrantStatus,
        signed_in_as: z.string(),
        access_token_expires_at: Time.nullable(),
      })
      .optional(),
    last_validation: z.object({ id: z.string(), outcome: Outcome, checked_at: Time }).optional(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'MailAccount' })
export type MailAccount = z.infer<typeof MailAccount>

export const MailAccountList = listOf(MailAccount, 'MailAccountList')

export const MailAccountQuery = ListQuery.extend({
  owner_type: z.enum(['department', 'brand', 'global']).optional(),
  owner_id: z.string().max(200).optional(),
  protocol: Protocol.optional(),
  username: Address.optional(),
  grant_id: GrantId.optional(),
  health: Health.optional(),
})
export type MailAccountQuery = z.infer<typeof MailAccountQuery>

export const AccessTokenInput = z
  .strictObject({
    rejected_expires_at: Time.optional().meta({
      description: 'The token with this expiry was refused by the server: refresh now.',
    }),
  })
  .meta({ id: 'AccessTokenInput' })

export const AccessToken = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_at: Time,
    username: z.string().meta({ description: 'The login identity.' }),
    mailbox: z.string(),
    from: z.string(),
    host: z.string(),
    port: z.int(),
    security: Security,
    mechanism: z.literal('XOAUTH2'),
    xoauth2: z.string().meta({ description: 'The initial response, base64, ready to send.' }),
  })
  .meta({ id: 'AccessToken' })
export type AccessToken = z.infer<typeof AccessToken>
