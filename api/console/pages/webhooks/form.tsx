/** The fields of a webhook, new or stored. */
import { useLayoutEffect, useState } from 'preact/hooks'
import type { Webhook, WebhookEvent } from '../../../../schema/webhook.ts'
import { type Choice, Choices } from '../../components/choices.tsx'
import { TextField } from '../../components/fields.tsx'
import { Form, useSubmission } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import {
  differs,
  draftOf,
  errorsOf,
  inputOf,
  type WebhookDraft,
  type WebhookFormInput,
} from './draft.ts'
import { webhookEvents } from './words.ts'

const eventChoices: Choice<WebhookEvent>[] = (Object.keys(webhookEvents) as WebhookEvent[]).map(
  (value) => ({ value, ...webhookEvents[value] }),
)

export function WebhookForm(props: {
  stored: Webhook | null
  button: string
  bare?: boolean
  /** Stores the webhook, and resolves with the stored values. */
  send: (input: WebhookFormInput) => Promise<Webhook>
  onChange: (isChanged: boolean) => void
}) {
  const { stored, button, bare = false, send, onChange } = props
  const [base, setBase] = useState<WebhookDraft>(() => draftOf(stored))
  const [draft, setDraft] = useState(base)
  const [isSaved, setSaved] = useState(false)
  const submission = useSubmission({
    fields: ['/url', '/description', '/events'],
    check: () => errorsOf(draft),
    send: async () => {
      setSaved(false)
      const saved = draftOf(await send(inputOf(draft)))
      setBase(saved)
      setDraft(saved)
      setSaved(true)
    },
  })
  const { errors, forget } = submission
  const change = (changes: Partial<WebhookDraft>, pointer: string) => {
    setDraft((before) => ({ ...before, ...changes }))
    setSaved(false)
    forget(pointer)
  }
  const isChanged = differs(draft, base)
  useLayoutEffect(() => onChange(isChanged), [isChanged, onChange])
  return (
    <Form
      label="Webhook"
      button={button}
      submission={submission}
      bare={bare}
      done={isSaved && <Notice tone="good" title="Saved" />}
    >
      <div class="pair">
        <TextField
          label="Endpoint URL"
          type="url"
          required
          placeholder="https://helpdesk.example.com/hooks/mailgrant"
          help="Receives a POST request for each event. Must be https on the default port, with a public host name."
          error={errors['/url']}
          value={draft.url}
          onChange={(url) => change({ url }, '/url')}
        />
        <TextField
          label="Description (optional)"
          placeholder="Help desk"
          help="A name for this webhook, shown in lists."
          maxLength={200}
          error={errors['/description']}
          value={draft.description}
          onChange={(description) => change({ description }, '/description')}
        />
      </div>
      <Choices
        label="Events"
        help="You get one message per change, not one per attempt."
        error={errors['/events']}
        value={draft.events}
        onChange={(events) => change({ events }, '/events')}
        choices={eventChoices}
      />
    </Form>
  )
}
