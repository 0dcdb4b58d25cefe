/** Email accounts: IMAP of a department, SMTP of a brand or of the whole deployment, either of anything else. */
import { z } from 'zod'
import { Authentication, AuthenticationInput } from './authentication.ts'
import { Address, GrantId, ListQuery, listOf, MailAccountId, Time, ValidationId } from './common.ts'
import { GrantStatus, SignedInAs, TokenExpiry } from './grant.ts'
import { MailServer, Protocol, Security } from './mail-servers.ts'
import { Outcome } from './probe.ts'
import { StateProblem } from './problem.ts'

export type { AuthenticationInput } from './authentication.ts'

const OwnerName = z.string().trim().min(1).max(200).meta({
  description: 'Your own id for the owner.',
  example: 'dep_7',
})
const ownerType = <Type extends string>(type: Type) =>
  z.literal(type).meta({ description: 'Kind of owner.' })

export const Owner = z
  .discriminatedUnion('type', [
    z
      .strictObject({ type: ownerType('department'), id: OwnerName })
      .meta({ id: 'DepartmentOwner' }),
    z.strictObject({ type: ownerType('brand'), id: OwnerName }).meta({ id: 'BrandOwner' }),
    z.strictObject({ type: ownerType('global') }).meta({ id: 'GlobalOwner' }),
    z.strictObject({ type: ownerType('other'), id: OwnerName }).meta({ id: 'OtherOwner' }),
  ])
  .meta({
    id: 'Owner',
    description:
      'The owner. Departments own IMAP accounts; brands and `global` own SMTP accounts. `other` owns either: a user, project or queue of yours.',
  })
export type Owner = z.infer<typeof Owner>

/** Input fields. Null is equivalent to omitted, so that a response can be sent back unchanged. */
export const mailAccountFields = {
  name: z.string().trim().min(1).max(200).nullish().meta({
    description: 'Display name.',
    example: 'Support inbox',
  }),
  owner: Owner,
  protocol: Protocol,
  host: MailServer.shape.host.trim().optional().meta({
    description:
      "Host name of the mail server. Default: Microsoft's server for the cloud and account type.",
  }),
  port: MailServer.shape.port.optional().meta({
    description: 'TCP port: 25, 143, 465, 587 or 993. Default: the usual port for `security`.',
  }),
  security: Security.optional().meta({
    description: 'Implicit TLS or mandatory STARTTLS. Default: the usual one for `port`.',
  }),
  username: Address.meta({
    description: 'Address of the mailbox.',
    example: 'support@contoso.com',
  }),
  delegate: Address.nullish().meta({
    description: 'The user who signs in, if not the mailbox itself (shared mailboxes).',
  }),
  from: Address.nullish().meta({
    description: 'Sender address of outgoing mail. Default: `username`.',
  }),
  authentication: AuthenticationInput,
}

/** An example form that leaves the server to the default. */
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
  .enum([
    'ok',
    'unverified',
    'failing',
    'cooling_down',
    'reconnect_required',
    'blocked',
    'inactive',
  ])
  .meta({
    id: 'Health',
    description:
      '`ok`: the last login succeeded. `unverified`: no login has been tried, or the last one was inconclusive. `failing`: the last login was refused; `problem` says why. `cooling_down`, `reconnect_required`, `blocked`: the status of its grant or, for app-only accounts, of the app in its tenant. `inactive`: the integration is deactivated.',
    example: 'ok',
  })
export type Health = z.infer<typeof Health>

export const MailAccount = z
  .object({
    id: MailAccountId,
    name: z.string().nullable().meta({
      description: 'Display name.',
      example: 'Support inbox',
    }),
    owner: Owner,
    protocol: Protocol,
    ...MailServer.shape,
    username: z.string().meta({
      description: 'Address of the mailbox.',
      example: 'support@contoso.com',
    }),
    delegate: z.string().nullable().meta({
      description: 'The user who signs in, if not the mailbox itself.',
      example: 'alice@contoso.com',
    }),
    from: z.string().nullable().meta({
      description: 'Sender address of outgoing mail, if not `username`.',
      example: null,
    }),
    authentication: Authentication,
    health: Health,
    problem: StateProblem.optional().meta({
      description: 'Present if the account does not work: the reason.',
    }),
    grant: z
      .object({
        id: GrantId,
        status: GrantStatus,
        signed_in_as: SignedInAs,
        access_token_expires_at: TokenExpiry,
      })
      .meta({
        id: 'MailAccountGrant',
        description: 'The grant of an OAuth account. Absent after it was detached.',
      })
      .optional(),
    last_validation: z
      .object({
        id: ValidationId,
        outcome: Outcome,
        checked_at: Time.meta({ description: 'When the login was tried.' }),
      })
      .meta({ id: 'LastValidation', description: 'The last login tried with the saved values.' })
      .optional(),
    created_at: Time.meta({ description: 'When the account was created.' }),
    updated_at: Time.meta({ description: 'When the account was last saved.' }),
  })
  .meta({ id: 'MailAccount' })
export type MailAccount = z.infer<typeof MailAccount>

export const MailAccountList = listOf(MailAccount, 'MailAccountList')

export const MailAccountQuery = ListQuery.extend({
  owner_type: z.enum(['department', 'brand', 'global', 'other']).optional().meta({
    description: 'Only accounts with this type of owner.',
  }),
  owner_id: z.string().max(200).optional().meta({
    description: 'Only accounts of the owner with this id.',
    example: 'dep_7',
  }),
  protocol: Protocol.optional().meta({ description: 'Only accounts with this protocol.' }),
  username: Address.optional().meta({ description: 'Only accounts of this mailbox.' }),
  grant_id: GrantId.optional().meta({ description: 'Only accounts that use this grant.' }),
  health: Health.optional().meta({ description: 'Only accounts with this health.' }),
})
export type MailAccountQuery = z.infer<typeof MailAccountQuery>

export const AccessTokenInput = z
  .strictObject({
    rejected_expires_at: Time.optional().meta({
      description:
        'The `expires_at` of a token that the mail server refused: forces a refresh. If the response has the same expiry, the last refresh was less than a minute ago.',
    }),
  })
  .meta({ id: 'AccessTokenInput', example: {} })

export const AccessTokenForm = z.enum(['token', 'xoauth2', 'xoauth2_raw']).optional().meta({
  description:
    'Which string a text answer consists of: the access token (default), or the XOAUTH2 initial response, base64-encoded or raw. Only with `Accept: text/plain`.',
  example: 'token',
})
export type AccessTokenForm = z.infer<typeof AccessTokenForm>

export const AccessToken = z
  .object({
    access_token: z.string().meta({
      description:
        'The access token, an opaque string. Valid for at least 5 minutes, unless Microsoft issued a shorter one.',
      example: 'eyJ0eXAi...',
    }),
    token_type: z.literal('Bearer').meta({ description: 'Always `Bearer`.' }),
    expires_at: Time.meta({ description: 'When the token expires.' }),
    expires_in: z.int().min(0).meta({
      description: 'Seconds until the token expires.',
      example: 3599,
    }),
    refreshed: z.boolean().meta({
      description:
        'True if this call got the token from Microsoft; false if it was stored. False in answer to a `rejected_expires_at` means that the refused token is not the cause, or is too young to be replaced: `Retry-After` then says when it can be.',
      example: false,
    }),
    username: z.string().meta({
      description: 'The identity to log in as. IMAP: the mailbox. SMTP: the delegate, if set.',
      example: 'support@contoso.com',
    }),
    mailbox: z.string().meta({
      description: 'Address of the mailbox.',
      example: 'support@contoso.com',
    }),
    from: z.string().meta({
      description: 'Sender address for outgoing mail.',
      example: 'support@contoso.com',
    }),
    ...MailServer.shape,
    mechanism: z.literal('XOAUTH2').meta({ description: 'The SASL mechanism to use.' }),
    xoauth2: z.string().meta({
      description:
        'The XOAUTH2 initial client response, base64-encoded and ready to send. Over SMTP, send it on a line of its own after the reply 334: an AUTH command must not exceed 512 octets.',
      example: 'dXNlcj1zdXBwb3J0QGNvbnRvc28uY29tAWF1dGg9QmVhcmVyIGV5SjB5WEFpLi4uAQE=',
    }),
    xoauth2_raw: z.string().meta({
      description:
        'The same string before base64, for libraries that encode it themselves. Contains the control character U+0001.',
      example: 'user=support@contoso.com\u0001auth=Bearer eyJ0eXAi...\u0001\u0001',
    }),
  })
  .meta({ id: 'AccessToken' })
export type AccessToken = z.infer<typeof AccessToken>
