/** Step 1: the app registration at Entra, with every value ready to be pasted, and scripts for it. */
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { h } from '../../dom.ts'
import { copyable } from '../../ui/copy.ts'
import { guideScript, guideSteps, isAtMicrosoft } from '../../ui/guide.ts'

/** The guide is open while nothing is stored, and put away afterwards. */
export function registerPart(settings: IntegrationSettings, guide: SetupGuide): HTMLElement {
  return h(
    'div',
    { class: 'stack' },
    h(
      'div',
      { class: 'fields' },
      labelled('Redirect URI', settings.redirect_uri),
      labelled('Redirect URI for admin consent', settings.admin_consent_redirect_uri),
    ),
    h(
      'p',
      { class: 'quiet small' },
      'The app registration must hold both, to the letter, under the platform "Web".',
    ),
    h(
      'details',
      { open: settings.client_id === null },
      h('summary', {}, 'Step by step in the Entra admin center'),
      guideSteps(guide.steps.filter(isAtMicrosoft)),
    ),
    guideScript(
      'By script: Azure CLI',
      'For bash with the Azure CLI. It registers the app and prints what to enter below.',
      'Azure CLI script',
      guide.scripts.azure_cli,
    ),
    guideScript(
      'By script: PowerShell',
      'For PowerShell with Microsoft.Graph. It registers the app and prints what to enter below.',
      'PowerShell script',
      guide.scripts.powershell,
    ),
    guide.app_only && appOnlyPart(guide.app_only),
  )
}

const appOnlyPart = ({ steps, scripts }: NonNullable<SetupGuide['app_only']>) =>
  h(
    'details',
    {},
    h('summary', {}, 'Only for app-only access, where nobody signs in'),
    h(
      'p',
      { class: 'quiet' },
      'Leave it out unless email accounts are to use "OAuth (app-only)". It comes on top of the steps above.',
    ),
    guideSteps(steps.filter(isAtMicrosoft)),
    guideScript(
      'By script: PowerShell, with Exchange',
      'For PowerShell with Microsoft.Graph and ExchangeOnlineManagement. It does all of these steps.',
      'PowerShell script for app-only access',
      scripts.powershell,
    ),
    guideScript(
      'By script: Azure CLI, without Exchange',
      'For bash with the Azure CLI. It gives and consents the permissions, and prints what to run in Exchange.',
      'Azure CLI script for app-only access',
      scripts.azure_cli,
    ),
  )

const labelled = (label: string, value: string) =>
  h('div', { class: 'field' }, h('span', { class: 'label' }, label), copyable(value, label))
