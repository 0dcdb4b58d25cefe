/** Third-Party Integrations: which there are, and their switches. */
import type { Integration } from '../../../schema/integration.ts'
import { ApiError, get } from '../api.ts'
import { fill, h } from '../dom.ts'
import type { Page, Visit } from '../router.ts'
import { integrationBadge, problemsView, switchButton, switched } from '../ui/integration.ts'
import { problemNotice } from '../ui/notice.ts'
import { head, table } from '../ui/table.ts'

const purposes: Record<string, string> = {
  microsoft: 'Sign in to Microsoft 365 and Outlook.com mailboxes with OAuth.',
}

export async function integrationsPage({ signal }: Visit): Promise<Page> {
  const { data } = await get<{ data: Integration[] }>('/v1/integrations', signal)
  const said = h('div', { role: 'status' })
  const wrong = h('div', { role: 'alert' })
  const shown = h('div', {})

  const show = (integrations: readonly Integration[]) =>
    fill(
      shown,
      integrations.map(({ problems }) => problemsView(problems)),
      table(
        'Integrations',
        [
          {
            name: 'Integration',
            cell: ({ id, name }) => [
              h('a', { href: `#/integrations/${id}` }, name),
              h('div', { class: 'quiet small plain' }, purposes[id]),
            ],
          },
          { name: 'Status', cell: integrationBadge },
          {
            name: 'App registration',
            cell: ({ configured }) => (configured ? 'Entered' : 'None yet'),
          },
          {
            name: 'Actions',
            actions: true,
            cell: (integration) =>
              h(
                'div',
                { class: 'row end' },
                switchButton(integration, changed, failed),
                h('a', { class: 'button', href: `#/integrations/${integration.id}` }, 'Settings'),
              ),
          },
        ],
        integrations,
      ),
    )

  function changed(integration: Integration): void {
    fill(wrong)
    show(data.map((one) => (one.id === integration.id ? integration : one)))
    // The button that was pressed is gone: its successor in the same place takes the focus.
    shown.querySelector<HTMLElement>('.actions button')?.focus()
    fill(said, switched(integration))
  }

  function failed(error: unknown): void {
    if (!(error instanceof ApiError)) throw error
    fill(said)
    fill(wrong, problemNotice(error.problem))
  }

  show(data)
  return {
    title: 'Third-Party Integrations',
    content: h(
      'div',
      {},
      head('Third-Party Integrations', 'What email accounts can be connected through.'),
      said,
      wrong,
      shown,
    ),
  }
}
