/** Email accounts. A department reads, a brand or the whole deployment sends, and other owners may do either. */
import { z } from 'zod'
import { Authentication, AuthenticationInput } from './authentication.ts'
import {
  Address,
  commaSeparated,
  count,
  flag,
  GrantId,
  ListQuery,
  listOf,
  MailAccountId,
  object,
  orNull,
  replacementOf,
  strictObject,
  Time,
  text,
  time,
  ValidationId,
} from './common.ts'
import { readCursor } from './cursor.ts'
import { Customer, CustomerFilter } from './customer.ts'
import { GrantStatus, SignedInAs, TokenExpiry } from './grant.ts'
import { DayState, NumberOfDays } from './history.ts'
import { MailServer, Protocol, Security } from './mail-servers.ts'
import { Outcome } from './probe.ts'
import { StateProblem } from './problem.ts'

export type { AuthenticationInput } from './authentication.ts'

const OwnerName = z.string().trim().min(1).max(200).meta({
  description: 'Your own id for the owner.',
  example: 'inbox-7',
})
const ownerType = <Type extends string>(type: Type) =>
  z.literal(type).meta({ description: 'Kind of owner.' })

export const Owner = z
  .discriminatedUnion('type', [
    strictObject('OtherOwner', { type: ownerType('other'), id: OwnerName }),
    strictObject('DepartmentOwner', { type: ownerType('department'), id: OwnerName }),
    strictObject('BrandOwner', { type: ownerType('brand'), id: OwnerName }),
    strictObject('GlobalOwner', { type: ownerType('global') }),
  ])
  .meta({
    id: 'Owner',
    description:
      'What the mailbox belongs to in your product. `other`, with an id of your choice, fits any product. The others are for help desks: a `department` owns accounts that read, a `brand`, or `global` for all brands, owns accounts that send.',
  })
export type Owner = z.infer<typeof Owner>

const ownerExample = { type: 'other', id: 'inbox-7' }

/**
 * Optional texts of an account. A new text needs an entry here and a column. The console does not compile until its
 * form has it, since a PUT replaces everything.
 */
const texts = {
  name: z.string().trim().min(1).max(200).meta({
    description: 'Display name.',
    example: 'Support inbox',
  }),
  delegate: Address.meta({
    description: 'The user who signs in, if not the mailbox itself (shared mailboxes).',
    example: 'alice@contoso.com',
  }),
  from: Address.meta({
    description: 'Sender address of outgoing mail. Default: `username`.',
    example: null,
  }),
}
type PlainField = keyof typeof texts

const plainFields = Object.keys(texts) as PlainField[]

/** Returns an object with a value for each plain field. */
const eachPlain = <Value>(read: (field: PlainField) => Value) =>
  Object.fromEntries(plainFields.map((field) => [field, read(field)])) as Record<PlainField, Value>

/** Returns the plain fields of a form or an account, with null for one that is missing. */
export const plainValues = (from: { [Field in PlainField]?: string | null | undefined }) =>
  eachPlain((field) => from[field] ?? null)

/** Input fields. Null is equivalent to omitted, so that a response can be sent back unchanged. */
export const mailAccountFields = {
  customer: Customer.optional().meta({
    description:
      'The customer that the account belongs to. Default: that of its grant, or of the key. A `PUT` without it keeps it; another one moves the account, its grant and all accounts of that grant (only keys without a limit).',
    example: null,
  }),
  owner: orNull(Owner, 'The owner. Null or omitted: none.', ownerExample).optional(),
  protocol: Protocol,
  host: MailServer.shape.host.trim().optional().meta({
    description:
      "Host name of the mail server. Default: Microsoft's server for the cloud and account type. With `graph_send`, host, port and security are Microsoft Graph's and cannot be chosen; a `PUT` that changes `protocol` ignores those of the former one.",
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
  ...eachPlain((field) => texts[field].nullish().meta(texts[field].meta() ?? {})),
  authentication: AuthenticationInput,
}

/** An example form that leaves the server to the default. */
export const mailAccountExample = {
  name: 'Support inbox',
  owner: ownerExample,
  protocol: 'imap',
  username: 'support@contoso.com',
  delegate: 'alice@contoso.com',
  authentication: { type: 'oauth', provider: 'microsoft', grant_id: GrantId.meta()?.example },
}

export const MailAccountInput = z
  .strictObject(mailAccountFields)
  .meta({ id: 'MailAccountInput', example: mailAccountExample })
export type MailAccountInput = z.infer<typeof MailAccountInput>

export const NewMailAccount = MailAccountInput.extend({
  unique: z.boolean().optional().meta({
    description:
      'True to create no second account with the same `customer`, `owner` (or none), `protocol` and `username`: if there is one, the response is 409 `mail_account_exists` with its id in `existing`.',
    example: true,
  }),
}).meta({ id: 'NewMailAccount', example: { ...mailAccountExample, unique: true } })
export type NewMailAccount = z.infer<typeof NewMailAccount>

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
    'x-extensible': true,
    description:
      '`ok`: the last login succeeded. `unverified`: no login has been tried, or the last one was inconclusive. `failing`: the last login was refused; `problem` says why. `cooling_down`, `reconnect_required`, `blocked`: the status of its grant or, for app-only accounts, of the app in its tenant. `inactive`: the integration is deactivated.',
    example: 'ok',
  })
export type Health = z.infer<typeof Health>

const MailAccountGrant = z
  .object({
    id: GrantId,
    status: GrantStatus,
    signed_in_as: SignedInAs,
    access_token_expires_at: TokenExpiry,
  })
  .meta({ id: 'MailAccountGrant', description: 'The grant of an OAuth account.' })

const LastValidation = z
  .object({ id: ValidationId, outcome: Outcome, checked_at: time('When the login was tried.') })
  .meta({ id: 'LastValidation', description: 'The last login tried with the saved values.' })

export const MailAccount = object('MailAccount', {
  id: MailAccountId,
  customer: Customer,
  owner: orNull(Owner, 'The owner; null without one.', ownerExample),
  protocol: Protocol,
  ...MailServer.shape,
  username: text('Address of the mailbox.', 'support@contoso.com'),
  ...eachPlain((field) =>
    z
      .string()
      .nullable()
      .meta(texts[field].meta() ?? {}),
  ),
  authentication: Authentication,
  health: Health,
  problem: orNull(StateProblem, 'Why the account does not work; null if it works.'),
  grant: orNull(MailAccountGrant, 'The grant of an OAuth account; null if it has none.'),
  last_validation: orNull(
    LastValidation,
    'The last login tried with the saved values; null if there was none.',
  ),
  created_at: time('When the account was created.'),
  updated_at: time('When the account was last saved.'),
})
export type MailAccount = z.infer<typeof MailAccount>

export const MailAccountReplacement = replacementOf(
  MailAccountInput,
  MailAccount,
  'MailAccountReplacement',
)

export const MailAccountList = listOf(
  MailAccount,
  'MailAccountList',
  'The email accounts of this page, in the order of `sort`.',
)

/** Filters of the list and its summary, apart from the health, which the summary counts. */
export const MailAccountFilters = z.object({
  customer: CustomerFilter,
  q: z.string().trim().max(100).optional().meta({
    description:
      'Only accounts with this text in their `username`, `delegate`, `name` or owner id, in upper or lower case.',
    example: 'support',
  }),
  owner_type: z.enum(['other', 'department', 'brand', 'global', 'none']).optional().meta({
    description: 'Only accounts with this type of owner. `none`: only accounts without an owner.',
  }),
  owner_id: z.string().max(200).optional().meta({
    description: 'Only accounts of the owner with this id.',
    example: 'dep_7',
  }),
  protocol: Protocol.optional().meta({ description: 'Only accounts with this protocol.' }),
  direction: z.enum(['read', 'send']).optional().meta({
    description:
      'Only accounts that read mail (`imap`), or only those that send it (`smtp`, `graph_send`).',
    example: 'send',
  }),
  username: Address.optional().meta({ description: 'Only accounts of this mailbox.' }),
  grant_id: GrantId.optional().meta({ description: 'Only accounts that use this grant.' }),
  duplicate: z.literal('true').optional().meta({
    description:
      'Only accounts for a mailbox that the same owner has more than once with the same protocol.',
  }),
})
export type MailAccountFilters = z.infer<typeof MailAccountFilters>

const HealthFilter = commaSeparated(z.array(Health), Health.options)

/** Health values from the most urgent to the least, which is the order of `sort=health`. */
export const HEALTH_BY_URGENCY = [
  'reconnect_required',
  'blocked',
  'failing',
  'cooling_down',
  'unverified',
  'inactive',
  'ok',
] as const satisfies readonly Health[]

/** Length of a cursor with the longest address, of letters with 3 bytes each, and twice the name of a customer. */
const MAX_CURSOR = 1600

/** `sorted.by` in the cursor of a mailbox. `sorted.key` is its customer and its address, separated by a space. */
export const MAILBOX_ORDER = 'mailbox'

export const MailboxQuery = MailAccountFilters.extend({
  health: HealthFilter.optional().meta({
    description:
      'Only mailboxes with this health, or with one of several, separated by commas. The health of a mailbox is the most urgent one of its accounts that match the other filters.',
    example: 'reconnect_required,failing',
  }),
  days: NumberOfDays.optional().meta({
    description:
      'Adds to each account the states of so many days (UTC), the last of which is today; from 1 to 90.',
    example: 30,
  }),
  limit: ListQuery.shape.limit,
  cursor: z
    .string()
    .max(MAX_CURSOR)
    .refine(
      (text) => readCursor(text)?.sorted?.by === MAILBOX_ORDER,
      'is not the `next_cursor` of this list',
    )
    .optional()
    .meta({ description: 'The `next_cursor` of the previous page. Opaque.' }),
})
export type MailboxQuery = z.infer<typeof MailboxQuery>

/** Accounts of a mailbox that a list shows. */
export const MAX_ACCOUNTS_OF_MAILBOX = 20

const MailboxAccount = MailAccount.extend({
  days: z.array(DayState).optional().meta({
    description: 'One item per day, oldest first. Only with the parameter `days`.',
  }),
}).meta({ id: 'MailboxAccount' })
export type MailboxAccount = z.infer<typeof MailboxAccount>

export const Mailbox = z
  .object({
    username: MailAccount.shape.username,
    customer: Customer,
    accounts: z
      .array(MailboxAccount)
      .max(MAX_ACCOUNTS_OF_MAILBOX)
      .meta({
        description: `The email accounts of the mailbox, the oldest first. Of more than ${MAX_ACCOUNTS_OF_MAILBOX}, the most urgent ones; \`GET /v1/mail-accounts?username=\` lists all.`,
      }),
  })
  .meta({ id: 'Mailbox', description: 'A mailbox with all that reads it and sends from it.' })
export type Mailbox = z.infer<typeof Mailbox>

export const MailboxList = listOf(Mailbox, 'MailboxList', 'The mailboxes of this page, by address.')
export type MailboxList = z.infer<typeof MailboxList>

export const MailAccountSort = z.enum([
  'created_at',
  '-created_at',
  'username',
  '-username',
  'health',
  '-health',
  'checked_at',
  '-checked_at',
])
export type MailAccountSort = z.infer<typeof MailAccountSort>

const SORTED_BY_NUMBER = /^-?(health|checked_at)$/

function belongsTo(sort: MailAccountSort, text: string): boolean {
  const { sorted = { by: '-created_at', key: '' } } = readCursor(text) ?? {}
  return sorted.by === sort && (!SORTED_BY_NUMBER.test(sort) || /^\d{1,15}$/.test(sorted.key))
}

export const MailAccountQuery = MailAccountFilters.extend({
  health: HealthFilter.optional().meta({
    description: 'Only accounts with this health, or with one of several, separated by commas.',
    example: 'reconnect_required,failing',
  }),
  sort: MailAccountSort.default('-created_at').meta({
    description: `Order of the list. \`created_at\`: oldest first, \`-created_at\`: newest first (the default). \`username\`: by address. \`health\`: most urgent first (${HEALTH_BY_URGENCY.join(', ')}). \`checked_at\`: by last validation, never validated first, then the oldest. A leading \`-\` reverses the order.`,
    example: 'health',
  }),
  limit: ListQuery.shape.limit,
  cursor: z
    .string()
    .max(MAX_CURSOR)
    .refine((text) => readCursor(text) !== null, 'is not the `next_cursor` of a list')
    .optional()
    .meta({
      description:
        'The `next_cursor` of the previous page. Opaque. A position in the order of `sort`: with another `sort` it is rejected.',
    }),
}).superRefine(({ sort, cursor }, context) => {
  if (cursor === undefined || belongsTo(sort, cursor)) return
  context.addIssue({
    code: 'custom',
    path: ['cursor'],
    message: 'is from a list with another `sort`: start again without `cursor`',
  })
})
export type MailAccountQuery = z.infer<typeof MailAccountQuery>

const HealthCounts = z
  .object(
    Object.fromEntries(
      Health.options.map((health) => [
        health,
        count(
          `Number with the health \`${health}\`.`,
          health === 'ok' ? 3 : health === 'failing' ? 1 : 0,
        ),
      ]),
    ) as Record<Health, z.ZodInt>,
  )
  .meta({ id: 'HealthCounts', description: 'Counts by health.' })

export const MailAccountSummary = object('MailAccountSummary', {
  total: count('Number of email accounts.', 4),
  health: HealthCounts,
  mailboxes: z.object({ total: count('Number of mailboxes.', 4), health: HealthCounts }).meta({
    id: 'MailboxCounts',
    description:
      'Counts of mailboxes, as `GET /v1/mailboxes` lists them: accounts with the same `username` and `customer` count once, with their most urgent health.',
  }),
  duplicates: count(
    'Number of accounts for a mailbox that the same owner already has with the same protocol. 0 unless one was entered twice.',
    0,
  ),
})
export type MailAccountSummary = z.infer<typeof MailAccountSummary>

export const MailAccountOwners = object('MailAccountOwners', {
  data: z
    .array(
      object('MailAccountOwner', {
        owner: orNull(Owner, 'The owner; null for accounts without one.', ownerExample),
        mail_accounts: z.int().min(1).meta({
          description: 'Number of email accounts of this owner.',
          example: 12,
        }),
      }),
    )
    .meta({ description: 'The owners, sorted by type and id. At most 500.' }),
})
export type MailAccountOwners = z.infer<typeof MailAccountOwners>

export const AccessTokenInput = z
  .strictObject({
    rejected_expires_at: Time.nullish().meta({
      description:
        'The `expires_at` of a token that the mail server refused: forces a refresh, unless another token has been stored since. If the response has the same expiry, the last refresh was less than a minute ago.',
      example: '2026-11-24T09:30:00.000Z',
    }),
  })
  .meta({ id: 'AccessTokenInput', example: {} })

export const AccessTokenForm = z.enum(['token', 'xoauth2', 'xoauth2_raw']).optional().meta({
  description:
    'The string that a plain-text response consists of: the access token (default), or the XOAUTH2 initial response, base64-encoded or raw. Only with `Accept: text/plain`.',
  example: 'token',
})
export type AccessTokenForm = z.infer<typeof AccessTokenForm>

const issuedToken = {
  access_token: text(
    'The access token, an opaque string. Valid for at least 5 minutes, unless Microsoft issued a shorter one.',
    'eyJ0eXAi...',
  ),
  token_type: z.literal('Bearer').meta({ description: 'Always `Bearer`.' }),
  expires_at: time('When the token expires.'),
  expires_in: count('Seconds until the token expires.', 3599),
  refreshed: flag(
    'True if this call got the token from Microsoft; false if it was stored. If the refused token comes back with false, it is not the cause, or is too young to be replaced, and `Retry-After` says when it can be.',
    false,
  ),
  username: text(
    'The identity to log in as. IMAP: the mailbox. SMTP: the delegate, if set.',
    'support@contoso.com',
  ),
  mailbox: text('Address of the mailbox.', 'support@contoso.com'),
  from: text('Sender address for outgoing mail.', 'support@contoso.com'),
  ...MailServer.shape,
}

const LoginToken = z
  .object({
    ...issuedToken,
    mechanism: z.literal('XOAUTH2').meta({ description: 'The SASL mechanism to use.' }),
    xoauth2: text(
      'The XOAUTH2 initial client response, base64-encoded and ready to send. Over SMTP, send it on a line of its own after the reply 334: an AUTH command must not exceed 512 octets.',
      'dXNlcj1zdXBwb3J0QGNvbnRvc28uY29tAWF1dGg9QmVhcmVyIGV5SjB5WEFpLi4uAQE=',
    ),
    xoauth2_raw: text(
      'The same string before base64, for libraries that encode it themselves. Contains the control character U+0001.',
      'user=support@contoso.com\u0001auth=Bearer eyJ0eXAi...\u0001\u0001',
    ),
  })
  .meta({ id: 'LoginAccessToken', description: 'A token for a login at an IMAP or SMTP server.' })

const GraphToken = z
  .object({
    ...issuedToken,
    mechanism: z.literal('Bearer').meta({
      description: 'The token goes into the header `Authorization: Bearer` of each request.',
    }),
    api_base: text(
      'URL below which Microsoft Graph has its calls, in the cloud of the account.',
      'https://graph.microsoft.com/v1.0',
    ),
    mailbox_path: text(
      'Path of the mailbox, to be appended to `api_base`: `/me`, or `/users/` and the address as one percent-encoded segment. `POST {api_base}{mailbox_path}/sendMail` sends.',
      '/me',
    ),
  })
  .meta({ id: 'GraphAccessToken', description: 'A token for requests to Microsoft Graph.' })

export const AccessToken = z
  .discriminatedUnion('mechanism', [LoginToken, GraphToken])
  .meta({ id: 'AccessToken', 'x-extensible': true })
export type AccessToken = z.infer<typeof AccessToken>
