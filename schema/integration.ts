/** The Microsoft integration: its switch, its app registration, its setup guide. */
import { z } from 'zod'
import { AuthorizationId, orNull, Provider, Time } from './common.ts'
import { Credential, CredentialInput, WhichCredential } from './credential.ts'
import { Diagnosis } from './diagnosis.ts'
import { Cloud, MailServer } from './mail-servers.ts'
import { Outcome } from './probe.ts'

// JSON Schema knows no flags: a pattern that ignores case has to spell it out.
const GUID = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/
const DOMAIN =
  /^(?=.{4,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i

export const isGuid = (text: unknown): text is string => typeof text === 'string' && GUID.test(text)

const Guid = z.string().trim().toLowerCase().regex(GUID, 'must be a GUID')

/** The tenant that every personal Microsoft account belongs to. */
export const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'

/** Whether only personal accounts sign in there, for whom no administrator can act. */
export const isPersonalTenant = (tenant: string): boolean =>
  tenant === 'consumers' || tenant === PERSONAL_TENANT

/** What stands for many tenants in place of one. */
const MANY_TENANTS = ['common', 'organizations', 'consumers'] as const

export const isOneTenant = (tenant: string): boolean =>
  !MANY_TENANTS.some((name) => name === tenant)

/** A tenant that is one organisation: its GUID or one of its domains. */
export const OneTenant = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => GUID.test(text) || DOMAIN.test(text), 'must be a tenant GUID or a domain')
  .meta({ description: 'One tenant: its GUID or one of its domains.', example: 'contoso.com' })

export const TenantSetting = z
  .union([z.enum(MANY_TENANTS), OneTenant], {
    error: 'must be common, organizations, consumers, a tenant GUID or a domain',
  })
  .meta({
    description:
      'Who may sign in: `common` (work and personal), `organizations`, `consumers` (personal), or one tenant.',
    example: 'common',
  })

export const IntegrationProblem = z
  .object({
    code: z
      .enum([
        'not_configured',
        'secret_expiring',
        'secret_expired',
        'credential_rejected',
        'grants_idle',
      ])
      .meta({ description: 'What needs attention.', example: 'secret_expiring' }),
    detail: z.string().meta({
      description: 'One sentence for a person, with what to do.',
      example: 'The client secret ends on 2026-12-08. Make a new one in Entra.',
    }),
  })
  .meta({ id: 'IntegrationProblem' })
export type IntegrationProblem = z.infer<typeof IntegrationProblem>

export const Integration = z
  .object({
    id: Provider,
    name: z.string().meta({ description: 'For people.', example: 'Microsoft' }),
    status: z.enum(['inactive', 'active']).meta({
      description: 'The switch. Inactive is the default.',
      example: 'active',
    }),
    configured: z.boolean().meta({
      description: 'A client ID and a credential are stored.',
      example: true,
    }),
    problems: z.array(IntegrationProblem).meta({ description: 'What needs attention, if any.' }),
  })
  .meta({ id: 'Integration' })
export type Integration = z.infer<typeof Integration>

export const Permission = z
  .object({
    name: z.string().meta({
      description: 'As Entra lists it.',
      example: 'IMAP.AccessAsUser.All',
    }),
    id: z.string().meta({
      description: 'Id of the permission on Microsoft Graph.',
      example: '652390e4-393a-48de-9484-05f9b1212954',
    }),
    type: z.literal('delegated').meta({ description: 'Acts for the person who signed in.' }),
    scope: z.string().meta({
      description: 'What is asked for at sign-in.',
      example: 'https://outlook.office.com/IMAP.AccessAsUser.All',
    }),
  })
  .meta({ id: 'Permission' })
export type Permission = z.infer<typeof Permission>

export const IntegrationSettings = z
  .object({
    client_id: z.string().nullable().meta({
      description: 'Application (client) ID; null before the first save.',
      example: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
    }),
    credential: orNull(Credential).meta({
      description: 'What is used now, never the secret itself.',
      example: { type: 'client_secret', hint: 'abc', expires_at: '2028-11-24T00:00:00.000Z' },
    }),
    next_credential: orNull(Credential).meta({
      description: 'A second one that can be verified and then promoted.',
    }),
    cloud: Cloud,
    tenant: z.string().meta({
      description: 'Who may sign in: `common`, `organizations`, `consumers`, or one tenant.',
      example: 'common',
    }),
    home_tenant: z.string().nullable().meta({
      description: 'Where the app is registered.',
      example: 'contoso.com',
    }),
    redirect_uri: z.string().meta({
      description: 'To be registered at Entra, platform "Web".',
      example: 'https://mailgrant.example.com/oauth/microsoft/callback',
    }),
    admin_consent_redirect_uri: z.string().meta({
      description: 'To be registered there too, for admin-consent links.',
      example: 'https://mailgrant.example.com/oauth/microsoft/admin-consent',
    }),
    permissions: z.array(Permission).meta({ description: 'What the app has to declare.' }),
    mail_servers: z
      .object({
        imap: z.array(MailServer).meta({ description: 'The default is first.' }),
        smtp: z.array(MailServer).meta({
          description: 'The default is first.',
          example: [{ host: 'smtp.office365.com', port: 587, security: 'starttls' }],
        }),
      })
      .meta({ description: "Microsoft's mail servers in this cloud, to prefill forms." }),
  })
  .meta({ id: 'IntegrationSettings' })
export type IntegrationSettings = z.infer<typeof IntegrationSettings>

export const IntegrationSettingsInput = z
  .strictObject({
    client_id: Guid.meta({
      description: 'Application (client) ID of the app registration.',
      example: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
    }),
    credential: CredentialInput.optional().meta({ description: 'Left out, the stored one stays.' }),
    cloud: Cloud.default('global'),
    tenant: TenantSetting.default('common'),
    home_tenant: OneTenant.nullable().default(null).meta({
      description: 'Where the app is registered: needed to verify while `tenant` is not one.',
    }),
  })
  .meta({
    id: 'IntegrationSettingsInput',
    example: {
      client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
      credential: {
        type: 'client_secret',
        client_secret: 'abc8Q~the-value-that-entra-shows-once',
        expires_at: '2028-11-24T00:00:00.000Z',
      },
      tenant: 'common',
      home_tenant: 'contoso.com',
    },
  })
export type IntegrationSettingsInput = z.infer<typeof IntegrationSettingsInput>

export const VerifyInput = z
  .strictObject({
    credential: WhichCredential.default('current').meta({
      description: 'Which of the two to try.',
    }),
    tenant: OneTenant.optional().meta({ description: 'Where to ask; else the home tenant.' }),
  })
  .meta({ id: 'VerifyInput', example: { credential: 'current' } })

export const VerifyResult = z
  .object({
    outcome: Outcome,
    detail: z.string().meta({
      description: 'What Entra said and what to do, in one sentence.',
      example: 'Entra accepts the client ID and the credential at contoso.com.',
    }),
    diagnosis: orNull(Diagnosis).meta({ description: 'Why it did not pass; null when it did.' }),
  })
  .meta({ id: 'VerifyResult' })
export type VerifyResult = z.infer<typeof VerifyResult>

export const AdminConsentInput = z
  .strictObject({
    tenant: TenantSetting.optional().meta({
      description:
        'Whose admin is asked, `consumers` excepted. Default: that of the authorization, else of the settings.',
    }),
    flow: z.enum(['delegated', 'app_only']).default('delegated').meta({
      description:
        '`delegated`: the permissions that a sign-in asks for. `app_only`: the application permissions that the app declares, for access without a person.',
    }),
    authorization_id: z.string().optional().meta({
      description: 'A sign-in that needs an admin: asks for its protocols at its tenant.',
      example: AuthorizationId.meta()?.example,
    }),
  })
  .meta({ id: 'AdminConsentInput', example: { tenant: 'contoso.com' } })
export type AdminConsentInput = z.infer<typeof AdminConsentInput>

export const AdminConsentLink = z
  .object({
    url: z.string().meta({
      description: 'For an administrator of the tenant, at Microsoft.',
      example:
        'https://login.microsoftonline.com/contoso.com/v2.0/adminconsent?client_id=6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11&state=...',
    }),
    expires_at: Time.meta({ description: '14 days after it was made.' }),
  })
  .meta({ id: 'AdminConsentLink', description: 'For a tenant admin. Works until it succeeded.' })
export type AdminConsentLink = z.infer<typeof AdminConsentLink>
