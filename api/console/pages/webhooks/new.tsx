/** "Add webhook": the form, then the secret, once. */
import { useState } from 'preact/hooks'
import type { WebhookWithSecret } from '../../../../schema/webhook.ts'
import { post } from '../../api.ts'
import { PageHead } from '../../components/page-head.tsx'
import { FocusedStatus } from '../../components/shown-once.tsx'
import { clearLeaveGuards, go, type Page, type Visit } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { WebhookForm } from './form.tsx'
import { SecretOnce } from './secret.tsx'
import { readSenders, type Sender } from './senders.ts'

export async function newWebhookPage(visit: Visit): Promise<Page> {
  const senders = await readSenders(visit.signal)
  return { title: 'Add webhook', content: <NewWebhook senders={senders} /> }
}

function NewWebhook({ senders }: { senders: readonly Sender[] }) {
  const [created, setCreated] = useState<WebhookWithSecret | null>(null)
  return (
    <>
      <PageHead
        title="Add webhook"
        lead="Choose where messages go, and what they are about."
        back={{ href: '#/webhooks', text: 'Alerts and webhooks' }}
      />
      {created ? (
        <Created webhook={created} />
      ) : (
        <WebhookForm
          stored={null}
          senders={senders}
          button="Add webhook"
          warning="The webhook has not been added. Leave this page?"
          send={async (input) => {
            const webhook = await post<WebhookWithSecret>('/v1/webhooks', input)
            if (webhook.type === 'standard') {
              setCreated(webhook)
              return webhook
            }
            clearLeaveGuards()
            setFlash('Webhook added', 'Send a test message now to see that it arrives.')
            go(`#/webhooks/${webhook.id}`)
            return webhook
          }}
        />
      )}
    </>
  )
}

function Created({ webhook }: { webhook: WebhookWithSecret }) {
  return (
    <>
      <FocusedStatus>
        <SecretOnce title="Webhook added" webhook={webhook} />
      </FocusedStatus>
      <a class="button" href={`#/webhooks/${webhook.id}`}>
        Open and test it
      </a>
    </>
  )
}
