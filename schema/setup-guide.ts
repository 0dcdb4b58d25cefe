/** The setup guide: the way through Entra, and through Exchange Online where no person signs in. */
import { z } from 'zod'
import { orNull } from './common.ts'

const SetupStep = z.object({
  title: z.string().meta({ description: 'For people.', example: 'Add the redirect URI' }),
  text: z.string().meta({
    description: 'What to do in the portal.',
    example: 'Under Authentication, add the platform "Web" with this redirect URI.',
  }),
  url: z.string().nullable().meta({
    description: 'The page of the portal.',
    example: 'https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade',
  }),
  values: z
    .array(
      z.object({
        label: z.string().meta({ description: 'Name of the field.', example: 'Redirect URI' }),
        value: z.string().meta({
          description: 'What goes into it.',
          example: 'https://mailgrant.example.com/oauth/microsoft/callback',
        }),
      }),
    )
    .meta({ description: 'What to type or paste in this step.' }),
})

const scripts = (powershell: string, azureCli: string) =>
  z
    .object({
      azure_cli: z.string().meta({
        description: 'For bash with the Azure CLI.',
        example: `#!/usr/bin/env bash\nset -euo pipefail\n${azureCli}\n`,
      }),
      powershell: z.string().meta({
        description: 'For PowerShell, with the modules that it names.',
        example: `${powershell}\n`,
      }),
    })
    .meta({ description: 'The same steps, to be run instead.' })

const AppOnlyGuide = z
  .object({
    steps: z.array(SetupStep).meta({ description: 'In order, after those of the app itself.' }),
    scripts: scripts('New-ServicePrincipal ...', 'az ad app permission add ...'),
  })
  .meta({ id: 'AppOnlyGuide' })

export const SetupGuide = z
  .object({
    steps: z.array(SetupStep).meta({ description: 'In order.' }),
    scripts: scripts('New-MgApplication ...', 'az ad app create ...'),
    app_only: orNull(AppOnlyGuide).meta({
      description:
        'Only for access without a person who signs in (`flow: "app_only"`): what comes on top. Null where the settings are for personal accounts, which have no such access.',
    }),
  })
  .meta({ id: 'SetupGuide' })
export type SetupGuide = z.infer<typeof SetupGuide>
