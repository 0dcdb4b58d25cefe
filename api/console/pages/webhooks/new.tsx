/** "Add webhook": the form, then the secret, once. */
import { useCallback, useState } from 'preact/hooks'
import type { WebhookWithSecret } from '../../../../schema/webhook.ts'
import { post } from '../../api.ts'
import { PageHead } from '../../components/page-head.tsx'
import { FocusedStatus } from '../../components/shown-once.tsx'
import { go, type Page, type Visit } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { WebhookForm } from './form.tsx'
import { SecretOnce } from './secret.tsx'
import { readSenders, type Sender } from './senders.ts'

export async function newWebhookPage(visit: Visit): Promise<Page> {
  const senders = await readSenders(visit.signal)
  const view = <NewWebhook senders={senders} beforeLeaving={visit.beforeLeaving} />
  return { title: 'Add webhook', content: view }
}

type Leaving = Pick<Visit, 'beforeLeaving'>

function NewWebhook({ senders, beforeLeaving }: Leaving & { senders: readonly Sender[] }) {
  const [created, setCreated] = useState<WebhookWithSecret | null>(null)
  const onChange = useCallback(
    (isChanged: boolean) =>
      beforeLeaving(() => (isChanged ? 'The webhook has not been added. Leave this page?' : null)),
    [beforeLeaving],
  )
  return (
    <>
      <PageHead
        title="Add webhook"
        lead="Choose where messages go, and about what."
        back={{ href: '#/webhooks', text: 'Alerts and webhooks' }}
      />
      {created ? (
        <Created webhook={created} beforeLeaving={beforeLeaving} />
      ) : (
        <WebhookForm
          stored={null}
          senders={senders}
          button="Add webhook"
          send={async (input) => {
            const webhook = await post<WebhookWithSecret>('/v1/webhooks', input)
            if (webhook.type === 'standard') {
              setCreated(webhook)
              return webhook
            }
            beforeLeaving(() => null)
            setFlash('Webhook added', 'Send a test message now, to see that it arrives.')
            go(`#/webhooks/${webhook.id}`)
            return webhook
          }}
          onChange={onChange}
        />
      )}
    </>
  )
}

function Created({ webhook, beforeLeaving }: Leaving & { webhook: WebhookWithSecret }) {
  return (
    <>
      <FocusedStatus>
        <SecretOnce title="Webhook added" made={webhook} beforeLeaving={beforeLeaving} />
      </FocusedStatus>
      <a class="button" href={`#/webhooks/${webhook.id}`}>
        Open and test it
      </a>
    </>
  )
}
