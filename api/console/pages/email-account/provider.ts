/** Whether Microsoft can be offered, and exactly what is missing if not. */
import type { Integration } from '../../../../schema/integration.ts'
import { request } from '../../api.ts'
import { h } from '../../dom.ts'
import { notice } from '../../ui/notice.ts'

export const isOffered = ({ status, configured }: Integration) => status === 'active' && configured

/** Null when nothing is missing. From a form the links open a tab of their own: it stays as it is. */
export function missingProvider(integration: Integration, inForm = false): HTMLElement | null {
  if (isOffered(integration)) return null
  const { name, status, configured } = integration
  const link = (href: string, text: string) =>
    h('a', { href, target: inForm ? '_blank' : null }, text)
  return notice(
    'ask',
    `${name} cannot be used yet`,
    h(
      'ul',
      { class: 'missing' },
      status === 'inactive' &&
        h(
          'li',
          {},
          `The ${name} integration is not active. `,
          link('#/integrations', 'Activate it'),
        ),
      !configured &&
        h(
          'li',
          {},
          'The app registration is not entered. ',
          link('#/integrations/microsoft', 'Enter it'),
        ),
    ),
    inForm &&
      h(
        'p',
        { class: 'after' },
        'It opens in a new tab. This form stays as it is, and goes on when you come back.',
      ),
  )
}

/** Tells how the integration stands whenever somebody comes back to the page. */
export function onComingBack(signal: AbortSignal, tell: (now: Integration) => void): void {
  const look = () => {
    if (document.visibilityState !== 'visible') return
    // The next action asks for the key, if the session has ended; not a mere look.
    request<Integration>('/v1/integrations/microsoft', { signal, renew: false }).then(
      ({ body }) => tell(body),
      () => {},
    )
  }
  window.addEventListener('focus', look, { signal })
  document.addEventListener('visibilitychange', look, { signal })
}
