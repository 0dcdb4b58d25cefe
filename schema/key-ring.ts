/** Which encryption keys are in use: what an operator must know before an old one may go. */
import { z } from 'zod'

export const KeyUse = z
  .object({
    kid: z.string().meta({ description: 'The id of the key.', example: 'k2' }),
    newest: z.boolean().meta({ description: 'It seals all that is written now.', example: true }),
    present: z.boolean().meta({
      description:
        'It is in ENCRYPTION_KEYS. While a key that is in use is not, `/readyz` answers 503.',
      example: true,
    }),
    rows: z.int().meta({
      description: 'How many stored values it sealed. The upkeep seals those of older keys anew.',
      example: 312,
    }),
    columns: z
      .array(
        z.object({
          name: z
            .string()
            .meta({ description: 'Table and column.', example: 'grants.refresh_token' }),
          rows: z.int().meta({ description: 'Values in it.', example: 104 }),
        }),
      )
      .meta({ description: 'Where they are.' }),
  })
  .meta({ id: 'KeyUse' })
export type KeyUse = z.infer<typeof KeyUse>

export const KeyRingCensus = z
  .object({
    keys: z.array(KeyUse).meta({
      description: 'The keys of the ring, newest first, then those that are missing.',
    }),
  })
  .meta({ id: 'KeyRing' })
export type KeyRingCensus = z.infer<typeof KeyRingCensus>
