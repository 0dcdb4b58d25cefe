/** The log of a webhook: each message, how it went, what was in it, and once more. */
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { ApiError, get } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { copyable } from '../../ui/copy.ts'
import { selectField } from '../../ui/fields.ts'
import { problemNotice } from '../../ui/notice.ts'
import { badge } from '../../ui/state.ts'
import { table } from '../../ui/table.ts'
import { ago } from '../../ui/time.ts'
import type { DeliveryPage } from './follow.ts'
import { sender } from './send.ts'
import { deliveryState, messageName } from './words.ts'

type Status = WebhookDelivery['status'] | ''
/** With where it stands in the list. */
type Row = WebhookDelivery & { cursor: string | null }

export type DeliveriesPart = { element: HTMLElement; reload: () => Promise<void> }

/** `tried` hears of every message that was sent again. */
export async function deliveriesPart(
  webhookId: string,
  signal: AbortSignal,
  tried: () => Promise<void>,
): Promise<DeliveriesPart> {
  const status = selectField<Status>({
    label: 'Show',
    options: [
      { value: '', label: 'All messages' },
      { value: 'failed', label: 'Given up' },
      { value: 'pending', label: 'On their way, or to be tried again' },
      { value: 'delivered', label: 'Delivered' },
    ],
  })
  const wrong = h('div', { role: 'alert' })
  const shown = h('div', { tabindex: '-1' })
  const older = h('button', { type: 'button' }, 'Older')
  const again = sender(webhookId, signal, () => Promise.all([reload(), tried()]))
  let rows: Row[] = []
  let next: string | null = null

  async function load(from: string | null): Promise<void> {
    const wanted = status.input.value
    const query = new URLSearchParams({
      limit: '20',
      ...(wanted && { status: wanted }),
      ...(from && { cursor: from }),
    })
    const page = await get<DeliveryPage>(`/v1/webhooks/${webhookId}/deliveries?${query}`, signal)
    // Another choice was made meanwhile, and is on its way.
    if (status.input.value !== wanted) return
    const more = page.data.map((delivery) => ({ ...delivery, cursor: from }))
    rows = from === null ? more : [...rows, ...more]
    next = page.next_cursor
    fill(shown, rows.length === 0 ? empty(wanted !== '') : deliveryTable(rows, againButton))
    if (from !== null && next === null) shown.focus()
    older.hidden = next === null
  }

  /** Says what went wrong; what is shown stays. */
  async function reload(from: string | null = null): Promise<void> {
    fill(wrong)
    try {
      await load(from)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      fill(wrong, problemNotice(error.problem))
    }
  }

  function againButton({ id, type, cursor }: Row): HTMLElement {
    const button = h(
      'button',
      { type: 'button', 'aria-label': `Send again: ${messageName(type)}` },
      'Send again',
    )
    button.addEventListener('click', () => {
      void whileBusy(button, () => again.send(`/deliveries/${id}/redeliver`, cursor)).then(() => {
        // The list was made anew: the same message takes the focus.
        if (!button.isConnected) shown.querySelector<HTMLElement>(`#again-${id}`)?.focus()
      })
    })
    button.id = `again-${id}`
    return button
  }

  status.input.addEventListener('change', () => void reload())
  older.addEventListener('click', () => void whileBusy(older, () => reload(next)))
  await load(null)
  return {
    element: h(
      'div',
      {},
      h('div', { class: 'row spread filters' }, status.element),
      wrong,
      again.element,
      shown,
      older,
    ),
    reload: () => reload(),
  }
}

const empty = (filtered: boolean) =>
  h('div', { class: 'empty' }, filtered ? 'There is no such message.' : 'No message yet.')

const deliveryTable = (rows: readonly Row[], againButton: (row: Row) => HTMLElement) =>
  table(
    'Messages',
    [
      {
        name: 'Message',
        cell: ({ type, payload }) => [
          messageName(type),
          h(
            'details',
            { class: 'plain small payload' },
            h('summary', {}, 'Payload'),
            copyable(payload, 'payload', { lines: true }),
          ),
        ],
      },
      {
        name: 'State',
        cell: (row) => {
          const { tone, word } = deliveryState(row)
          const { last_error: error, last_status: answer, next_attempt_at: next } = row
          return [
            badge(tone, word),
            h(
              'div',
              { class: 'small quiet' },
              error ?? (answer !== null && `It answered ${answer}.`),
              row.status === 'pending' && row.attempts > 0 && next && [' Next ', ago(next), '.'],
            ),
          ]
        },
      },
      { name: 'Attempts', cell: ({ attempts }) => attempts },
      {
        name: 'Last sent',
        cell: ({ last_attempt_at: last }) =>
          h('span', { class: 'nowrap' }, last ? ago(last) : 'Not yet'),
      },
      { name: 'Actions', actions: true, cell: againButton },
    ],
    rows,
  )
