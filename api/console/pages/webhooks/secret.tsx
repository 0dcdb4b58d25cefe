/** The secret that signs: shown once, and replaced without losing a message. */
import { useState } from 'preact/hooks'
import type { WebhookWithSecret } from '../../../../schema/webhook.ts'
import { post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { ShownOnce } from '../../components/shown-once.tsx'
import { Moment } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'

export function SecretOnce({ title, made }: { title: string; made: WebhookWithSecret }) {
  const { secret, previous_secret_expires_at: until } = made
  return (
    <ShownOnce title={title} secret={secret ?? ''} name="signing secret">
      <p class="after small">
        {until === null ? (
          'Your endpoint uses it to verify the signature of every message. Messages follow Standard Webhooks.'
        ) : (
          <>
            Update your endpoint before <Moment time={until} />. Until then both secrets sign.
          </>
        )}
      </p>
    </ShownOnce>
  )
}

/** The secret of a stored webhook, which can only be replaced. */
export function Secret({ webhookId }: { webhookId: string }) {
  const [question, confirm] = useConfirm()
  const [made, setMade] = useState<WebhookWithSecret | null>(null)
  const { busy, problem, run } = useAction()
  const rotate = async () => {
    if (!(await confirm(rotation))) return
    setMade(await post<WebhookWithSecret>(`/v1/webhooks/${webhookId}/rotate-secret`))
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
        {made && <SecretOnce key={made.secret} title="New secret" made={made} />}
      </div>
      {question}
    </>
  )
}

const rotation = {
  title: 'Rotate the secret?',
  yes: 'Rotate',
  children: (
    <>
      <p>
        For 24 hours every message carries two signatures, one for each secret. Update your endpoint
        within that time and no message is lost. After that, only the new secret signs.
      </p>
      <p>If you rotate twice within 24 hours, only the last two secrets sign.</p>
    </>
  ),
}
