/** The app registration at Entra: a script that does all of it, or every step and value by hand. */
import { useState } from 'preact/hooks'
import type { Cloud } from '../../../../schema/mail-servers.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { Download } from '../../components/download.tsx'
import { GuideScript, GuideSteps } from '../../components/guide.tsx'
import { isAtMicrosoft, toPaste } from '../../ui/guide.ts'

type RegisterProps = {
  guide: SetupGuide
  cloud: Cloud
  /** Called once the script is in the clipboard. */
  onCopied?: () => void
}

export const Register = ({ guide, cloud, onCopied = () => {} }: RegisterProps) => (
  <div class="register">
    <Script script={guide.scripts.azure_cli} cloud={cloud} onCopied={onCopied} />
    <GuideScript
      title="Show the script"
      about="For bash, with the Azure CLI. Its first lines explain its options."
      name="Azure CLI script"
      script={guide.scripts.azure_cli}
    />
    <GuideScript
      title="Use PowerShell instead"
      about="For PowerShell, with the module Microsoft.Graph. Its first lines explain its options."
      name="PowerShell script"
      script={guide.scripts.powershell}
    />
    <details>
      <summary>By hand instead, in the Entra admin center</summary>
      <GuideSteps steps={guide.steps.filter(isAtMicrosoft)} />
    </details>
  </div>
)

const CLOUD_SHELL = 'https://shell.azure.com/bash'

function Script(props: { script: string; cloud: Cloud; onCopied: () => void }) {
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
        Run this script once, with an account that may register apps. It registers the app with its
        permissions, adds the credential, and prints the values to enter here. If you run it again,
        it continues with the same app.
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
        {hasShell &&
          'Cloud Shell runs in the browser, so there is nothing to install, but it needs an Azure subscription. Without one, download the script. '}
        On a computer with the Azure CLI, run <code>bash mailgrant-setup.sh</code>.
      </p>
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
      Skip this unless email accounts will use "OAuth (app-only)". These steps come after those
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
      about="For bash with the Azure CLI. It adds the permissions with consent, and prints what to run in Exchange."
      name="Azure CLI script for app-only access"
      script={guide.scripts.azure_cli}
    />
  </details>
)
