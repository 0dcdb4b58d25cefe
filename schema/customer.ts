/**
 * Customers of a vendor. A customer is a boundary. A key with a customer sees and creates only what belongs to that
 * customer.
 */
import { z } from 'zod'

export const CustomerName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')
  // Browsers and HTTP clients resolve these in a path.
  .refine((name) => name !== '.' && name !== '..', 'must not be . or ..')
  .meta({ description: 'Name of a customer.', example: 'acme' })

/** The customer of a resource. */
export const Customer = CustomerName.nullable().meta({
  description: 'Its customer, or null.',
  example: null,
})

/** Filter of a list. Empty: without a customer. */
export const CustomerFilter = z
  .union([z.literal(''), CustomerName])
  .optional()
  .meta({
    description: 'Only those of this customer. Empty: only those without a customer.',
    example: 'acme',
  })
