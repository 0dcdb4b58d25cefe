/** Authentication of an email account: tokens of a user, tokens of the app itself, or a password. */
import { z } from 'zod'
import {
  GrantId,
  hasNoControls,
  NO_CONTROLS,
  object,
  Provider,
  strictObject,
  text,
} from './common.ts'
import { isPersonalTenant, OneTenant } from './integration.ts'

const OAuth = z.literal('oauth').meta({ description: 'Logs in with an access token (XOAUTH2).' })
const Password = z.literal('password').meta({ description: 'Logs in with a password.' })
const Delegated = z.literal('delegated').meta({ description: 'Uses the grant of a sign-in.' })
const AppOnly = z.literal('app_only').meta({
  description:
    'Access without a sign-in: the app itself has access to the mailbox (client credentials). Only for organisations. `delegate` does not apply.',
})

/** Client credentials require a single tenant (AADSTS9001023) and never work for personal accounts. */
export const AppOnlyTenant = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => !['common', 'organizations'].includes(text), {
    error: 'must be a single tenant: app-only access is limited to one organisation',
    abort: true,
  })
  .refine((text) => !isPersonalTenant(text), {
    error: 'must be an organisation: personal accounts have no app-only access',
    abort: true,
  })
  .pipe(OneTenant)
  .meta({
    description: 'Tenant of the mailbox: its GUID or one of its domains.',
    example: 'contoso.com',
  })

const DelegatedInput = strictObject('DelegatedAuthenticationInput', {
  type: OAuth,
  provider: Provider,
  // zod requires `.optional()` on a discriminator that may be omitted.
  flow: Delegated.optional().default('delegated').meta({
    description: 'Uses the grant of a sign-in.',
  }),
  grant_id: GrantId.meta({ description: 'The grant created by an authorization.' }),
})

const AppOnlyInput = strictObject('AppOnlyAuthenticationInput', {
  type: OAuth,
  provider: Provider,
  flow: AppOnly,
  tenant: AppOnlyTenant,
})

const PasswordInput = strictObject('PasswordAuthenticationInput', {
  type: Password,
  password: z.string().min(1).max(1024).refine(hasNoControls, NO_CONTROLS).optional().meta({
    description:
      'Write-only. If omitted, the stored password is kept, provided that the server is unchanged.',
  }),
})

export const AuthenticationInput = z
  .discriminatedUnion('type', [
    z.discriminatedUnion('flow', [DelegatedInput, AppOnlyInput], {
      error: ({ code }) => (code === 'invalid_union' ? 'must be delegated or app_only' : undefined),
    }),
    PasswordInput,
  ])
  .meta({ id: 'AuthenticationInput', description: 'How to log in to the mailbox.' })
export type AuthenticationInput = z.infer<typeof AuthenticationInput>

export const Authentication = z
  .discriminatedUnion('type', [
    z.discriminatedUnion('flow', [
      object('DelegatedAuthentication', {
        type: OAuth,
        provider: Provider,
        flow: Delegated,
        grant_id: GrantId.nullable().meta({ description: 'Null after the grant was detached.' }),
      }),
      object('AppOnlyAuthentication', {
        type: OAuth,
        provider: Provider,
        flow: AppOnly,
        tenant: text('Tenant of the mailbox.', 'contoso.com'),
      }),
    ]),
    object('PasswordAuthentication', { type: Password }),
  ])
  .meta({
    id: 'Authentication',
    description: 'How to log in to the mailbox. Passwords are never returned.',
  })
