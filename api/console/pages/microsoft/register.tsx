/** The app registration at Entra: its form drawn, with every value ready to be pasted, and scripts for it. */
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { Copyable } from '../../components/copyable.tsx'
import { GuideScript, GuideSteps } from '../../components/guide.tsx'
import { NewTab } from '../../components/new-tab.tsx'
import { isAtMicrosoft, type Step, valuesOf } from '../../ui/guide.ts'
import { Marked, Pictured, RegisterPicture } from './pictures.tsx'

/** Returns the step about the client secret, the last one in the portal. */
export const secretStepOf = (guide: SetupGuide): Step | undefined =>
  guide.steps.filter(isAtMicrosoft).at(-1)

/** The choice of a credential. A step for each kind follows. */
const isCredentialChoice = ({ values }: Step) =>
  values.some(({ label }) => label === 'Recommended here')

/** `isSetup`: the next screen asks for the credential. */
export function Register({ guide, isSetup = false }: { guide: SetupGuide; isSetup?: boolean }) {
  const [form, ...others] = guide.steps.filter(isAtMicrosoft)
  const end = isSetup ? others.findIndex(isCredentialChoice) : -1
  return (
    <div class="stack">
      <details>
        <summary>Quicker: run a script instead</summary>
        <p>
          It registers the app with its permissions, adds the recommended credential (or another
          one: see its first lines) and prints the values to enter. Copy all that it prints and
          paste it into the field for the client ID: every field is filled in. If a policy of your
          organisation refuses the credential, it says what to do; run again, it continues with the
          same app.
        </p>
        <div class="stack">
          <GuideScript
            title="Azure CLI"
            about="For bash, with the Azure CLI."
            name="Azure CLI script"
            script={guide.scripts.azure_cli}
          />
          <GuideScript
            title="PowerShell"
            about="For PowerShell, with the module Microsoft.Graph."
            name="PowerShell script"
            script={guide.scripts.powershell}
          />
        </div>
      </details>
      {form && <RegisterForm step={form} />}
      <h3>In the app that you have registered</h3>
      <GuideSteps steps={others.slice(0, end)} />
      {guide.app_only && <AppOnly guide={guide.app_only} />}
    </div>
  )
}

/** The numbers of these values in the drawing. The platform is part of the redirect URI there. */
const marks: Record<string, number> = {
  Name: 1,
  'Supported account types': 2,
  'Redirect URI, platform': 3,
  'Redirect URI': 3,
}

function RegisterForm({ step }: { step: Step }) {
  const values = valuesOf(step)
  const entered = (name: string) => values.find((entry) => entry.name === name)?.value ?? ''
  return (
    <Pictured
      picture={
        <RegisterPicture
          name={entered('Name')}
          accountTypes={entered('Supported account types')}
          uri={entered('Redirect URI')}
        />
      }
    >
      <h3>{step.title}</h3>
      <p>{step.text}</p>
      {step.url !== null && (
        <div>
          <NewTab class="button" href={step.url} text="Open this page at Microsoft" />
        </div>
      )}
      {values.map(({ name, value, isCopyable }) => (
        <Marked key={name} number={marks[name]}>
          <div>
            <span class="quiet">{name}</span>
            {isCopyable ? (
              <Copyable text={value} name={name} />
            ) : (
              <div>
                <strong>{value}</strong>
              </div>
            )}
          </div>
        </Marked>
      ))}
    </Pictured>
  )
}

const AppOnly = ({ guide }: { guide: NonNullable<SetupGuide['app_only']> }) => (
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
