/** What an account without a person needs: the organisation, and the steps at Microsoft to copy. */
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { get } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { type Field, textField } from '../../ui/fields.ts'
import { guideSteps, isAtMicrosoft } from '../../ui/guide.ts'

export type AppOnlyPart = {
  element: HTMLElement
  tenant: Field
  /** Called when it is chosen: a blank tenant becomes the home tenant. */
  chosen: () => void
}

export function appOnlyPart(homeTenant: string | null): AppOnlyPart {
  const tenant = textField({
    label: 'Tenant',
    required: true,
    placeholder: 'contoso.com',
    help: 'The organisation of the mailbox: its tenant ID or one of its domains.',
  })
  const steps = h('div', { 'aria-live': 'polite' })
  const details = h(
    'details',
    {},
    h('summary', {}, 'What an administrator has to do once, and for every mailbox'),
    steps,
  )
  let asked = false
  details.addEventListener('toggle', () => {
    if (asked) return
    asked = true
    get<SetupGuide>('/v1/integrations/microsoft/setup-guide').then(
      ({ app_only: guide }) =>
        fill(
          steps,
          guide
            ? guideSteps(guide.steps.filter(isAtMicrosoft))
            : h('p', {}, 'The settings are for personal accounts, which have no app-only access.'),
        ),
      () => {
        asked = false
        fill(steps, h('p', { class: 'wrong' }, 'The steps could not be read. Open them again.'))
      },
    )
  })

  return {
    element: h(
      'div',
      { class: 'fields' },
      h(
        'p',
        { class: 'quiet' },
        'Nobody signs in: the app itself opens the mailbox. For mailboxes of an organisation only.',
      ),
      tenant.element,
      details,
    ),
    tenant,
    chosen: () => {
      if (tenant.input.value.trim() === '') tenant.input.value = homeTenant ?? ''
    },
  }
}
