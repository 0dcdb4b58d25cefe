/** How a mail account logs in: with tokens of a person, with tokens of the app itself, or a password. */
import { z } from 'zod'
import { GrantId, hasNoControls, NO_CONTROLS, Provider } from './common.ts'
import { isPersonalTenant, OneTenant } from './integration.ts'

const OAuth = z.literal('oauth').meta({ description: 'Logs in by XOAUTH2 with tokens.' })
const Password = z.literal('password').meta({ description: 'Logs in with a password.' })
const Delegated = z.literal('delegated').meta({ description: 'A person has signed in.' })
const AppOnly = z.literal('app_only').meta({
  description:
    'Nobody signs in: the app itself has the right to the mailbox (client credentials). For organisations only; `delegate` has no meaning then.',
})

/** Client credentials work at one organisation only (AADSTS9001023), and never for people at home. */
export const AppOnlyTenant = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => !['common', 'organizations'].includes(text), {
    error: 'must be one tenant: app-only access works in one organisation at a time',
    abort: true,
  })
  .refine((text) => !isPersonalTenant(text), {
    error: 'must be an organisation: personal accounts have no app-only access',
    abort: true,
  })
  .pipe(OneTenant)
  .meta({
    description: 'The organisation that the mailbox is in: its tenant GUID or one of its domains.',
    example: 'contoso.com',
  })

const DelegatedInput = z.strictObject({
  type: OAuth,
  provider: Provider,
  // Optional inside: a discriminator that may be left out must be told so.
  flow: Delegated.optional().default('delegated').meta({ description: 'A person has signed in.' }),
  grant_id: GrantId.meta({ description: 'The grant that an authorization made.' }),
})

const AppOnlyInput = z.strictObject({
  type: OAuth,
  provider: Provider,
  flow: AppOnly,
  tenant: AppOnlyTenant,
})

const PasswordInput = z.strictObject({
  type: Password,
  password: z.string().min(1).max(1024).refine(hasNoControls, NO_CONTROLS).optional().meta({
    description: 'Write-only. Left out, the stored one stays while the server is unchanged.',
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
      z.object({
        type: OAuth,
        provider: Provider,
        flow: Delegated,
        grant_id: GrantId.nullable().meta({ description: 'Null after its grant was detached.' }),
      }),
      z.object({
        type: OAuth,
        provider: Provider,
        flow: AppOnly,
        tenant: z.string().meta({
          description: 'The organisation that the mailbox is in.',
          example: 'contoso.com',
        }),
      }),
    ]),
    z.object({ type: Password }),
  ])
  .meta({ description: 'How it logs in. A password is never shown.' })
