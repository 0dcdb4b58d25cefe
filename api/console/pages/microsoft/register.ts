/** Step 1: the app registration at Entra, with every value ready to be pasted, and scripts for it. */
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { h } from '../../dom.ts'
import { copyable } from '../../ui/copy.ts'

type Step = SetupGuide['steps'][number]

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
      h('ol', { class: 'guide' }, guide.steps.filter(isAtEntra).map(stepView)),
    ),
    script(
      'By script: Azure CLI',
      'For bash with the Azure CLI. It registers the app and prints what to enter below.',
      'Azure CLI script',
      guide.scripts.azure_cli,
    ),
    script(
      'By script: PowerShell',
      'For PowerShell with Microsoft.Graph. It registers the app and prints what to enter below.',
      'PowerShell script',
      guide.scripts.powershell,
    ),
  )
}

const labelled = (label: string, value: string) =>
  h('div', { class: 'field' }, h('span', { class: 'label' }, label), copyable(value, label))

/** The last step of the guide is about these settings, which have their own place on this page. */
const isAtEntra = ({ url }: Step) => url !== null

const stepView = ({ title, text, url, values }: Step) =>
  h(
    'li',
    {},
    h('h3', {}, title),
    h('p', {}, text),
    h('dl', { class: 'facts' }, values.filter(isNoCall).map(valueView)),
    url !== null &&
      h(
        'p',
        {},
        h(
          'a',
          { href: url, target: '_blank', rel: 'noopener noreferrer' },
          'Open this page at Microsoft',
        ),
      ),
  )

/** Calls of the API are for those who build on it; this page has buttons for them. */
const isNoCall = ({ value }: Step['values'][number]) => !/^[A-Z]+ \//.test(value)

function valueView({ label, value }: Step['values'][number]) {
  // Ids of permissions are for scripts: the portal is searched by name.
  const name = label.replace(/ [0-9a-f-]{36}$/, '')
  return h(
    'div',
    {},
    h('dt', {}, name),
    h('dd', {}, isPasted(value) ? copyable(value, name) : value),
  )
}

/** Names, addresses and ids are pasted; "Web" or "24 months" is chosen from a list. */
export const isPasted = (value: string) => value.length > 5 && !/\s/.test(value)

const script = (title: string, about: string, name: string, text: string) =>
  h(
    'details',
    {},
    h('summary', {}, title),
    h('p', { class: 'quiet' }, about),
    copyable(text, name, { lines: true }),
  )
