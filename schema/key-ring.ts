/** Usage of the encryption keys, which an operator checks before removing an old one. */
import { z } from 'zod'
import { flag, integer, object, text } from './common.ts'

export const KeyUse = object('KeyUse', {
  kid: text('Id of the key.', 'k2'),
  newest: flag('Whether new values are encrypted with this key.', true),
  present: flag(
    'Whether the key is in `ENCRYPTION_KEYS`. While a key in use is missing, `/readyz` returns 503.',
    true,
  ),
  rows: integer(
    'Number of stored values encrypted with this key. Values of older keys are re-encrypted every minute.',
    312,
  ),
  more: flag(
    'Whether there are more than `rows` says: each column is counted up to 50,000. Zero is always exact.',
    false,
  ),
  columns: z
    .array(
      z.object({
        name: text('Table and column.', 'grants.refresh_token'),
        rows: integer('Number of values in this column.', 104),
      }),
    )
    .meta({ description: 'The same count per column.' }),
})
export type KeyUse = z.infer<typeof KeyUse>

export const KeyRingCensus = object('KeyRing', {
  keys: z.array(KeyUse).meta({
    description: 'The keys of the ring, newest first, followed by missing keys.',
  }),
})
export type KeyRingCensus = z.infer<typeof KeyRingCensus>
