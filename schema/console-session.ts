/** Sessions of the console: a key, exchanged for a cookie whose session ends with the key. */
import { z } from 'zod'
import { Scope } from './api-key.ts'
import { Time } from './common.ts'

export const SESSION_COOKIE = '__Host-mailgrant_session'

export const ConsoleSession = z
  .object({
    key: z
      .object({
        id: z.string().meta({ description: '`root`, or the id of an API key.', example: 'root' }),
        name: z.string().meta({ description: 'Name of the key.', example: 'Root key' }),
        scopes: z.array(Scope).meta({ description: 'What the key may do.', example: ['admin'] }),
      })
      .meta({ description: 'The key used to sign in. The session has the same rights.' }),
    expires_at: Time,
  })
  .meta({ id: 'ConsoleSession' })
export type ConsoleSession = z.infer<typeof ConsoleSession>
