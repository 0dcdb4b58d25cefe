/** The Microsoft integration: its switch, its app registration, its setup guide. */
import { z } from 'zod'
import { Provider, Time } from './common.ts'
import { Diagnosis } from './diagnosis.ts'
import { Cloud, MailServer } from './mail-servers.ts'
import { Outcome } from './probe.ts'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DOMAIN =
  /^(?=.{4,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i

export const isGuid = (text: string) => GUID.test(text)

const Guid = z.string().trim().toLowerCase().regex(GUID, 'must be a GUID')

/** A tenant that is one organisation: its GUID or one of its domains. */
export const OneTenant = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => GUID.test(text) || DOMAIN.test(text), 'must be a tenant GUID or a domain')
  .meta({ example: 'contoso.com' })

export const TenantSetting = z
  .union([z.enum(['common', 'organizations', 'consumers']), OneTenant], {
    error: 'must be common, organizations, consumers, a tenant GUID or a domain',
  })
  .meta({
    description:
      'Who may sign in: `common` (work and personal), `organizations`, `consumers` (personal), or one tenant.',
    example: 'common',
  })

export const IntegrationProblem = z
  .object({
    code: z.enum([
      'not_configured',
      'secret_expiring',
      'secret_expired',
      'credential_rejected',
      'grants_idle',
    ]),
    detail: z.string(),
  })
  .meta({ id: 'IntegrationProblem' })
export type IntegrationProblem = z.infer<typeof IntegrationProblem>

export const Integration = z
  .object({
    id: Provider,
    name: z.string().meta({ example: 'Microsoft' }),
    status: z.enum(['inactive', 'active']),
    configured: z.boolean().meta({ description: 'A client id and a credential are stored.' }),
    problems: z.array(IntegrationProblem),
  })
  .meta({ id: 'Integration' })
export type Integration = z.infer<typeof Integration>

export const Credential = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('client_secret'),
      hint: z.string().meta({ description: 'The first three characters, as Entra shows them.' }),
      expires_at: Time.nullable(),
    }),
    z.object({
      type: z.literal('certificate'),
      thumbprint_sha256: z.string(),
      expires_at: Time,
    }),
  ])
  .meta({ id: 'Credential', description: 'Never the secret itself.' })
export type Credential = z.infer<typeof Credential>

export const Permission = z
  .object({
    name: z.string().meta({ example: 'IMAP.AccessAsUser.All' }),
    id: z.string().meta({ description: 'Id of the permission on Microsoft Graph.' }),
    type: z.literal('delegated'),
    scope: z.string().meta({ description: 'What is asked for at sign-in.' }),
  })
  .meta({ id: 'Permission' })
export type Permission = z.infer<typeof Permission>

export const IntegrationSettings = z
  .object({
    client_id: z.string().nullable(),
    credential: Credential.nullable(),
    next_credential: Credential.nullable(),
    cloud: Cloud,
    tenant: z.string(),
    home_tenant: z.string().nullable().meta({ description: 'Where the app is registered.' }),
    redirect_uri: z.string().meta({ description: 'To be registered at Entra, platform "Web".' }),
    admin_consent_redirect_uri: z.string(),
    permissions: z.array(Permission),
    mail_servers: z.object({ imap: z.array(MailServer), smtp: z.array(MailServer) }),
  })
  .meta({ id: 'IntegrationSettings' })
export type IntegrationSettings = z.infer<typeof IntegrationSettings>

export const IntegrationSettingsInput = z
  .strictObject({
    client_id: Guid.meta({
      description: 'Application (client) ID of the app registration.',
      example: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
    }),
    credential: z
      .strictObject({
        type: z.literal('client_secret'),
        client_secret: z.string().trim().min(1).max(1000).meta({
          description: "The secret's *value*, not its ID. Write-only.",
          example: 'abc8Q~the-value-that-entra-shows-once',
        }),
        expires_at: Time.optional(),
      })
      .optional()
      .meta({ description: 'Left out, the stored one stays.' }),
    cloud: Cloud.default('global'),
    tenant: TenantSetting.default('common'),
    home_tenant: OneTenant.nullable().default(null),
  })
  .meta({ id: 'IntegrationSettingsInput' })
export type IntegrationSettingsInput = z.infer<typeof IntegrationSettingsInput>

export const VerifyInput = z
  .strictObject({
    credential: z.literal('current').default('current'),
    tenant: OneTenant.optional().meta({ description: 'Where to ask; else the home tenant.' }),
  })
  .meta({ id: 'VerifyInput' })

export const VerifyResult = z
  .object({
    outcome: Outcome,
    detail: z.string().meta({ description: 'What Entra said and what to do, in one sentence.' }),
    diagnosis: Diagnosis.nullable(),
  })
  .meta({ id: 'VerifyResult' })
export type VerifyResult = z.infer<typeof VerifyResult>

export const SetupGuide = z
  .object({
    steps: z.array(
      z.object({
        title: z.string(),
        text: z.string(),
        url: z.string().nullable(),
        values: z
          .array(z.object({ label: z.string(), value: z.string() }))
          .meta({ description: 'What to type or paste in this step.' }),
      }),
    ),
    scripts: z.object({
      azure_cli: z.string().meta({ description: 'For bash with the Azure CLI.' }),
      powershell: z.string().meta({ description: 'For PowerShell with Microsoft.Graph.' }),
    }),
  })
  .meta({ id: 'SetupGuide' })
export type SetupGuide = z.infer<typeof SetupGuide>

export const AdminConsentInput = z
  .strictObject({
    tenant: TenantSetting.optional(),
    authorization_id: z.string().optional(),
  })
  .meta({ id: 'AdminConsentInput' })

export const AdminConsentLink = z
  .object({ url: z.string(), expires_at: Time })
  .meta({ id: 'AdminConsentLink', description: 'For a tenant admin. Works until it succeeded.' })
export type AdminConsentLink = z.infer<typeof AdminConsentLink>
