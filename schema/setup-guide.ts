/** The setup guide: steps in Entra, and scripts that also prepare access without a user. */
import { z } from 'zod'
import { commaSeparated, object, orNull, text, textOrNull } from './common.ts'
import { OneTenant, TenantSetting } from './integration.ts'
import { Cloud, Protocol, RequestedProtocols } from './mail-servers.ts'

const step = {
  title: text('Title of the step.', 'Add the redirect URI'),
  text: text(
    'What to do in the portal.',
    'Under Authentication, add the platform "Web" with this redirect URI.',
  ),
  url: textOrNull(
    'The portal page.',
    'https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade',
  ),
  values: z
    .array(
      object('SetupValue', {
        label: text('Name of the field.', 'Redirect URI'),
        value: text('Value to enter.', 'https://mailgrant.example.com/oauth/microsoft/callback'),
      }),
    )
    .meta({ description: 'Values to enter in this step.' }),
}

const SetupStep = object('SetupStep', {
  ...step,
  alternatives: z
    .array(object('SetupAlternative', step))
    .optional()
    .meta({ description: 'Ways to do this step, if there is a choice. One is enough.' }),
})

const SetupScripts = object('SetupScripts', {
  azure_cli: text(
    'Script for bash with the Azure CLI. Its first lines explain its options, and the values of this deployment follow.',
    '#!/usr/bin/env bash\nset -euo pipefail\naz ad app create ...\n',
  ),
  powershell: text(
    'Script for PowerShell. Its first lines explain its parameters.',
    'New-MgApplication ...\n',
  ),
})

/** Settings that are not stored yet. */
export const SetupGuideQuery = z.object({
  tenant: TenantSetting.optional(),
  home_tenant: OneTenant.optional().meta({
    description: 'Tenant to register the app in.',
    example: 'contoso.com',
  }),
  cloud: Cloud.optional(),
  protocols: commaSeparated(RequestedProtocols, Protocol.options).optional().meta({
    description: 'The protocols that email accounts will use, separated by commas.',
    example: 'imap,smtp',
  }),
})
export type SetupGuideQuery = z.infer<typeof SetupGuideQuery>

export const SetupGuide = object('SetupGuide', {
  steps: z.array(SetupStep).meta({ description: 'Steps in order.' }),
  credential: z.enum(['federated', 'certificate', 'client_secret']).meta({
    description:
      'Type of credential that fits this deployment best. The scripts add it by default.',
    example: 'federated',
  }),
  scripts: SetupScripts.meta({ description: 'The same steps as scripts.' }),
  app_only: orNull(
    SetupScripts,
    'Scripts that prepare an organisation for access without a user (`flow: "app_only"`), to run after those of the app registration. Null if the settings are for personal accounts, which have no such access.',
  ),
})
export type SetupGuide = z.infer<typeof SetupGuide>
