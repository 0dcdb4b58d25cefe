/** Whether Microsoft can be offered, and exactly what is missing if not. */
import type { Integration } from '../../../../schema/integration.ts'
import { h } from '../../dom.ts'
import { notice } from '../../ui/notice.ts'

export const isOffered = ({ status, configured }: Integration) => status === 'active' && configured

/** Null when nothing is missing. */
export function missingProvider(integration: Integration): HTMLElement | null {
  if (isOffered(integration)) return null
  const { name, status, configured } = integration
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
          h('a', { href: '#/integrations' }, 'Activate it'),
        ),
      !configured &&
        h(
          'li',
          {},
          'The app registration is not entered. ',
          h('a', { href: '#/integrations/microsoft' }, 'Enter it'),
        ),
    ),
  )
}
