/** The settings of the Microsoft integration, in the order in which an admin works through them. */
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import { ApiError, get, request } from '../api.ts'
import { type Children, fill, h } from '../dom.ts'
import { explained, guarded, may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { integrationBadge, problemsView, switchButton, switched } from '../ui/integration.ts'
import { problemNotice } from '../ui/notice.ts'
import { head } from '../ui/table.ts'
import { consentPart } from './microsoft/consent.ts'
import { SETTINGS, settingsForm } from './microsoft/form.ts'
import { nextCredentialPart } from './microsoft/next-credential.ts'
import { registerPart } from './microsoft/register.ts'
import { verifyPart } from './microsoft/verify.ts'

const INTEGRATION = '/v1/integrations/microsoft'
const GUIDE = '/v1/integrations/microsoft/setup-guide'
const HERE = '#/integrations/microsoft'

export async function microsoftPage(visit: Visit): Promise<Page> {
  const { signal } = visit
  const [integration, settings, guide] = await Promise.all([
    get<Integration>(INTEGRATION, signal),
    request<IntegrationSettings>(SETTINGS, { signal }),
    get<SetupGuide>(GUIDE, signal),
  ])
  const state = h('div', { class: 'row' })
  const said = h('div', { role: 'status' })
  const wrong = h('div', { role: 'alert' })
  const problems = h('div', {})
  const registration = h('div', {}, registerPart(settings.body, guide))

  const show = (now: Integration) => {
    fill(state, integrationBadge(now), switchButton(now, changed, failed))
    fill(problems, problemsView(now.problems, HERE))
  }
  function changed(now: Integration): void {
    fill(wrong)
    show(now)
    state.querySelector('button')?.focus()
    fill(said, switched(now))
  }
  function failed(error: unknown): void {
    if (!(error instanceof ApiError)) throw error
    fill(wrong, problemNotice(error.problem))
  }
  /** What a save or a verification changes elsewhere on the page. */
  const refresh = () => get<Integration>(INTEGRATION, signal).then(show, ignore)
  const saved = (now: IntegrationSettings) => {
    verify.forget()
    next.show(now)
    void refresh()
    void get<SetupGuide>(GUIDE, signal).then(
      (filled) => fill(registration, registerPart(now, filled)),
      ignore,
    )
  }

  const form = settingsForm(settings, saved)
  const verify = verifyPart(form.changed, refresh)
  const next = nextCredentialPart(settings.body, async () => {
    verify.forget()
    await Promise.all([form.renew(), refresh()])
  })
  visit.beforeLeaving(() =>
    form.changed() || next.typed()
      ? 'The changes to the Microsoft settings are not saved. Leave them?'
      : null,
  )
  show(integration)
  return {
    title: 'Microsoft settings',
    content: h(
      'div',
      {},
      h('a', { class: 'back', href: '#/integrations' }, 'Third-Party Integrations'),
      head('Microsoft settings', 'Register an app at Microsoft once, and enter it here.', state),
      said,
      wrong,
      problems,
      explained('admin', 'Your API key may see these settings, not change them.'),
      step(1, 'Register the app', registration),
      step(2, 'Enter client ID and credential', guarded('admin', form.element)),
      step(
        3,
        'Verify',
        h(
          'p',
          {},
          'Asks Microsoft whether the saved client ID and credential work. Nobody signs in.',
        ),
        guarded('admin', verify.element),
      ),
      step(
        4,
        'Let administrators consent',
        h(
          'p',
          {},
          'Most organisations let only an administrator allow IMAP. The link asks for it once, for all of its mailboxes. Personal accounts need none.',
        ),
        guarded('write', consentPart()),
      ),
      may('admin') && next.element,
    ),
  }
}

/** The page is right without these: the next load shows them. */
const ignore = () => {}

const step = (number: number, title: string, ...children: Children[]) =>
  h(
    'div',
    { class: 'card step' },
    h('h2', {}, h('span', { class: 'number' }, number), ' ', title),
    ...children,
  )
