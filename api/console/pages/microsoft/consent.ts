/** Step 4: a link with which an administrator allows the app for a whole organisation. */
import type { AdminConsentLink } from '../../../../schema/integration.ts'
import { ApiError, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { copyable } from '../../ui/copy.ts'
import { checkbox, textField } from '../../ui/fields.ts'
import { complainAtFields, notice, problemNotice } from '../../ui/notice.ts'
import { day } from '../../ui/time.ts'

export function consentPart(): HTMLElement {
  const tenant = textField({
    label: 'For which tenant (optional)',
    help: "The organisation's Directory (tenant) ID or one of its domains. Left blank: the one of whoever opens the link.",
  })
  const appOnly = checkbox('For app-only access, where nobody signs in', false)
  const result = h('div', { role: 'status', class: 'result' })
  const button = h('button', { type: 'submit' }, 'Link for an administrator')

  async function make(): Promise<void> {
    const where = tenant.input.value.trim()
    try {
      const { url, expires_at } = await post<AdminConsentLink>(
        '/v1/integrations/microsoft/admin-consent',
        {
          ...(where !== '' && { tenant: where }),
          ...(appOnly.input.checked && { flow: 'app_only' }),
        },
      )
      fill(
        result,
        notice(
          'good',
          'Send this link to the administrator',
          h(
            'p',
            {},
            'It works until ',
            day(expires_at),
            ', or until it has been used with success.',
          ),
          copyable(url, 'link for an administrator'),
        ),
      )
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (!complainAtFields(error.problem, { '/tenant': tenant })) {
        fill(result, problemNotice(error.problem))
      }
    }
  }

  return h(
    'form',
    {
      'aria-label': 'Link for an administrator',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        fill(result)
        void whileBusy(button, make)
      },
    },
    tenant.element,
    appOnly.element,
    h('div', {}, h('div', { class: 'row' }, button), result),
  )
}
