/** The server: one of those that are known, or another one in three fields. */
import { SelectField, TextField } from '../../components/fields.tsx'
import { type Draft, sameServer, serverDraft } from './draft.ts'
import { changeDraft, chooseServer } from './state.ts'
import type { AccountForm } from './use-account-form.ts'
import { serverName } from './words.ts'

const OTHER = 'other'

export function ServerFields({ form }: { form: AccountForm }) {
  const { options, state, update } = form
  const servers = options.settings.mail_servers[options.protocol].map(serverDraft)
  const listed = servers.findIndex((server) => sameServer(server, state.draft))
  const { errors } = state
  return (
    <>
      <SelectField
        label="Server"
        error={
          state.isOtherServer
            ? undefined
            : (errors['/host'] ?? errors['/port'] ?? errors['/security'])
        }
        value={state.isOtherServer ? OTHER : String(listed)}
        onChange={(choice) => update((now) => chooseServer(now, servers[Number(choice)] ?? null))}
        options={[
          ...servers.map((server, index) => ({ value: String(index), label: serverName(server) })),
          { value: OTHER, label: 'Another server' },
        ]}
      />
      {state.isOtherServer && <OtherServer form={form} />}
    </>
  )
}

const securities = [
  { value: 'tls', label: 'TLS from the start' },
  { value: 'starttls', label: 'STARTTLS' },
] as const

function OtherServer({ form: { state, update } }: { form: AccountForm }) {
  const { draft, errors } = state
  const change = (typed: Partial<Draft>) => update((now) => changeDraft(now, typed))
  return (
    <div class="trio">
      <TextField
        label="Host"
        required
        placeholder="mail.example.com"
        error={errors['/host']}
        value={draft.host}
        onChange={(host) => change({ host })}
      />
      <TextField
        label="Port"
        type="number"
        required
        min="1"
        max="65535"
        error={errors['/port']}
        value={draft.port}
        onChange={(port) => change({ port })}
      />
      <SelectField<Draft['security']>
        label="Security"
        error={errors['/security']}
        value={draft.security}
        onChange={(security) => change({ security })}
        options={securities}
      />
    </div>
  )
}
