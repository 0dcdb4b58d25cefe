/** Fields that rarely have to be changed: name, who signs in, sender, servers. */
import { useState } from 'preact/hooks'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { SelectField, TextField } from '../../components/fields.tsx'
import { type ServerDraft, sameServer, serverDraft } from './draft.ts'
import { changeDraft, changeServer, chooseServer } from './state.ts'
import type { AccountForm } from './use-account-form.ts'
import { serverName } from './words.ts'

type Props = { form: AccountForm }

const POINTERS = /^\/(?:name|delegate|from|\w+\/(?:host|port|security))$/

export function MoreSettings({ form }: Props) {
  const { state } = form
  const [isOpen, setOpen] = useState(false)
  const isWrong = Object.keys(state.errors).some((pointer) => POINTERS.test(pointer))
  return (
    <details open={isOpen || isWrong} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>More settings</summary>
      <div class="fields">
        <div class="pair">
          <Name form={form} />
          {state.draft.authentication !== 'app_only' && <Delegate form={form} />}
        </div>
        {state.draft.protocols.includes('smtp') && <From form={form} />}
        {state.draft.protocols.map((protocol) => (
          <Server key={protocol} form={form} protocol={protocol} />
        ))}
      </div>
    </details>
  )
}

const Name = ({ form: { state, update } }: Props) => (
  <TextField
    label="Name (optional)"
    help="What people call this account."
    error={state.errors['/name']}
    value={state.draft.name}
    onChange={(name) => update((now) => changeDraft(now, { name }))}
  />
)

const Delegate = ({ form: { state, update } }: Props) => (
  <TextField
    label="Who signs in (optional)"
    type="email"
    help="Leave blank if the mailbox itself signs in. Otherwise enter the person's other address, or a person with access to the shared mailbox."
    error={state.errors['/delegate']}
    value={state.draft.delegate}
    onChange={(delegate) => update((now) => changeDraft(now, { delegate }))}
  />
)

const From = ({ form: { state, update } }: Props) => (
  <TextField
    label="Sender address (optional)"
    type="email"
    help="Leave blank to use the mailbox."
    error={state.errors['/from']}
    value={state.draft.from}
    onChange={(from) => update((now) => changeDraft(now, { from }))}
  />
)

const OTHER = 'other'

/** A choice among the known servers, or another one in three fields. */
function Server({ form, protocol }: Props & { protocol: Protocol }) {
  const { options, state, update } = form
  const servers = options.settings.mail_servers[protocol].map(serverDraft)
  const listed = servers.findIndex((server) => sameServer(server, state.draft.servers[protocol]))
  const isOther = state.isOtherServer[protocol]
  const error = (field: string) => state.errors[`/${protocol}/${field}`]
  return (
    <>
      <SelectField
        label={serverLabels[protocol]}
        error={isOther ? undefined : (error('host') ?? error('port') ?? error('security'))}
        value={isOther ? OTHER : String(listed)}
        onChange={(choice) =>
          update((now) => chooseServer(now, protocol, servers[Number(choice)] ?? null))
        }
        options={[
          ...servers.map((server, index) => ({ value: String(index), label: serverName(server) })),
          { value: OTHER, label: 'Another server' },
        ]}
      />
      {isOther && <OtherServer form={form} protocol={protocol} error={error} />}
    </>
  )
}

const serverLabels: Record<Protocol, string> = { imap: 'IMAP server', smtp: 'SMTP server' }

const securities = [
  { value: 'tls', label: 'TLS from the start' },
  { value: 'starttls', label: 'STARTTLS' },
] as const

function OtherServer(
  props: Props & { protocol: Protocol; error: (field: string) => string | undefined },
) {
  const { form, protocol, error } = props
  const { host, port, security } = form.state.draft.servers[protocol]
  const change = (typed: Partial<ServerDraft>) =>
    form.update((now) => changeServer(now, protocol, typed))
  return (
    <div class="trio">
      <TextField
        label="Host"
        required
        placeholder="mail.example.com"
        error={error('host')}
        value={host}
        onChange={(typed) => change({ host: typed })}
      />
      <TextField
        label="Port"
        type="number"
        required
        min="1"
        max="65535"
        error={error('port')}
        value={port}
        onChange={(typed) => change({ port: typed })}
      />
      <SelectField<ServerDraft['security']>
        label="Security"
        error={error('security')}
        value={security}
        onChange={(chosen) => change({ security: chosen })}
        options={securities}
      />
    </div>
  )
}
