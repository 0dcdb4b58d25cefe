/** The fields of a webhook, new or stored. */
import { useState } from 'preact/hooks'
import { messages, webhookEvents } from '../../../../schema/events.ts'
import type { Webhook, WebhookEvent, WebhookType } from '../../../../schema/webhook.ts'
import { CheckboxGroup, type CheckboxOption } from '../../components/checkbox-group.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import { RadioGroup } from '../../components/radio-group.tsx'
import { useLeaveGuard } from '../../components/use-leave-guard.ts'
import {
  draftOf,
  errorsOf,
  hasSecretUrl,
  inputOf,
  tidy,
  type WebhookDraft,
  type WebhookFormInput,
  withType,
} from './draft.ts'
import { webhookTypes } from './labels.ts'
import { type Sender, senderName } from './senders.ts'

const eventOptions = webhookEvents.map((value): CheckboxOption<WebhookEvent> => {
  const { title, help } = messages[value]
  return { value, label: title, help }
})

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
  const [isSaved, showSaved] = useState(false)
  const form = useForm<WebhookDraft>({
    initial: draftOf(stored),
    pointers: {
      url: '/url',
      to: '/to',
      mailAccountId: '/mail_account_id',
      description: '/description',
      events: '/events',
    },
    tidy,
    check: errorsOf,
    send: async (draft) => {
      showSaved(false)
      form.reset(draftOf(await send(inputOf(draft))))
      showSaved(true)
    },
  })
  const { values, isChanged, change, field, submission } = form
  useLeaveGuard(isChanged ? warning : null)
  return (
    <Form
      label="Webhook"
      button={button}
      submission={submission}
      bare={bare}
      done={isSaved && !isChanged && <Notice tone="good" title="Saved" />}
    >
      {stored === null && (
        <RadioGroup
          label="Send messages to"
          options={webhookTypes}
          value={values.type}
          onChange={(type) => {
            if (type !== '') change(withType(values, type))
          }}
        />
      )}
      <div class="pair">
        <Receiver type={values.type} field={field} stored={stored} senders={senders} />
        <TextField
          {...field('description')}
          label="Description (optional)"
          placeholder="Help desk"
          help="A name for this webhook, shown in lists."
          maxLength={200}
        />
      </div>
      <CheckboxGroup
        {...field('events')}
        label="Events"
        help={
          values.type === 'standard'
            ? 'You get one message per change, not one per attempt.'
            : 'You get at most one message a minute, about everything since the last one.'
        }
        options={eventOptions}
      />
    </Form>
  )
}

/** The fields of each type: where the messages go. */
function Receiver(props: {
  type: WebhookType
  field: ReturnType<typeof useForm<WebhookDraft>>['field']
  stored: Webhook | null
  senders: readonly Sender[]
}) {
  const { type, field, stored, senders } = props
  if (type === 'email') {
    return (
      <>
        <TextField
          {...field('to')}
          label="Send to"
          type="email"
          required
          placeholder="it@example.com"
          help="One address, such as that of your help desk or on-call team."
        />
        <SelectField
          {...field('mailAccountId')}
          label="Send from"
          help={
            senders.length === 0
              ? 'There are none yet. First, add a mailbox that sends.'
              : 'A saved account for outgoing email. It cannot report its own failure.'
          }
          options={[
            { value: '', label: 'Choose an account' },
            ...senders.map((sender) => ({ value: sender.id, label: senderName(sender) })),
          ]}
        />
      </>
    )
  }
  const isStored = stored !== null && hasSecretUrl(type)
  const { label, placeholder, help } = URL_FIELDS[type]
  return (
    <TextField
      {...field('url')}
      label={label}
      type="url"
      required={!isStored}
      placeholder={isStored ? stored.url : placeholder}
      help={
        isStored
          ? 'It works like a password, so it is not shown again. Leave blank to keep it.'
          : help
      }
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
