/** Creating many email accounts with one request. */
import { z } from 'zod'
import { count, object } from './common.ts'
import { MailAccount, mailAccountExample } from './mail-account.ts'
import { Problem } from './problem.ts'

export const MAX_BULK_ITEMS = 500

/** Documented as MailAccountInput, but parsed item by item, so that an invalid one fails alone. */
const Item = z.unknown().meta({
  type: 'object',
  allOf: [
    { $ref: '#/components/schemas/MailAccountInput' },
    { description: 'An email account, as in `POST /v1/mail-accounts`.' },
  ],
})

export const MailAccountBulkInput = z
  .strictObject({
    items: z.array(Item).min(1).max(MAX_BULK_ITEMS).meta({
      description: 'The email accounts. Several may name the same grant.',
    }),
  })
  .meta({
    id: 'MailAccountBulkInput',
    example: {
      items: [
        mailAccountExample,
        {
          owner: { type: 'brand', id: 'br_2' },
          protocol: 'smtp',
          username: 'sales@contoso.com',
          authentication: {
            type: 'oauth',
            provider: 'microsoft',
            flow: 'app_only',
            tenant: 'contoso.com',
          },
        },
      ],
    },
  })

const index = count('Position of the item, from 0.', 0)

const Created = object('MailAccountBulkCreated', {
  index,
  status: z.literal('created').meta({ description: 'The account was created.' }),
  mail_account: MailAccount.meta({ description: 'The new account.' }),
})

const Failed = object('MailAccountBulkFailed', {
  index,
  status: z.literal('failed').meta({ description: 'The account was not created.' }),
  problem: Problem.meta({
    description:
      'The problem that `POST /v1/mail-accounts` would have returned. Its pointers are relative to the item.',
  }),
})

export const MailAccountBulkResult = z.discriminatedUnion('status', [Created, Failed]).meta({
  id: 'MailAccountBulkResult',
  description: 'The result of one item.',
})
export type MailAccountBulkResult = z.infer<typeof MailAccountBulkResult>

export const MailAccountBulkResults = object('MailAccountBulkResults', {
  created: count('Number of accounts created.', 1),
  failed: count('Number of items that failed.', 0),
  results: z
    .array(MailAccountBulkResult)
    .meta({ description: 'The result of each item, in the order of the request.' }),
})
export type MailAccountBulkResults = z.infer<typeof MailAccountBulkResults>
