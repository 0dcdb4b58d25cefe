/** Sessions of the console: of a key that was exchanged for a cookie, or of a person who signed in with Microsoft. */
import { z } from 'zod'
import { Scope } from './api-key.ts'
import { flag, listOf, object, orNull, Time, text, time, timeOrNull } from './common.ts'
import type { Cloud } from './mail-servers.ts'

export const SESSION_COOKIE = '__Host-mailgrant_session'

/** Rights of a person: the scope of the strongest app role that Entra assigned. */
export const ConsoleRole = z.enum(['read', 'write', 'admin'])
export type ConsoleRole = z.infer<typeof ConsoleRole>

/** The person who signed in with Microsoft, and the app and tenant that vouched for them. */
export type ConsolePerson = {
  /** Object id in the home tenant. */
  id: string
  name: string
  role: ConsoleRole
  /** `app_role`: assigned at Entra. `setting`: the object id is in CONSOLE_ADMINS. */
  roleSource: 'app_role' | 'setting'
  clientId: string
  cloud: Cloud
  tenantId: string
}

const SessionPerson = z
  .object({
    id: text('Object id of the person in the home tenant.', 'ad310000-0000-4000-8000-00000000000b'),
    name: text('Name of the person.', 'Ada Admin'),
  })
  .meta({ id: 'SessionPerson', description: 'A person who signed in with Microsoft.' })

const SessionKey = z.object({
  id: text('`root`, or the id of an API key.', 'root'),
  name: text('Name of the key.', 'Root key'),
  scopes: z.array(Scope).meta({ description: 'What the key may do.', example: ['admin'] }),
})

export const ConsoleSession = object('ConsoleSession', {
  key: SessionKey.nullable().meta({
    description: 'The key used to sign in; null if a person signed in with Microsoft.',
  }),
  person: orNull(SessionPerson, 'The person who signed in with Microsoft; null for a key.', null),
  scopes: z.array(Scope).meta({
    description: 'What the session may do: the scopes of the key, or the role of the person.',
    example: ['admin'],
  }),
  expires_at: Time,
})
export type ConsoleSession = z.infer<typeof ConsoleSession>

/** The SHA-256 of the random value in the cookie, which cannot be derived from it. */
export const ConsoleSessionId = z
  .string()
  .regex(/^cs_[\w-]{43}$/, 'must be the id of a console session (cs_...)')
  .meta({
    description: 'Id of a console session. It does not open the session.',
    example: `cs_${'mwiq4wgd7u5x2l3k'.padEnd(43, '7')}`,
  })

export const OpenConsoleSession = ConsoleSession.extend({
  id: ConsoleSessionId,
  opened_at: time('Time of the sign-in.'),
  last_used_at: timeOrNull('Last use, accurate to five minutes; null if never used.'),
  current: flag('True for the session that sent this request.', false),
}).meta({ id: 'OpenConsoleSession' })
export type OpenConsoleSession = z.infer<typeof OpenConsoleSession>

export const ConsoleSessionList = listOf(OpenConsoleSession, 'ConsoleSessionList')

export const SignInMethods = object('SignInMethods', {
  microsoft: flag('Whether people can sign in with Microsoft at `/console/sign-in`.', true),
  keys: z.enum(['all', 'root']).meta({
    description:
      'The API keys that open the console: every key, or only `ROOT_API_KEY` (`CONSOLE_KEYS=off`).',
    example: 'all',
  }),
  root_key: z.enum(['setting', 'file', 'shown']).meta({
    description:
      'Where the root key is: the setting `ROOT_API_KEY`, or the file `root-key` in the data folder. `shown`: nowhere, since it was printed in a terminal, or the file was deleted.',
    example: 'setting',
  }),
})
export type SignInMethods = z.infer<typeof SignInMethods>
