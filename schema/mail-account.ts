/** Mail accounts: a department's IMAP, a brand's or everybody's SMTP. */
import { z } from 'zod'
import { Authentication, AuthenticationInput } from './authentication.ts'
import { Address, GrantId, ListQuery, listOf, MailAccountId, Time, ValidationId } from './common.ts'
import { GrantStatus, SignedInAs, TokenExpiry } from './grant.ts'
import { MailServer, Protocol, Security } from './mail-servers.ts'
import { Outcome } from './probe.ts'
import { StateProblem } from './problem.ts'

export type { AuthenticationInput } from './authentication.ts'

const OwnerName = z.string().trim().min(1).max(200).meta({
  description: 'Your own id of the department or brand.',
  example: 'dep_7',
})
const ownerType = <Type extends string>(type: Type) =>
  z.literal(type).meta({ description: 'Whose account it is.' })

export const Owner = z
  .discriminatedUnion('type', [
    z.strictObject({ type: ownerType('department'), id: OwnerName }),
    z.strictObject({ type: ownerType('brand'), id: OwnerName }),
    z.strictObject({ type: ownerType('global') }),
  ])
  .meta({
    id: 'Owner',
    description: 'Departments own IMAP accounts, brands and `global` own SMTP.',
  })
export type Owner = z.infer<typeof Owner>

/** Null is the same as left out: so an account that was read can be sent back as it is. */
export const mailAccountFields = {
  name: z.string().trim().min(1).max(200).nullish().meta({
    description: 'What people call it.',
    example: 'Support inbox',
  }),
  owner: Owner,
  protocol: Protocol,
  host: MailServer.shape.host.trim().optional().meta({
    description: "Name of the mail server. Default: Microsoft's for cloud and account type.",
  }),
  port: MailServer.shape.port.optional().meta({
    description: 'TCP port, one of 25, 143, 465, 587, 993. Default: what `security` implies.',
  }),
  security: Security.optional().meta({
    description: 'TLS from the first byte or mandatory STARTTLS. Default: what `port` implies.',
  }),
  username: Address.meta({ description: 'The mailbox.', example: 'support@contoso.com' }),
  delegate: Address.nullish().meta({
    description: 'Who signs in, when that is not the mailbox (a shared mailbox).',
  }),
  from: Address.nullish().meta({ description: 'Sender of outgoing mail. Default: `username`.' }),
  authentication: AuthenticationInput,
}

/** A form as a page would send it: Microsoft's server goes without saying. */
export const mailAccountExample = {
  name: 'Support inbox',
  owner: { type: 'department', id: 'dep_7' },
  protocol: 'imap',
  username: 'support@contoso.com',
  delegate: 'alice@contoso.com',
  authentication: { type: 'oauth', provider: 'microsoft', grant_id: GrantId.meta()?.example },
}

export const MailAccountInput = z
  .strictObject(mailAccountFields)
  .meta({ id: 'MailAccountInput', example: mailAccountExample })
export type MailAccountInput = z.infer<typeof MailAccountInput>

export const Health = z
  .enum(['ok', 'unverified', 'cooling_down', 'reconnect_required', 'blocked', 'inactive'])
  .meta({
    id: 'Health',
    description:
      '`ok`: the last login worked. `unverified`: not tried, or the last try did not pass. `cooling_down`, `reconnect_required`, `blocked`: as its grant, or as the token of the app in its tenant. `inactive`: the integration is switched off.',
    example: 'ok',
  })
export type Health = z.infer<typeof Health>

export const MailAccount = z
  .object({
    id: MailAccountId,
    name: z.string().nullable().meta({
      description: 'What people call it.',
      example: 'Support inbox',
    }),
    owner: Owner,
    protocol: Protocol,
    ...MailServer.shape,
    username: z.string().meta({ description: 'The mailbox.', example: 'support@contoso.com' }),
    delegate: z.string().nullable().meta({
      description: 'Who signs in, when that is not the mailbox.',
      example: 'alice@contoso.com',
    }),
    from: z.string().nullable().meta({
      description: 'Sender of outgoing mail, when that is not `username`.',
      example: null,
    }),
    authentication: Authentication,
    health: Health,
    problem: StateProblem.optional().meta({ description: 'Why it does not work, if so.' }),
    grant: z
      .object({
        id: GrantId,
        status: GrantStatus,
        signed_in_as: SignedInAs,
        access_token_expires_at: TokenExpiry,
      })
      .optional()
      .meta({ description: 'The grant of an OAuth account, while there is one.' }),
    last_validation: z
      .object({
        id: ValidationId,
        outcome: Outcome,
        checked_at: Time.meta({ description: 'When it was tried.' }),
      })
      .optional()
      .meta({ description: 'The last login that was tried with the values of the account.' }),
    created_at: Time.meta({ description: 'When it was saved first.' }),
    updated_at: Time.meta({ description: 'When it was saved last.' }),
  })
  .meta({ id: 'MailAccount' })
export type MailAccount = z.infer<typeof MailAccount>

export const MailAccountList = listOf(MailAccount, 'MailAccountList')

export const MailAccountQuery = ListQuery.extend({
  owner_type: z.enum(['department', 'brand', 'global']).optional().meta({
    description: 'Only those of this kind of owner.',
  }),
  owner_id: z.string().max(200).optional().meta({
    description: 'Only those of the owner with this id.',
    example: 'dep_7',
  }),
  protocol: Protocol.optional().meta({ description: 'Only those of this protocol.' }),
  username: Address.optional().meta({ description: 'Only those of this mailbox.' }),
  grant_id: GrantId.optional().meta({ description: 'Only those that use this grant.' }),
  health: Health.optional().meta({ description: 'Only those with this health.' }),
})
export type MailAccountQuery = z.infer<typeof MailAccountQuery>

export const AccessTokenInput = z
  .strictObject({
    rejected_expires_at: Time.optional().meta({
      description:
        'The token with this expiry was refused by the server: refresh now. The same expiry in the answer means that less than a minute has passed since the last refresh.',
    }),
  })
  .meta({ id: 'AccessTokenInput', example: {} })

export const AccessToken = z
  .object({
    access_token: z.string().meta({
      description: 'Opaque. With at least 5 minutes left, where Microsoft issues such.',
      example: 'eyJ0eXAi...',
    }),
    token_type: z.literal('Bearer').meta({ description: 'Always `Bearer`.' }),
    expires_at: Time.meta({ description: 'When the token ends.' }),
    username: z.string().meta({
      description: 'The login identity. IMAP: the mailbox. SMTP: the delegate where there is one.',
      example: 'support@contoso.com',
    }),
    mailbox: z.string().meta({
      description: 'The mailbox that the account is about.',
      example: 'support@contoso.com',
    }),
    from: z.string().meta({
      description: 'Sender for outgoing mail.',
      example: 'support@contoso.com',
    }),
    ...MailServer.shape,
    mechanism: z.literal('XOAUTH2').meta({ description: 'The SASL mechanism to use.' }),
    xoauth2: z.string().meta({
      description: 'The initial response of XOAUTH2, base64, ready to send.',
      example: 'dXNlcj1zdXBwb3J0QGNvbnRvc28uY29tAWF1dGg9QmVhcmVyIGV5SjB5WEFpLi4uAQE=',
    }),
  })
  .meta({ id: 'AccessToken' })
export type AccessToken = z.infer<typeof AccessToken>
