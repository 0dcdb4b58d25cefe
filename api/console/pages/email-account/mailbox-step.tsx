/** First step: which mailbox it is and what it is for. Rarely changed fields are folded, its owners among them. */
import { useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { MailProtocol, Protocol } from '../../../../schema/mail-servers.ts'
import { directionOf, isMailProtocol } from '../../../../schema/protocols.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { fieldOf } from '../../components/form.tsx'
import { may } from '../../rights.ts'
import { protocolLabels, senderTypes } from '../../ui/mail-account.ts'
import {
  chooseUses,
  namesOf,
  type OwnerDraft,
  type ServerDraft,
  sameServer,
  serverDraft,
  tidy,
} from './draft.ts'
import { mailboxLabel, serverName } from './labels.ts'
import { changeOwner, changeServer } from './state.ts'
import { ChangeButton, FormStep } from './step.tsx'
import type { AccountForm } from './use-account-form.ts'

type Props = { form: AccountForm }
type PropsOfOne = Props & { protocol: Protocol }

const TITLE = 'Account'

export function MailboxStep({ form }: Props) {
  const { options, values, field, change } = form
  const accounts = options.saved.map(({ account }) => account)
  const hasUse = (accounts: readonly MailAccount[], use: Protocol) =>
    accounts.some(({ protocol }) => directionOf(protocol) === directionOf(use))
  // For a read-only key, the fields stay visible.
  if (form.isFolded('mailbox') && may('write')) {
    const draft = tidy(values)
    return (
      <FormStep
        name="mailbox"
        title={TITLE}
        sign="good"
        line={
          <>
            {accounts.length === 0 && <strong>{draft.mailbox}</strong>}{' '}
            <span class="quiet">{mailboxLabel(draft)}</span>
          </>
        }
        button={<ChangeButton form={form} step="mailbox" name="account" />}
      />
    )
  }
  return (
    <FormStep name="mailbox" title={TITLE}>
      <div class="fields">
        <TextField
          {...field('mailbox')}
          short
          label="Mailbox"
          type="email"
          required
          placeholder="support@example.com"
        />
        <CheckboxGroup<Protocol>
          {...field('protocols')}
          label="Use it to"
          onChange={(chosen) => change((now) => ({ protocols: chooseUses(now.protocols, chosen) }))}
          options={usesOf(form).map((value) => ({ value, label: protocolLabels[value] }))}
          // A saved use can change its protocol. It ends with "Delete".
          isDisabled={(use) =>
            hasUse(options.others, use) || (hasUse(accounts, use) && values.protocols.includes(use))
          }
        />
        <MoreSettings form={form} />
      </div>
    </FormStep>
  )
}

/** Returns the uses to choose from: Microsoft Graph only if the settings allow it. */
const usesOf = ({ options, values }: AccountForm) =>
  (Object.keys(protocolLabels) as Protocol[]).filter(
    (protocol) =>
      (isMailProtocol(protocol) ||
        [...options.settings.protocols, ...values.protocols].includes(protocol)) &&
      !values.created.some((account) => account.protocol === protocol),
  )

/** The owner of the mailbox. The type of an incoming account's owner cannot be changed here. */
function Owner({ form, protocol }: PropsOfOne) {
  const { type } = form.values.owners[protocol]
  const isRequired = directionOf(protocol) === 'send'
  const label = type === 'other' ? 'Owner' : isRequired ? 'Brand' : 'Department (optional)'
  return (
    <TextField
      {...fieldOf(ownerPart(form, protocol), 'id', `/${protocol}/owner/id`, `/${protocol}/owner`)}
      label={label}
      required={isRequired}
      suggestions={namesOf(type === 'none' ? 'department' : type, form.options.owners)}
      help="Name or id in your own system."
    />
  )
}

const ownerPart = ({ values, submission, change }: AccountForm, protocol: Protocol) => ({
  values: values.owners[protocol],
  errors: submission.errors,
  change: (typed: Partial<OwnerDraft>) => change((now) => changeOwner(now, protocol, typed)),
})

function Sender({ form, protocol }: PropsOfOne) {
  const part = ownerPart(form, protocol)
  const type = fieldOf(part, 'type')
  return (
    <div class="pair">
      <SelectField<OwnerDraft['type']>
        {...type}
        label="Send for"
        onChange={(chosen) => part.change({ type: chosen, id: '' })}
        options={[{ value: 'none', label: 'No owner' }, ...senderTypes]}
      />
      {type.value !== 'global' && type.value !== 'none' && (
        <Owner form={form} protocol={protocol} />
      )}
    </div>
  )
}

function MoreSettings({ form }: Props) {
  const { values, field, submission } = form
  const [isOpen, setOpen] = useState(false)
  const sending = values.protocols.find((protocol) => directionOf(protocol) === 'send')
  const isWrong = Object.keys(submission.errors).some((pointer) => FOLDED.test(pointer))
  return (
    <details open={isOpen || isWrong} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>More settings</summary>
      <div class="fields">
        <TextField
          {...field('name')}
          label="Name (optional)"
          help="What people call this account."
        />
        {values.authentication !== 'app_only' && (
          <TextField
            {...field('delegate')}
            label="Who signs in (optional)"
            type="email"
            help="Leave blank if the mailbox itself signs in. Otherwise enter the same person's other address, or the address of someone with access to the shared mailbox."
          />
        )}
        {sending && (
          <TextField
            {...field('from')}
            label="Sender address (optional)"
            type="email"
            help="Leave blank to use the mailbox."
          />
        )}
        {values.protocols.includes('imap') && <Owner form={form} protocol="imap" />}
        {sending && <Sender form={form} protocol={sending} />}
        {values.protocols.filter(isMailProtocol).map((protocol) => (
          <Server key={protocol} form={form} protocol={protocol} />
        ))}
      </div>
    </details>
  )
}

/** Pointers of the errors that unfold the fields. */
const FOLDED = /^\/(?:name|delegate|from|\w+\/(?:host|port|security|owner(?:\/id)?))$/

const OTHER = 'other'

/** A choice among the known servers, or another one in three fields. */
function Server({ form, protocol }: Props & { protocol: MailProtocol }) {
  const { options, values, submission, change } = form
  const servers = options.settings.mail_servers[protocol].map(serverDraft)
  const listed = servers.findIndex((server) => sameServer(server, values.servers[protocol]))
  // A server that is being typed may be one of the list for a moment.
  const [isTyped, setTyped] = useState(false)
  const isOther = isTyped || listed < 0
  const part = {
    values: values.servers[protocol],
    errors: submission.errors,
    change: (typed: Partial<ServerDraft>) => change((now) => changeServer(now, protocol, typed)),
  }
  const [host, port, security] = [
    fieldOf(part, 'host', `/${protocol}/host`),
    fieldOf(part, 'port', `/${protocol}/port`),
    fieldOf(part, 'security', `/${protocol}/security`),
  ]
  return (
    <>
      <SelectField
        label={serverLabels[protocol]}
        error={isOther ? undefined : (host.error ?? port.error ?? security.error)}
        value={isOther ? OTHER : String(listed)}
        onChange={(choice) => {
          setTyped(choice === OTHER)
          part.change(servers[Number(choice)] ?? { host: '' })
        }}
        options={[
          ...servers.map((server, index) => ({ value: String(index), label: serverName(server) })),
          { value: OTHER, label: 'Another server' },
        ]}
      />
      {isOther && (
        <div class="trio">
          <TextField {...host} label="Host" required placeholder="mail.example.com" />
          <TextField {...port} label="Port" type="number" required min="1" max="65535" />
          <SelectField<ServerDraft['security']>
            {...security}
            label="Security"
            options={securities}
          />
        </div>
      )}
    </>
  )
}

const serverLabels: Record<MailProtocol, string> = { imap: 'IMAP server', smtp: 'SMTP server' }

const securities = [
  { value: 'tls', label: 'TLS from the start' },
  { value: 'starttls', label: 'STARTTLS' },
] as const
