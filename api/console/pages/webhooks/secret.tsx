/** The signing secret: shown once, and rotated without losing a message. */
import { useState } from 'preact/hooks'
import type { WebhookWithSecret } from '../../../../schema/webhook.ts'
import { post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { ShownOnce } from '../../components/shown-once.tsx'
import { Moment } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'

export function SecretOnce({ title, webhook }: { title: string; webhook: WebhookWithSecret }) {
  const { secret, previous_secret_expires_at: previousExpiry } = webhook
  return (
    <ShownOnce title={title} secret={secret ?? ''} name="signing secret">
      <p class="after small">
        {previousExpiry === null ? (
          'Your endpoint uses it to verify the signature of every message. Messages follow Standard Webhooks.'
        ) : (
          <>
            Update your endpoint before <Moment time={previousExpiry} />. Until then, messages are
            signed with both secrets.
          </>
        )}
      </p>
    </ShownOnce>
  )
}

/** The secret of a stored webhook, which can only be replaced. */
export function Secret({ webhookId }: { webhookId: string }) {
  const [question, confirm] = useConfirm()
  const [rotated, setRotated] = useState<WebhookWithSecret | null>(null)
  const { busy, problem, run } = useAction()
  const rotate = async () => {
    if (!(await confirm(rotating))) return
    setRotated(await post<WebhookWithSecret>(`/v1/webhooks/${webhookId}/rotate-secret`))
  }
  return (
    <>
      <p>
        Your endpoint uses it to verify that messages come from Mailgrant. It was shown once, when
        it was created.
      </p>
      <div class="row">
        <Button busy={busy} onClick={() => run(rotate)}>
          Rotate secret
        </Button>
      </div>
      <ProblemAlert class="result" problem={problem} />
      <div role="status" class="result">
        {rotated && <SecretOnce key={rotated.secret} title="New secret" webhook={rotated} />}
      </div>
      {question}
    </>
  )
}

const rotating = {
  title: 'Rotate the secret?',
  yes: 'Rotate',
  children: (
    <>
      <p>
        For 24 hours, every message carries two signatures, one per secret. If you update your
        endpoint within that time, no message is lost. After that, only the new secret is used.
      </p>
      <p>If you rotate twice within 24 hours, only the last two secrets are used.</p>
    </>
  ),
}
