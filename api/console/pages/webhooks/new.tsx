/** "Add alert channel" and "Add webhook": the form, then the webhook's secret, once. */
import { useState } from 'preact/hooks'
import type { WebhookType, WebhookWithSecret } from '../../../../schema/webhook.ts'
import { post } from '../../api.ts'
import { setFlash } from '../../components/flash.tsx'
import { PageHead } from '../../components/layout.tsx'
import { FocusedStatus, ShownOnce } from '../../components/shown-once.tsx'
import { clearLeaveGuards, go, type Page, type Visit } from '../../router.ts'
import { capitalised } from '../../ui/phrase.ts'
import { WebhookForm } from './form.tsx'
import { channelTypes, nounOf } from './labels.ts'

/** The type in the address is the one that is chosen first. */
export async function newWebhookPage({ query }: Visit): Promise<Page> {
  const asked = query.get('type')
  const type = [...channelTypes, 'standard' as const].find((one) => one === asked) ?? 'slack'
  const title = `Add ${nounOf(type)}`
  return { title, content: <NewWebhook type={type} title={title} /> }
}

function NewWebhook({ type, title }: { type: WebhookType; title: string }) {
  const [created, setCreated] = useState<WebhookWithSecret | null>(null)
  return (
    <>
      <PageHead
        title={title}
        lead={
          type === 'standard' &&
          'Your server gets a signed POST request for each event, as in Standard Webhooks.'
        }
        back={{ href: '#/webhooks', text: 'Alerts and webhooks' }}
      />
      {created ? (
        <Created webhook={created} />
      ) : (
        <WebhookForm
          stored={type}
          send={async (input) => {
            const webhook = await post<WebhookWithSecret>('/v1/webhooks', input)
            if (webhook.type === 'standard') {
              setCreated(webhook)
              return webhook
            }
            clearLeaveGuards()
            setFlash(
              `${capitalised(nounOf(type))} added`,
              'Send a test message now to see that it arrives.',
            )
            go(`#/webhooks/${webhook.id}`)
            return webhook
          }}
        />
      )}
    </>
  )
}

function Created({ webhook: { id, secret = '' } }: { webhook: WebhookWithSecret }) {
  return (
    <>
      <FocusedStatus>
        <ShownOnce title="Webhook added" secret={secret} name="signing secret">
          <p class="after small">Your server uses it to verify the signature of every message.</p>
        </ShownOnce>
      </FocusedStatus>
      <a class="button main" href={`#/webhooks/${id}`}>
        Open and test it
      </a>
    </>
  )
}
