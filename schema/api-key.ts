/** API keys, their scopes and their limits. */
import { z } from 'zod'
import {
  ApiKeyId,
  hasNoControls,
  listOf,
  MailAccountId,
  NO_CONTROLS,
  object,
  optionalText,
  replacementOf,
  strictObject,
  Time,
  text,
  textOrNull,
  timeOrNull,
} from './common.ts'
import { Customer } from './customer.ts'

export const Scope = z.enum(['read', 'write', 'tokens', 'admin']).meta({
  id: 'Scope',
  description:
    '`read`: read access. `write`: includes `read`. `tokens`: fetch access tokens, nothing else. `admin`: full access.',
})
export type Scope = z.infer<typeof Scope>

export const ApiKeyInput = strictObject('ApiKeyInput', {
  name: z.string().trim().min(1).max(100).refine(hasNoControls, NO_CONTROLS).meta({
    description: 'Owner and purpose of the key. Shown to users who are asked to sign in.',
    example: 'Help desk, mail worker',
  }),
  scopes: z
    .array(Scope)
    .min(1)
    .max(4)
    .meta({ description: 'What the key may do.', example: ['tokens'] }),
  mail_accounts: z.array(MailAccountId).min(1).max(1000).nullish().meta({
    description:
      'Limits the key to these email accounts and their grants, validations and authorizations. Not allowed with `admin`.',
  }),
  customer: Customer.optional().meta({
    description:
      'Limits the key to this customer: it sees and makes only what belongs to the customer. Only with the scopes `read`, `write` and `tokens`, and not together with `mail_accounts`. Fixed when the key is created.',
    example: null,
  }),
  app_only: z.boolean().default(false).meta({
    description:
      'Allows a key limited by `mail_accounts` to fetch the access tokens of app-only accounts among them, which open every mailbox to which the app has access. A test message through an app-only account requires it, too, unless the key has `admin`.',
  }),
  expires_at: Time.nullish().meta({
    description: 'When the key expires. Default: never.',
    example: '2028-11-24T00:00:00.000Z',
  }),
})
export type ApiKeyInput = z.infer<typeof ApiKeyInput>

export const ApiKey = object('ApiKey', {
  id: ApiKeyId,
  name: text('Owner and purpose of the key.', 'Help desk, mail worker'),
  status: z.enum(['active', 'expired', 'revoked', 'ended']).meta({
    'x-extensible': true,
    description:
      'Only `active` keys are accepted. `ended`: the key is neither expired nor revoked, but `ACCESS_EPOCH` was changed after its creation, its row was changed outside Mailgrant, or `ENCRYPTION_KEYS` lacks the key that sealed it.',
  }),
  scopes: z.array(Scope).meta({ description: 'What the key may do.', example: ['tokens'] }),
  mail_accounts: z.array(z.string()).nullable().meta({
    description: 'Ids of the email accounts the key is limited to; null if unlimited.',
  }),
  customer: Customer.meta({
    description: 'The customer that the key is limited to; null if it is not.',
  }),
  app_only: z.boolean().meta({
    example: false,
    description:
      "Whether a limited key can fetch the access tokens of app-only accounts, which also open the tenant's other mailboxes.",
  }),
  created_at: Time,
  created_by: text('Id of the key that created it, `root`, or the object id of a person.', 'root'),
  created_by_name: textOrNull(
    'Name of the person who created it in the console; null if a key did.',
    null,
  ),
  expires_at: Time.nullable(),
  last_used_at: timeOrNull('Last use, accurate to five minutes.'),
  revoked_at: Time.nullable(),
})
export type ApiKey = z.infer<typeof ApiKey>

export const ApiKeyReplacement = replacementOf(ApiKeyInput, ApiKey, 'ApiKeyReplacement')
export type ApiKeyReplacement = z.infer<typeof ApiKeyReplacement>

export const ApiKeyCreated = ApiKey.extend({
  key: optionalText(
    'The key, `mg_<id>_<secret>`. Returned once and not stored. Absent only from a response replayed for an `Idempotency-Key`.',
    `mg_key_${'mwiq4wgd7u5x2l3k'.padEnd(26, '7')}_${'x'.repeat(43)}`,
  ),
}).meta({ id: 'ApiKeyCreated' })
/** The response that creates a key, the only one with its secret. */
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated> & { key: string }

export const ApiKeyList = listOf(ApiKey, 'ApiKeyList')
