/** The sign-in of the console: a key, kept by the browser as a session that ends with it. */
import { z } from 'zod'
import { Scope } from './api-key.ts'
import { Time } from './common.ts'

export const SESSION_COOKIE = '__Host-mailgrant_session'

export const ConsoleSession = z
  .object({
    key: z
      .object({
        id: z.string().meta({ description: '`root`, or the id of an API key.', example: 'root' }),
        name: z.string().meta({ description: 'Of the key.', example: 'Root key' }),
        scopes: z.array(Scope).meta({ description: 'What it may do.', example: ['admin'] }),
      })
      .meta({ description: 'The key that signed in. The session may do what it may do.' }),
    expires_at: Time,
  })
  .meta({ id: 'ConsoleSession' })
export type ConsoleSession = z.infer<typeof ConsoleSession>
