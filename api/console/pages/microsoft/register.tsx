/** The app registration at Entra: a script that does all of it, or every step and value by hand. */
import { useState } from 'preact/hooks'
import type { Cloud } from '../../../../schema/mail-servers.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { Download, NewTab } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { GuideScript, GuideSteps } from '../../components/guide.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { APP_ONLY_GUIDE, isAtMicrosoft, toPaste } from '../../ui/guide.ts'

type RegisterProps = {
  guide: SetupGuide
  cloud: Cloud
  /** Called once the script is in the clipboard. */
  onCopied?: () => void
}

export const Register = ({ guide, cloud, onCopied = () => {} }: RegisterProps) => (
  <Tabs
    label="Ways to register the app"
    tabs={[
      {
        title: 'Azure CLI',
        content: <AzureCli script={guide.scripts.azure_cli} cloud={cloud} onCopied={onCopied} />,
      },
      {
        title: 'PowerShell',
        content: (
          <GuideScript
            about="Run it in PowerShell with the module Microsoft.Graph. It adds everything, and prints the values to enter here."
            name="PowerShell script"
            script={guide.scripts.powershell}
            file="mailgrant-setup.ps1"
          />
        ),
      },
      {
        title: 'By hand',
        content: <GuideSteps steps={guide.steps.filter(isAtMicrosoft)} />,
      },
    ]}
  />
)

const CLOUD_SHELL = 'https://shell.azure.com/bash'

function AzureCli(props: { script: string; cloud: Cloud; onCopied: () => void }) {
  const { script, cloud, onCopied } = props
  // The other clouds have no Cloud Shell at this URL.
  const hasShell = cloud === 'global'
  const [status, setStatus] = useState('')
  const copy = () =>
    void navigator.clipboard.writeText(toPaste(script)).then(
      () => {
        setStatus(COPIED)
        onCopied()
      },
      () => setStatus(NOT_COPIED),
    )
  return (
    <>
      <p>
        Run this script once, with an account that is allowed to register apps. It adds everything,
        and prints the values to enter here.
      </p>
      <div class="row">
        {hasShell && (
          <a
            class="button main"
            href={CLOUD_SHELL}
            target="_blank"
            rel="noopener noreferrer"
            onClick={copy}
          >
            Copy and open Azure Cloud Shell
          </a>
        )}
        <Download text={script} file="mailgrant-setup.sh" label="Download" />
      </div>
      <p role="status" class="after">
        {status}
      </p>
      <p class="quiet">
        {hasShell && 'Cloud Shell needs an Azure subscription. Without one, download the script. '}
        Run it with <code>bash mailgrant-setup.sh</code> where the Azure CLI is installed.
      </p>
      <details>
        <summary>Show the script</summary>
        <Copyable text={script} name="Azure CLI script" lines />
      </details>
    </>
  )
}

const COPIED =
  'Copied. In Cloud Shell, paste it (Ctrl+Shift+V, or Cmd+V on a Mac) and press Enter. Then copy everything that it prints.'
const NOT_COPIED =
  'The browser did not copy it. Download it, upload it in Cloud Shell, and run it with bash.'

export const AppOnly = ({ guide }: { guide: NonNullable<SetupGuide['app_only']> }) => (
  <details>
    <summary>Only for app-only access (no sign-in)</summary>
    <p class="quiet">
      Afterwards, for email accounts that use "OAuth (app-only)". PowerShell does all of it.{' '}
      <NewTab href={APP_ONLY_GUIDE} text="Do it by hand" />
    </p>
    <Tabs
      label="Ways to set up app-only access"
      tabs={[
        {
          title: 'PowerShell',
          content: (
            <GuideScript
              about="Run it in PowerShell with Microsoft.Graph and ExchangeOnlineManagement."
              name="PowerShell script for app-only access"
              script={guide.powershell}
              file="mailgrant-app-only.ps1"
            />
          ),
        },
        {
          title: 'Azure CLI',
          content: (
            <GuideScript
              about="Run it with bash and the Azure CLI. It prints what to run in Exchange."
              name="Azure CLI script for app-only access"
              script={guide.azure_cli}
              file="mailgrant-app-only.sh"
            />
          ),
        },
      ]}
    />
  </details>
)
