/** API keys and what they may do. */
import { z } from 'zod'
import { ApiKeyId, hasNoControls, listOf, MailAccountId, NO_CONTROLS, Time } from './common.ts'

export const Scope = z.enum(['read', 'write', 'tokens', 'admin']).meta({
  description:
    '`read` sees, `write` includes `read`, `tokens` is handed access tokens and includes neither, `admin` has all.',
})
export type Scope = z.infer<typeof Scope>

export const ApiKeyInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100).refine(hasNoControls, NO_CONTROLS).meta({
      description: 'Whose it is and what for. People who are asked to sign in are shown it.',
      example: 'Help desk, mail worker',
    }),
    scopes: z
      .array(Scope)
      .min(1)
      .max(4)
      .meta({ description: 'What it may do.', example: ['tokens'] }),
    mail_accounts: z.array(MailAccountId).min(1).max(1000).optional().meta({
      description:
        'Limits the key to these accounts, their grants, validations and authorizations. Not with `admin`.',
    }),
    expires_at: Time.optional().meta({
      description: 'When it ends by itself.',
      example: '2028-11-24T00:00:00.000Z',
    }),
  })
  .meta({ id: 'ApiKeyInput' })
export type ApiKeyInput = z.infer<typeof ApiKeyInput>

export const ApiKey = z
  .object({
    id: ApiKeyId,
    name: z.string().meta({
      description: 'Whose it is and what for.',
      example: 'Help desk, mail worker',
    }),
    status: z.enum(['active', 'expired', 'revoked']).meta({
      description: 'Only an `active` key opens anything.',
    }),
    scopes: z.array(Scope).meta({ description: 'What it may do.', example: ['tokens'] }),
    mail_accounts: z.array(z.string()).nullable().meta({
      description: 'The accounts that it is limited to; null when it is not limited.',
    }),
    created_at: Time,
    created_by: z.string().meta({
      description: 'The key that made it, or `root`.',
      example: 'root',
    }),
    expires_at: Time.nullable(),
    last_used_at: Time.nullable().meta({ description: 'To within five minutes.' }),
    revoked_at: Time.nullable(),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const ApiKeyCreated = ApiKey.extend({
  key: z
    .string()
    .optional()
    .meta({
      description:
        'The key, `mg_<id>_<secret>`: shown once, and not stored. Missing only in an answer that is repeated for an `Idempotency-Key`.',
      example: `mg_key_${'mwiq4wgd7u5x2l3k'.padEnd(26, '7')}_${'x'.repeat(43)}`,
    }),
}).meta({ id: 'ApiKeyCreated' })
/** As it is answered first. */
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated> & { key: string }

export const ApiKeyList = listOf(ApiKey, 'ApiKeyList')
