/** The Microsoft integration: activation, app registration, verification, admin consent. */
import { z } from 'zod'
import {
  AuthorizationId,
  flag,
  object,
  optionalText,
  orNull,
  Provider,
  replacementOf,
  Time,
  text,
  textOrNull,
  time,
  timeOrNull,
} from './common.ts'
import { Credential, CredentialOrShown, federatedValues, WhichCredential } from './credential.ts'
import { Diagnosis } from './diagnosis.ts'
import {
  Cloud,
  type MailProtocol,
  MailServer,
  Protocol,
  RequestedProtocols,
  Resource,
} from './mail-servers.ts'
import { Outcome } from './probe.ts'

// JSON Schema patterns have no flags, so a case-insensitive one must list both cases.
const GUID = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/
const DOMAIN =
  /^(?=.{4,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i

export const isGuid = (text: unknown): text is string => typeof text === 'string' && GUID.test(text)

const Guid = z.string().trim().toLowerCase().regex(GUID, 'must be a GUID')

/** The tenant that every personal Microsoft account belongs to. */
export const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'

/** Checks for a tenant of personal accounts, which have no administrator. */
export const isPersonalTenant = (tenant: string): boolean =>
  tenant === 'consumers' || tenant === PERSONAL_TENANT

/** Names that stand for many tenants. */
const MANY_TENANTS = ['common', 'organizations', 'consumers'] as const

export const isOneTenant = (tenant: string): boolean =>
  !MANY_TENANTS.some((name) => name === tenant)

/** A single organisation: its tenant GUID or one of its domains. */
export const OneTenant = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => GUID.test(text) || DOMAIN.test(text), 'must be a tenant GUID or a domain')
  .meta({ description: 'A single tenant: its GUID or one of its domains.', example: 'contoso.com' })

export const TenantSetting = z
  .union([z.enum(MANY_TENANTS), OneTenant], {
    error: 'must be common, organizations, consumers, a tenant GUID or a domain',
  })
  .meta({
    description:
      'Who may sign in: `common` (work and personal accounts), `organizations` (work accounts), `consumers` (personal accounts), or a single tenant.',
    example: 'common',
  })

export const IntegrationProblem = object('IntegrationProblem', {
  code: z
    .enum([
      'not_configured',
      'settings_damaged',
      'secret_expiring',
      'secret_expired',
      'secret_expiry_unknown',
      'credential_rejected',
      'issuer_changed',
      'issuer_unreachable',
      'microsoft_unreachable',
      'grants_idle',
    ])
    .meta({
      'x-extensible': true,
      description: 'Stable code of the problem.',
      example: 'secret_expiring',
    }),
  detail: text(
    'What is wrong and what to do, to show to people.',
    'The client secret expires on 2026-12-08. Create a new one in Entra.',
  ),
  host: optionalText(
    'For `microsoft_unreachable`: the login host that was called.',
    'login.microsoftonline.com',
  ),
  since: Time.optional().meta({
    description: 'For `microsoft_unreachable`: the first request without a response.',
  }),
})
export type IntegrationProblem = z.infer<typeof IntegrationProblem>

export const Integration = object('Integration', {
  id: Provider.meta({
    description:
      'Id of the integration. `microsoft` is the only one today; other ids below `/v1/integrations/` are reserved for further app registrations.',
  }),
  name: text('Display name.', 'Microsoft'),
  status: z.enum(['inactive', 'active']).meta({
    description: 'Whether the integration is activated. Default: `inactive`.',
    example: 'active',
  }),
  configured: flag('Whether a client ID and a credential are stored.', true),
  verified_at: timeOrNull(
    'Time of the last successful verification; null if these settings have not been verified since they were last changed.',
  ),
  problems: z.array(IntegrationProblem).meta({ description: 'What requires attention.' }),
})
export type Integration = z.infer<typeof Integration>

export const Permission = object('Permission', {
  name: text('Name as listed by Entra.', 'IMAP.AccessAsUser.All'),
  id: text('Id of the permission on Microsoft Graph.', '652390e4-393a-48de-9484-05f9b1212954'),
  type: z.literal('delegated').meta({ description: 'Acts on behalf of the user who signs in.' }),
  scope: text('Scope requested at sign-in.', 'https://outlook.office.com/IMAP.AccessAsUser.All'),
})
export type Permission = z.infer<typeof Permission>

export const IntegrationSettings = object('IntegrationSettings', {
  client_id: textOrNull(
    'Application (client) ID; null until the settings are first saved.',
    '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
  ),
  credential: orNull(Credential, 'The credential in use, without its secret.', {
    type: 'client_secret',
    hint: 'abc',
    expires_at: '2028-11-24T00:00:00.000Z',
  }),
  next_credential: orNull(
    Credential,
    'A second credential that can be verified and then promoted; or, with `undo_until`, the one that the last promotion replaced.',
  ),
  undo_until: timeOrNull(
    'Until then, promoting once more puts the replaced credential back, which is shown as `next_credential`. It is deleted afterwards. Null if there is nothing to undo.',
    '2026-12-06T10:00:00.000Z',
  ),
  cloud: Cloud,
  tenant: text(
    'Who may sign in: `common`, `organizations`, `consumers`, or a single tenant.',
    'common',
  ),
  home_tenant: textOrNull('Tenant where the app is registered.', 'contoso.com'),
  verified_at: timeOrNull(
    'Time of the last successful verification of the current credential; null if these settings have not been verified since they were last changed.',
  ),
  federated: z
    .object({
      ...federatedValues,
      available: flag(
        'Whether a federated credential can be stored: `PUBLIC_URL` has https and a public name.',
        true,
      ),
    })
    .meta({ description: 'Values for a federated credential, whether or not one is stored.' }),
  redirect_uri: text(
    'Redirect URI to register in Entra under the platform "Web".',
    'https://mailgrant.example.com/oauth/microsoft/callback',
  ),
  admin_consent_redirect_uri: text(
    'Second redirect URI to register in Entra, for admin-consent links.',
    'https://mailgrant.example.com/oauth/microsoft/admin-consent',
  ),
  console_redirect_uri: text(
    'Redirect URI to register in Entra for the sign-in of people to the console.',
    'https://mailgrant.example.com/console/callback',
  ),
  protocols: z.array(Protocol).meta({
    description:
      'The protocols that email accounts and sign-ins may use. Their permissions are those of the setup guide.',
    example: ['imap', 'smtp'],
  }),
  permissions: z.array(Permission).meta({
    description: 'Permissions to add to the app registration.',
  }),
  mail_servers: z
    .object({
      imap: z.array(MailServer).meta({ description: 'IMAP servers, the default first.' }),
      smtp: z.array(MailServer).meta({
        description: 'SMTP servers, the default first.',
        example: [{ host: 'smtp.office365.com', port: 587, security: 'starttls' }],
      }),
    } satisfies Record<MailProtocol, z.ZodType>)
    .meta({ description: 'Mail servers of this Microsoft cloud, to prefill forms.' }),
})
export type IntegrationSettings = z.infer<typeof IntegrationSettings>

export const IntegrationSettingsInput = replacementOf(
  z
    .strictObject({
      client_id: Guid.meta({
        description: 'Application (client) ID of the app registration.',
        example: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
      }),
      credential: CredentialOrShown.meta({
        description:
          'If omitted, or as `GET` shows it, the stored credential is kept. Before there is one, the next credential becomes it.',
      }),
      secret_expires_at: Time.optional().meta({
        description:
          'Expiry of the stored client secret, to enter or correct it without the secret. Ignored with `credential`, or if a certificate is stored.',
      }),
      cloud: Cloud.default('global'),
      tenant: TenantSetting.default('common'),
      home_tenant: OneTenant.nullable().default(null).meta({
        description:
          'Tenant where the app is registered. Required to verify unless `tenant` is a single tenant.',
      }),
      protocols: RequestedProtocols.optional().meta({
        description:
          'The protocols that email accounts and sign-ins may use. If omitted, the stored ones are kept, at first `imap` and `smtp`.',
      }),
    })
    .meta({
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
    }),
  IntegrationSettings,
  'IntegrationSettingsInput',
)
export type IntegrationSettingsInput = z.infer<typeof IntegrationSettingsInput>

export const VerifyInput = z
  .strictObject({
    credential: WhichCredential.default('current').meta({
      description: 'The credential to verify.',
    }),
    tenant: OneTenant.optional().meta({
      description: 'Tenant to verify at. Default: the home tenant.',
    }),
  })
  .meta({ id: 'VerifyInput', example: { credential: 'current' } })

export const VerifyResult = object('VerifyResult', {
  outcome: Outcome,
  detail: text(
    "Entra's response and what to do, in one sentence.",
    'Entra accepts the client ID and the credential at contoso.com.',
  ),
  diagnosis: orNull(Diagnosis, 'Why the verification did not pass; null if it did.'),
})
export type VerifyResult = z.infer<typeof VerifyResult>

export const AdminConsentInput = z
  .strictObject({
    tenant: TenantSetting.optional().meta({
      description:
        'Tenant whose administrator receives the link; not `consumers`. Default: the tenant of the authorization, or of the settings.',
    }),
    flow: z.enum(['delegated', 'app_only']).default('delegated').meta({
      description:
        '`delegated`: the permissions requested at sign-in. `app_only`: the application permissions of the app registration, for access without a user.',
    }),
    authorization_id: optionalText(
      'A sign-in that requires admin consent: its protocols and tenant are used for the link.',
      AuthorizationId.meta()?.example,
    ),
  })
  .meta({ id: 'AdminConsentInput', example: { tenant: 'contoso.com' } })
export type AdminConsentInput = z.infer<typeof AdminConsentInput>

export const AdminConsentLink = z
  .object({
    url: text(
      'Consent page at Microsoft, for an administrator of the tenant.',
      'https://login.microsoftonline.com/contoso.com/v2.0/adminconsent?client_id=6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11&state=...',
    ),
    expires_at: time('When the link expires: 14 days after its creation.'),
    links: z
      .array(
        object('AdminConsentResourceLink', {
          resource: Resource,
          url: text('Consent page for the permissions at this resource.'),
        }),
      )
      .meta({
        description:
          'One link per resource, since Microsoft documents none for two. `url` is the first. With `graph_send`, the administrator opens both.',
        example: [
          {
            resource: 'outlook',
            url: 'https://login.microsoftonline.com/contoso.com/v2.0/adminconsent?client_id=6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11&state=...',
          },
        ],
      }),
  })
  .meta({
    id: 'AdminConsentLink',
    description: 'A link for a tenant administrator, valid until consent succeeds.',
  })
export type AdminConsentLink = z.infer<typeof AdminConsentLink>
