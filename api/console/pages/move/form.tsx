/** The form that takes the refresh tokens of another product. */
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { Owner } from '../../../../schema/mail-account.ts'
import type { MailProtocol } from '../../../../schema/mail-servers.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { Checkbox, SelectField, TextAreaField, TextField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'
import type { Errors } from '../../ui/form-state.ts'
import { protocolLabels, senderTypes } from '../../ui/mail-account.ts'
import { namesOf } from '../email-account/draft.ts'
import type { ImportSettings } from './import-many.ts'
import { MAX_ROWS, parseRows } from './parse-rows.ts'
import type { Import } from './use-import.ts'

export function ImportForm(props: {
  settings: IntegrationSettings
  /** Existing owners, as suggestions. */
  owners: readonly Owner[]
  work: Import
}) {
  const { settings, owners, work } = props
  const form = useForm<ImportDraft>({
    initial: emptyImportDraft,
    pointers: {
      protocols: '/protocols',
      sender: '/sender',
      rows: '/rows',
    },
    check: errorsOf,
    send: async (draft) => {
      const parsed = parseRows(draft.rows)
      if (!parsed.ok || work.isRunning) return
      // Empties the field, so that no token is shown again.
      form.change({ rows: '' })
      work.start(parsed.rows, settingsOf(draft, settings.mail_servers))
    },
  })
  const { values, change, field, submission } = form
  return (
    <Form
      label="Move from another product"
      button="Import"
      submission={{ ...submission, busy: submission.busy || work.isRunning }}
    >
      <CheckboxGroup
        {...field('protocols')}
        label="Use the mailboxes to"
        help="Choose only what the other product did. Microsoft refuses the rest."
        options={protocolOptions}
      />
      {values.protocols.includes('imap') && (
        <TextField
          {...field('department')}
          label="Department (optional)"
          help="Name or id of the department in your own system. It owns all mailboxes below."
          suggestions={namesOf('department', owners)}
          short
        />
      )}
      {values.protocols.includes('smtp') && (
        <div class="pair">
          <SelectField {...field('senderType')} label="Send for" options={senderTypes} />
          {values.senderType !== 'global' && (
            <TextField
              {...field('sender')}
              label={values.senderType === 'brand' ? 'Brand' : 'Owner'}
              suggestions={namesOf(values.senderType, owners)}
            />
          )}
        </div>
      )}
      {settings.tenant === 'common' && (
        <Checkbox
          label="These are personal accounts, such as outlook.com or hotmail.com"
          checked={values.isPersonal}
          onChange={(isPersonal) => change({ isPersonal })}
        />
      )}
      <TextAreaField
        {...field('rows')}
        label="Mailboxes and refresh tokens"
        help={`One mailbox on each line, up to ${MAX_ROWS}. For a shared mailbox, add the person who signs in as a third value.`}
        placeholder={
          'sales@example.com, refresh token\nsupport@example.com, refresh token, ann@example.com'
        }
        autocomplete="off"
      />
    </Form>
  )
}

const protocolOptions = (['imap', 'smtp'] as const).map((value) => ({
  value,
  label: protocolLabels[value],
}))

const emptyImportDraft = {
  protocols: ['imap'] as readonly MailProtocol[],
  department: '',
  senderType: 'global' as 'global' | 'brand' | 'other',
  /** Brand or other owner of the SMTP accounts. */
  sender: '',
  isPersonal: false,
  /** Mailboxes and refresh tokens, as pasted. */
  rows: '',
}

type ImportDraft = typeof emptyImportDraft

/** Returns what is missing, by JSON pointer. */
function errorsOf(draft: ImportDraft): Errors {
  const { protocols, senderType, sender } = draft
  const needsSender = protocols.includes('smtp') && senderType !== 'global'
  const parsed = parseRows(draft.rows)
  return {
    ...(protocols.length === 0 && { '/protocols': 'Choose at least one.' }),
    ...(needsSender && sender.trim() === '' && { '/sender': 'Enter an owner.' }),
    ...(!parsed.ok && { '/rows': parsed.error }),
  }
}

function settingsOf(
  { protocols, department, senderType, sender, isPersonal }: ImportDraft,
  servers: ImportSettings['servers'],
): ImportSettings {
  const owner: Record<MailProtocol, Owner | null> = {
    imap: department.trim() === '' ? null : { type: 'department', id: department.trim() },
    smtp: senderType === 'global' ? { type: 'global' } : { type: senderType, id: sender.trim() },
  }
  const owners = Object.fromEntries(protocols.map((protocol) => [protocol, owner[protocol]]))
  return { owners, personal: isPersonal, servers }
}
