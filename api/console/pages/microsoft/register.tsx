/** Step 1: the app registration at Entra, with every value ready to be pasted, and scripts for it. */
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { Copyable } from '../../components/copyable.tsx'
import { GuideScript, GuideSteps } from '../../components/guide.tsx'
import { isAtMicrosoft } from '../../ui/guide.ts'

/** The guide is open while nothing is stored, and put away afterwards. */
export const Register = (props: { settings: IntegrationSettings; guide: SetupGuide }) => {
  const { settings, guide } = props
  return (
    <div class="stack">
      <div class="fields">
        <Labelled label="Redirect URI" value={settings.redirect_uri} />
        <Labelled
          label="Redirect URI for admin consent"
          value={settings.admin_consent_redirect_uri}
        />
      </div>
      <p class="quiet small">
        The app registration must hold both, to the letter, under the platform "Web".
      </p>
      <details open={settings.client_id === null}>
        <summary>Step by step in the Entra admin center</summary>
        <GuideSteps steps={guide.steps.filter(isAtMicrosoft)} />
      </details>
      <GuideScript
        title="By script: Azure CLI"
        about="For bash with the Azure CLI. It registers the app and prints what to enter below."
        name="Azure CLI script"
        script={guide.scripts.azure_cli}
      />
      <GuideScript
        title="By script: PowerShell"
        about="For PowerShell with Microsoft.Graph. It registers the app and prints what to enter below."
        name="PowerShell script"
        script={guide.scripts.powershell}
      />
      {guide.app_only && <AppOnly guide={guide.app_only} />}
    </div>
  )
}

const AppOnly = ({ guide }: { guide: NonNullable<SetupGuide['app_only']> }) => (
  <details>
    <summary>Only for app-only access, where nobody signs in</summary>
    <p class="quiet">
      Leave it out unless email accounts are to use "OAuth (app-only)". It comes on top of the steps
      above.
    </p>
    <GuideSteps steps={guide.steps.filter(isAtMicrosoft)} />
    <GuideScript
      title="By script: PowerShell, with Exchange"
      about="For PowerShell with Microsoft.Graph and ExchangeOnlineManagement. It does all of these steps."
      name="PowerShell script for app-only access"
      script={guide.scripts.powershell}
    />
    <GuideScript
      title="By script: Azure CLI, without Exchange"
      about="For bash with the Azure CLI. It gives and consents the permissions, and prints what to run in Exchange."
      name="Azure CLI script for app-only access"
      script={guide.scripts.azure_cli}
    />
  </details>
)

const Labelled = ({ label, value }: { label: string; value: string }) => (
  <div class="field">
    <span class="label">{label}</span>
    <Copyable text={value} name={label} />
  </div>
)
