/** "Add webhook": the form, then the secret, once. */
import { useCallback, useState } from 'preact/hooks'
import type { WebhookWithSecret } from '../../../../schema/webhook.ts'
import { post } from '../../api.ts'
import { PageHead } from '../../components/page-head.tsx'
import { FocusedStatus } from '../../components/shown-once.tsx'
import type { Page, Visit } from '../../router.ts'
import { WebhookForm } from './form.tsx'
import { SecretOnce } from './secret.tsx'

export async function newWebhookPage(visit: Visit): Promise<Page> {
  const view = <NewWebhook beforeLeaving={visit.beforeLeaving} />
  return { title: 'Add webhook', content: view }
}

type Leaving = Pick<Visit, 'beforeLeaving'>

function NewWebhook({ beforeLeaving }: Leaving) {
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
        lead="An endpoint that is notified when action is needed."
        back={{ href: '#/webhooks', text: 'Webhooks' }}
      />
      {created ? (
        <Created webhook={created} beforeLeaving={beforeLeaving} />
      ) : (
        <WebhookForm
          stored={null}
          button="Add webhook"
          send={async (input) => {
            const webhook = await post<WebhookWithSecret>('/v1/webhooks', input)
            setCreated(webhook)
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
