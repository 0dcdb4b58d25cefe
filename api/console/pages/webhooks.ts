/** Webhooks: what of yours is told when a state changes, and whether it listens. */
import type { Webhook, WebhookDelivery } from '../../../schema/webhook.ts'
import { get, list } from '../api.ts'
import { h } from '../dom.ts'
import type { Page, Visit } from '../router.ts'
import { badge } from '../ui/state.ts'
import { head, table } from '../ui/table.ts'
import { ago } from '../ui/time.ts'
import { toldPlace } from '../ui/told.ts'
import type { DeliveryPage } from './webhooks/follow.ts'
import { deliveryState, toldWords, webhookName, webhookState } from './webhooks/words.ts'

type Row = { webhook: Webhook; last: readonly WebhookDelivery[] }

/** So many messages tell how a webhook does. */
const LAST = 20

export async function webhooksPage({ signal }: Visit): Promise<Page> {
  const webhooks = await list<Webhook>('/v1/webhooks')
  const rows = await Promise.all(
    webhooks.map(async (webhook): Promise<Row> => {
      const path = `/v1/webhooks/${webhook.id}/deliveries?limit=${LAST}`
      return { webhook, last: (await get<DeliveryPage>(path, signal)).data }
    }),
  )
  return {
    title: 'Webhooks',
    content: h(
      'div',
      {},
      head(
        'Webhooks',
        'Addresses of yours that are told when somebody has to act.',
        h('a', { class: 'button main', href: '#/webhooks/new' }, 'Add webhook'),
      ),
      toldPlace(),
      rows.length === 0 ? empty() : webhookTable(rows),
    ),
  }
}

const webhookTable = (rows: readonly Row[]) =>
  table(
    'Webhooks',
    [
      {
        name: 'Webhook',
        cell: ({ webhook }) => [
          h('a', { href: `#/webhooks/${webhook.id}` }, webhookName(webhook)),
          h('div', { class: 'quiet small plain' }, webhook.url),
        ],
      },
      {
        name: 'State',
        cell: ({ webhook }) => {
          const { tone, word } = webhookState(webhook)
          return badge(tone, word)
        },
      },
      { name: 'Told', cell: ({ webhook }) => toldWords(webhook.events) },
      { name: 'Last message', cell: ({ last }) => lastWords(last) },
    ],
    rows,
  )

function lastWords(deliveries: readonly WebhookDelivery[]) {
  const [last] = deliveries
  if (last === undefined) return 'None yet'
  const { tone, word } = deliveryState(last)
  const failed = deliveries.filter(({ status }) => status === 'failed').length
  return [
    badge(tone, word),
    ' ',
    h('span', { class: 'small quiet nowrap' }, ago(last.last_attempt_at ?? last.created_at)),
    failed > 0 &&
      h('div', { class: 'small quiet' }, `${failed} of the last ${deliveries.length} given up`),
  ]
}

const empty = () =>
  h(
    'div',
    { class: 'empty' },
    h('p', {}, 'There is no webhook yet.'),
    h(
      'p',
      {},
      'A help desk, a chat channel or a pager can be told when a mailbox needs reconnecting or a client secret or certificate is about to end.',
    ),
  )
