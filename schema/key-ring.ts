/** Usage of the encryption keys, which an operator checks before removing an old one. */
import { z } from 'zod'

export const KeyUse = z
  .object({
    kid: z.string().meta({ description: 'Id of the key.', example: 'k2' }),
    newest: z.boolean().meta({
      description: 'Whether new values are encrypted with this key.',
      example: true,
    }),
    present: z.boolean().meta({
      description:
        'Whether the key is in `ENCRYPTION_KEYS`. While a key in use is missing, `/readyz` returns 503.',
      example: true,
    }),
    rows: z.int().meta({
      description:
        'Number of stored values encrypted with this key. Values of older keys are re-encrypted every minute.',
      example: 312,
    }),
    more: z.boolean().meta({
      description:
        'Whether there are more than `rows` says: each column is counted up to 50,000. Zero is always exact.',
      example: false,
    }),
    columns: z
      .array(
        z.object({
          name: z
            .string()
            .meta({ description: 'Table and column.', example: 'grants.refresh_token' }),
          rows: z.int().meta({ description: 'Number of values in this column.', example: 104 }),
        }),
      )
      .meta({ description: 'The same count per column.' }),
  })
  .meta({ id: 'KeyUse' })
export type KeyUse = z.infer<typeof KeyUse>

export const KeyRingCensus = z
  .object({
    keys: z.array(KeyUse).meta({
      description: 'The keys of the ring, newest first, followed by missing keys.',
    }),
  })
  .meta({ id: 'KeyRing' })
export type KeyRingCensus = z.infer<typeof KeyRingCensus>
