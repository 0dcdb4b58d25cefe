/** The fields of a webhook, new or stored. */
import { useState } from 'preact/hooks'
import type { Webhook, WebhookEvent } from '../../../../schema/webhook.ts'
import { type Choice, Choices } from '../../components/choices.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, useSubmission } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import { RadioField } from '../../components/radio-field.tsx'
import { useLeaveGuard } from '../../components/use-leave-guard.ts'
import {
  differs,
  draftOf,
  errorsOf,
  hasSecretUrl,
  inputOf,
  type WebhookDraft,
  type WebhookFormInput,
  withType,
} from './draft.ts'
import { type Sender, senderName } from './senders.ts'
import { webhookEvents, webhookTypes } from './words.ts'

const eventChoices: Choice<WebhookEvent>[] = (Object.keys(webhookEvents) as WebhookEvent[]).map(
  (value) => ({ value, ...webhookEvents[value] }),
)

export function WebhookForm(props: {
  stored: Webhook | null
  /** Accounts that can send by email. */
  senders: readonly Sender[]
  button: string
  /** Warning before unsaved changes are lost. */
  warning: string
  bare?: boolean
  /** Stores the webhook, and resolves with the stored values. */
  send: (input: WebhookFormInput) => Promise<Webhook>
}) {
  const { stored, senders, button, warning, bare = false, send } = props
  const [base, setBase] = useState<WebhookDraft>(() => draftOf(stored))
  const [draft, setDraft] = useState(base)
  const [isSaved, setSaved] = useState(false)
  const submission = useSubmission({
    fields: ['/url', '/to', '/mail_account_id', '/description', '/events'],
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
  useLeaveGuard(differs(draft, base) ? warning : null)
  return (
    <Form
      label="Webhook"
      button={button}
      submission={submission}
      bare={bare}
      done={isSaved && <Notice tone="good" title="Saved" />}
    >
      {stored === null && (
        <RadioField
          label="Send messages to"
          options={webhookTypes}
          value={draft.type}
          onChange={(type) => {
            if (type !== '') change(withType(draft, type), '/url')
          }}
        />
      )}
      <div class="pair">
        <Receiver draft={draft} stored={stored} senders={senders} errors={errors} change={change} />
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
        help={
          draft.type === 'standard'
            ? 'You get one message per change, not one per attempt.'
            : 'You get one message a minute at most. It gathers what has happened.'
        }
        error={errors['/events']}
        value={draft.events}
        onChange={(events) => change({ events }, '/events')}
        choices={eventChoices}
      />
    </Form>
  )
}

/** The fields of each type: where the messages go. */
function Receiver(props: {
  draft: WebhookDraft
  stored: Webhook | null
  senders: readonly Sender[]
  errors: Readonly<Record<string, string>>
  change: (changes: Partial<WebhookDraft>, pointer: string) => void
}) {
  const { draft, stored, senders, errors, change } = props
  if (draft.type === 'email') {
    return (
      <>
        <TextField
          label="Send to"
          type="email"
          required
          placeholder="it@example.com"
          help="One address, such as that of your help desk or on-call team."
          error={errors['/to']}
          value={draft.to}
          onChange={(to) => change({ to }, '/to')}
        />
        <SelectField
          label="Send from"
          help={
            senders.length === 0
              ? 'There is none yet: first add an account under Outgoing email.'
              : 'A saved account for outgoing email. It cannot report its own failure.'
          }
          error={errors['/mail_account_id']}
          value={draft.mailAccountId}
          onChange={(mailAccountId) => change({ mailAccountId }, '/mail_account_id')}
          options={[
            { value: '', label: 'Choose an account' },
            ...senders.map((sender) => ({ value: sender.id, label: senderName(sender) })),
          ]}
        />
      </>
    )
  }
  const isStored = stored !== null && hasSecretUrl(draft.type)
  const { label, placeholder, help } = URL_FIELDS[draft.type]
  return (
    <TextField
      label={label}
      type="url"
      required={!isStored}
      placeholder={isStored ? stored.url : placeholder}
      help={
        isStored ? 'It is a password, so it is not shown again. Leave this empty to keep it.' : help
      }
      error={errors['/url']}
      value={draft.url}
      onChange={(url) => change({ url }, '/url')}
    />
  )
}

const URL_FIELDS = {
  standard: {
    label: 'Endpoint URL',
    placeholder: 'https://helpdesk.example.com/hooks/mailgrant',
    help: 'Receives a POST request for each event. Must be https on the default port, with a public host name.',
  },
  slack: {
    label: 'Slack webhook URL',
    placeholder: 'https://hooks.slack.com/services/...',
    help: 'At api.slack.com/apps: create an app, switch on Incoming Webhooks, and add one for the channel. Treat the URL as a password.',
  },
  teams: {
    label: 'Teams webhook URL',
    placeholder: 'https://prod-00.westeurope.logic.azure.com/workflows/...',
    help: 'In Teams, beside the channel: More options, Workflows, "Send webhook alerts to a channel". Treat the URL as a password.',
  },
}
