/** The fields of an alert channel or webhook, new or stored. */
import { useState } from 'preact/hooks'
import { messages, webhookEvents } from '../../../../schema/events.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Webhook, WebhookEvent, WebhookType } from '../../../../schema/webhook.ts'
import type { ListPage } from '../../api.ts'
import { CheckboxGroup, type CheckboxOption } from '../../components/checkbox-group.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, useForm, useLeaveGuard } from '../../components/form.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Notice } from '../../components/notice.tsx'
import { RadioGroup } from '../../components/radio-group.tsx'
import { capitalised } from '../../ui/phrase.ts'
import {
  draftOf,
  errorsOf,
  hasSecretUrl,
  inputOf,
  tidy,
  type WebhookDraft,
  type WebhookFormInput,
} from './draft.ts'
import { channelTypes, kinds, nounOf, recommendation } from './labels.ts'

const eventOptions = webhookEvents.map(
  (value): CheckboxOption<WebhookEvent> => ({ value, label: messages[value].title }),
)

const channelOptions = channelTypes.map((value) => ({
  value,
  label: (
    <>
      <Icon name={kinds[value].icon} /> {kinds[value].label}
    </>
  ),
}))

export function WebhookForm(props: {
  /** The stored values, or the type of a new one. */
  stored: Webhook | WebhookType
  /** Stores the values, and resolves with the stored ones. */
  send: (input: WebhookFormInput) => Promise<Webhook>
}) {
  const stored = typeof props.stored === 'string' ? null : props.stored
  const [isSaved, showSaved] = useState(false)
  const form = useForm<WebhookDraft>({
    initial: draftOf(props.stored),
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
      form.reset(draftOf(await props.send(inputOf(draft))))
      showSaved(true)
    },
  })
  const { values, isChanged, change, field, submission } = form
  const { type, about } = values
  const noun = nounOf(type)
  const unsaved = stored ? `The changes to the ${noun} are not saved.` : `The ${noun} is not added.`
  useLeaveGuard(isChanged ? `${unsaved} Leave this page?` : null)
  return (
    <Form
      label={capitalised(noun)}
      button={stored ? 'Save' : `Add ${noun}`}
      submission={submission}
      bare={stored !== null}
      done={isSaved && !isChanged && <Notice tone="good" title="Saved" />}
    >
      {stored === null && type !== 'standard' && (
        <RadioGroup
          label="Where alerts go"
          class="tiles"
          options={channelOptions}
          value={type}
          onChange={(type) => type !== '' && change({ type })}
        />
      )}
      <div class="pair">
        <Receiver type={type} field={field} stored={stored} />
        <TextField
          {...field('description')}
          label="Name (optional)"
          placeholder={type === 'standard' ? 'Help desk' : 'IT on call'}
          maxLength={200}
        />
      </div>
      <RadioGroup
        label="Notify of"
        class="tiles"
        options={[
          {
            value: 'recommended',
            label: `${recommendation(type)} (recommended)`,
            help: type === 'standard' ? FOR_PROGRAMS : FOR_PEOPLE,
          },
          { value: 'chosen', label: 'Choose' },
        ]}
        value={about}
        onChange={(about) => about !== '' && change({ ...tidy(values), about })}
      />
      {about === 'chosen' && (
        <CheckboxGroup
          {...field('events')}
          label="Events"
          search="Find an event"
          options={eventOptions}
        />
      )}
    </Form>
  )
}

const FOR_PEOPLE =
  'Expired sign-ins, failed logins, blocked access, expiring credentials, and when it works again. At most one message a minute.'

const FOR_PROGRAMS = 'One message for each change, not for each attempt.'

/** Accounts that send: the first 200, by address. */
const SENDERS = '/v1/mail-accounts?direction=send&sort=username&limit=200'

const senderOption = ({ id, name, username, from }: MailAccount) => ({
  value: id,
  label: [from ?? username, name].filter(Boolean).join(' \u2013 '),
})

/** The fields of each type: where the messages go. */
function Receiver(props: {
  type: WebhookType
  field: ReturnType<typeof useForm<WebhookDraft>>['field']
  stored: Webhook | null
}) {
  const { type, field, stored } = props
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
        <Loaded<ListPage<MailAccount>> path={SENDERS}>
          {({ data }) => (
            <SelectField
              {...field('mailAccountId')}
              label="Send from"
              help={
                data.length === 0
                  ? 'There are none yet. First, add a mailbox that can send email.'
                  : 'A saved mailbox that sends. It cannot report its own failure.'
              }
              options={[{ value: '', label: 'Choose a mailbox' }, ...data.map(senderOption)]}
            />
          )}
        </Loaded>
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
    label: 'URL',
    placeholder: 'https://helpdesk.example.com/hooks/mailgrant',
    help: 'Must be https on the default port, with a public host name.',
  },
  slack: {
    label: 'Slack webhook URL',
    placeholder: 'https://hooks.slack.com/services/...',
    help: 'From your app at api.slack.com/apps, under Incoming Webhooks. Treat it as a password.',
  },
  teams: {
    label: 'Teams webhook URL',
    placeholder: 'https://prod-00.westeurope.logic.azure.com/workflows/...',
    help: 'From the channel in Teams: More options, Workflows, "Send webhook alerts to a channel". Treat it as a password.',
  },
}
