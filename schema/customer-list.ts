/** Customers as the API lists them. */
import { z } from 'zod'
import { count, listOf, object, timeOrNull } from './common.ts'
import { CustomerName } from './customer.ts'
import { MailAccountSummary } from './mail-account.ts'

export const CustomerSummary = object('Customer', {
  customer: CustomerName,
  mail_accounts: count('Number of email accounts.', 4),
  by_health: MailAccountSummary.shape.health,
  suspended_at: timeOrNull(
    'Since when its mailboxes get no access tokens, no sign-ins and no logins; null if they do.',
    null,
  ),
})
export type CustomerSummary = z.infer<typeof CustomerSummary>

export const CustomerList = listOf(
  CustomerSummary,
  'CustomerList',
  'The customers of this page, by name.',
)
export type CustomerList = z.infer<typeof CustomerList>

export const CustomerDeletion = z.object({
  // No coercion, which would document the parameter as optional.
  confirm: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a number')
    .transform(Number)
    .meta({
      description: 'Number of email accounts of the customer, which are all deleted.',
      example: '4',
    }),
})
