/** What many messages of the API share: ids, times, lists, mailbox addresses. */
import { z } from 'zod'
import { readCursor } from './cursor.ts'

const ID_TAIL = '[a-z2-7]{26}'

/** The prefix of every kind of id. The rest is 130 random bits in RFC 4648 base32, lower case. */
export const ID_PREFIXES = {
  mailAccount: 'ma',
  authorization: 'az',
  grant: 'gr',
  validation: 'va',
  event: 'ev',
  adminConsent: 'ac',
  apiKey: 'key',
  webhook: 'wh',
  delivery: 'msg',
} as const
export type IdKind = keyof typeof ID_PREFIXES

/** A tail for the ids of examples. */
const TAIL = 'mwiq4wgd7u5x2l3k'.padEnd(26, '7')

const idOf = (kind: IdKind, name: string) =>
  z
    .string()
    .regex(new RegExp(`^${ID_PREFIXES[kind]}_${ID_TAIL}$`), `must be the id of ${name}`)
    .meta({
      description: `Id of ${name.replace(/ \(.*/, '')}.`,
      example: `${ID_PREFIXES[kind]}_${TAIL}`,
    })

export const MailAccountId = idOf('mailAccount', 'a mail account (ma_...)')
export const AuthorizationId = idOf('authorization', 'an authorization (az_...)')
export const GrantId = idOf('grant', 'a grant (gr_...)')
export const ValidationId = idOf('validation', 'a validation (va_...)')
export const ApiKeyId = idOf('apiKey', 'an API key (key_...)')
export const WebhookId = idOf('webhook', 'a webhook (wh_...)')
/** Made inside the database, so 128 bits in hexadecimal; a test message's has the usual form. */
export const DeliveryId = z
  .string()
  .regex(/^msg_[0-9a-z]{26,32}$/, 'must be the id of a delivery (msg_...)')
  .meta({ description: 'Id of a delivery.', example: 'msg_0f8fad5bd9cb469fa16570867728950e' })

export const Time = z.iso
  .datetime('must be a time in UTC such as 2030-01-31T09:30:00Z')
  .meta({ description: 'RFC 3339, UTC.', example: '2026-11-24T09:30:00.000Z' })

/** Control characters separate the fields of SASL messages: a value with one would add fields. */
export const hasNoControls = (text: string) => !/\p{Cc}/u.test(text)
export const NO_CONTROLS = 'must not contain control characters'

/** Pasted along from a web page, it makes another address that looks the same. */
const hasNoInvisibles = (text: string) => !/[\p{Cf}\p{Cs}]/u.test(text)

/** A mailbox or sign-in address. Compared without case, kept as it was written. */
export const Address = z
  .string()
  .trim()
  .max(320)
  .regex(/^[^\s@"(),:;<>[\]\\]+@[^\s@"(),:;<>[\]\\]+$/, 'must be an address like name@example.com')
  .refine(hasNoControls, NO_CONTROLS)
  .refine(hasNoInvisibles, 'must not contain invisible characters')
  .meta({ description: 'A mailbox or sign-in address.', example: 'support@contoso.com' })

export const Provider = z.literal('microsoft').meta({ description: 'The only provider today.' })

const LIMIT = 'must be a whole number from 1 to 200'

export const ListQuery = z.object({
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50).meta({
    description: 'How many at most, 1 to 200.',
  }),
  cursor: z
    .string()
    .max(200)
    .refine((text) => readCursor(text) !== null, 'is not the `next_cursor` of a list')
    .optional()
    .meta({ description: '`next_cursor` of the page before. Opaque.' }),
})
export type ListQuery = z.infer<typeof ListQuery>

/** A page of a list, newest first. `next_cursor` is null on the last page. */
export const listOf = <Item extends z.ZodType>(item: Item, id: string) =>
  z
    .object({
      data: z.array(item).meta({ description: 'The page, newest first.' }),
      next_cursor: z.string().nullable().meta({
        description: 'Pass it as `cursor` to read on. Null on the last page.',
        example: null,
      }),
    })
    .meta({ id })

/**
 * A schema or null. Where the schema has an id, `.nullable()` must not be used: the document would
 * refer to the schema and lose the null.
 */
export const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()])

/** The same comparison everywhere: addresses differ in case only by accident. */
export const sameAddress = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
