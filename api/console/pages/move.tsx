/** "Move from another product": refresh tokens of the same app registration become email accounts. */
import { useState } from 'preact/hooks'
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { MailAccountOwners, Owner } from '../../../schema/mail-account.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import type { ProblemCode } from '../../../schema/problem.ts'
import { get } from '../api.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Choices } from '../components/choices.tsx'
import { Copyable } from '../components/copyable.tsx'
import { Checkbox, SelectField, TextAreaField, TextField } from '../components/fields.tsx'
import { Form, useSubmission } from '../components/form.tsx'
import { MissingProvider } from '../components/missing-provider.tsx'
import { Notice, ProblemAlert } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { Explained, Guarded } from '../components/rights.tsx'
import { HealthBadge } from '../components/state.tsx'
import { type Column, Table } from '../components/table.tsx'
import { useLeaveGuard } from '../components/use-leave-guard.ts'
import type { Page, Visit } from '../router.ts'
import type { Errors } from '../ui/faults.ts'
import { isOffered } from '../ui/integration.ts'
import { accountHref, newAccountHref, useNames, words } from './email-account/words.ts'
import { useValidateMany } from './email-accounts/use-validate-many.ts'
import { progressWords } from './email-accounts/validate-many.ts'
import { type ImportRow, type ImportSettings, importWords } from './move/import-many.ts'
import { MOST_ROWS, parseRows } from './move/parse-rows.ts'
import { type Import, useImport } from './move/use-import.ts'

const TITLE = 'Move from another product'

export async function movePage({ signal }: Visit): Promise<Page> {
  const [integration, settings, { data: owners }] = await Promise.all([
    get<Integration>('/v1/integrations/microsoft', signal),
    get<IntegrationSettings>('/v1/integrations/microsoft/settings', signal),
    get<MailAccountOwners>('/v1/mail-accounts/owners', signal),
  ])
  const view = (
    <Move integration={integration} settings={settings} owners={owners.map(({ owner }) => owner)} />
  )
  return { title: TITLE, content: view }
}

type MoveProps = {
  integration: Integration
  settings: IntegrationSettings
  /** Those that exist, as suggestions. */
  owners: readonly Owner[]
}

function Move({ integration, settings, owners }: MoveProps) {
  const work = useImport()
  const isUnfinished = work.rows.some(({ state }) => state !== 'done')
  useLeaveGuard(
    isUnfinished
      ? 'Some mailboxes have not been imported. Their refresh tokens are not stored. Leave this page?'
      : null,
  )
  return (
    <>
      <PageHead
        title={TITLE}
        lead="Bring mailboxes along without a new sign-in: paste the refresh tokens that the other product holds."
        back={{ href: words.imap.listHref, text: words.imap.list }}
      />
      <MissingProvider integration={integration} />
      {settings.client_id !== null && <WhatIsNeeded clientId={settings.client_id} />}
      <Explained
        scope="write"
        text="Importing mailboxes requires an API key with write permission."
      />
      {isOffered(integration) && (
        <Guarded scope="write">
          <ImportForm settings={settings} owners={owners} work={work} />
        </Guarded>
      )}
      {work.rows.length > 0 && <Results work={work} />}
    </>
  )
}

const WhatIsNeeded = ({ clientId }: { clientId: string }) => (
  <Notice tone="plain" title="Both products must use the same app registration">
    <div>
      <p>
        A refresh token works only with the client ID that it was issued to. If the other product
        uses another one than this, <a href="#/integrations/microsoft">enter that one</a> first. The
        other product keeps working until you switch it off.
      </p>
      <Copyable text={clientId} name="client ID" />
      <p class="after">
        <a href="/docs/guides/moving" target="_blank" rel="noopener">
          The guide to moving
        </a>
      </p>
    </div>
  </Notice>
)

type OwnerType = 'global' | 'brand' | 'other'

const ownerTypes = [
  { value: 'global', label: 'All brands' },
  { value: 'brand', label: 'One brand' },
  { value: 'other', label: 'Another owner' },
] as const

type Draft = {
  protocols: readonly Protocol[]
  department: string
  senderType: OwnerType
  sender: string
  personal: boolean
  text: string
}

const empty: Draft = {
  protocols: ['imap'],
  department: '',
  senderType: 'global',
  sender: '',
  personal: false,
  text: '',
}

const uses = (['imap', 'smtp'] as const).map((value) => ({ value, label: useNames[value] }))

const needsSender = ({ protocols, senderType }: Draft) =>
  protocols.includes('smtp') && senderType !== 'global'

function errorsOf(draft: Draft): Errors {
  const parsed = parseRows(draft.text)
  return {
    ...(draft.protocols.length === 0 && { '/protocols': 'Choose at least one.' }),
    ...(draft.protocols.includes('imap') &&
      draft.department.trim() === '' && { '/department': 'Enter a department.' }),
    ...(needsSender(draft) && draft.sender.trim() === '' && { '/sender': 'Enter an owner.' }),
    ...(!parsed.ok && { '/rows': parsed.error }),
  }
}

function settingsOf(
  { protocols, department, senderType, sender, personal }: Draft,
  servers: ImportSettings['servers'],
): ImportSettings {
  const owner: Record<Protocol, Owner> = {
    imap: { type: 'department', id: department.trim() },
    smtp: senderType === 'global' ? { type: 'global' } : { type: senderType, id: sender.trim() },
  }
  const owners = Object.fromEntries(protocols.map((protocol) => [protocol, owner[protocol]]))
  return { owners, personal, servers }
}

function ImportForm({ settings, owners, work }: Omit<MoveProps, 'integration'> & { work: Import }) {
  const [draft, setDraft] = useState<Draft>(empty)
  const submission = useSubmission({
    fields: ['/protocols', '/department', '/sender', '/rows'],
    check: () => errorsOf(draft),
    send: async () => {
      const parsed = parseRows(draft.text)
      if (!parsed.ok || work.isRunning) return
      // The form is empty from now on: no token is shown a second time.
      setDraft({ ...draft, text: '' })
      work.start(parsed.rows, settingsOf(draft, settings.mail_servers))
    },
  })
  const { errors, forget } = submission
  const change = (changes: Partial<Draft>, pointer: string) => {
    setDraft((before) => ({ ...before, ...changes }))
    forget(pointer)
  }
  const known = (type: Owner['type']) =>
    owners.flatMap((owner) => (owner.type === type && 'id' in owner ? [owner.id] : []))
  return (
    <Form
      label={TITLE}
      button="Import"
      submission={{ ...submission, busy: submission.busy || work.isRunning }}
    >
      <Choices<Protocol>
        label="Use the mailboxes to"
        help="Choose what the other product did: Microsoft refuses the rest."
        choices={uses}
        error={errors['/protocols']}
        value={draft.protocols}
        onChange={(protocols) => change({ protocols }, '/protocols')}
      />
      {draft.protocols.includes('imap') && (
        <TextField
          label="Department"
          help="Name or id of the department in your own system. It owns all mailboxes below."
          suggestions={known('department')}
          error={errors['/department']}
          value={draft.department}
          onChange={(department) => change({ department }, '/department')}
          short
        />
      )}
      {draft.protocols.includes('smtp') && (
        <div class="pair">
          <SelectField<OwnerType>
            label="Send for"
            value={draft.senderType}
            onChange={(senderType) => change({ senderType }, '/sender')}
            options={ownerTypes}
          />
          {draft.senderType !== 'global' && (
            <TextField
              label={draft.senderType === 'brand' ? 'Brand' : 'Owner'}
              suggestions={known(draft.senderType)}
              error={errors['/sender']}
              value={draft.sender}
              onChange={(sender) => change({ sender }, '/sender')}
            />
          )}
        </div>
      )}
      {settings.tenant === 'common' && (
        <Checkbox
          label="These are personal accounts, such as outlook.com or hotmail.com"
          checked={draft.personal}
          onChange={(personal) => change({ personal }, '/rows')}
        />
      )}
      <TextAreaField
        label="Mailboxes and refresh tokens"
        help={`One mailbox on each line, up to ${MOST_ROWS}. For a shared mailbox, add the person who signs in as a third value.`}
        placeholder={
          'sales@example.com, refresh token\nsupport@example.com, refresh token, ann@example.com'
        }
        autocomplete="off"
        error={errors['/rows']}
        value={draft.text}
        onChange={(text) => change({ text }, '/rows')}
      />
    </Form>
  )
}

const columns: Column<ImportRow>[] = [
  {
    name: 'Mailbox',
    cell: ({ mailbox, delegate }) => (
      <>
        {mailbox}
        {delegate && <div class="quiet small plain">signs in as {delegate}</div>}
      </>
    ),
  },
  { name: 'Result', cell: (row) => <RowResult row={row} /> },
]

/** Refusals that only a sign-in of the person ends. */
const NEEDS_SIGN_IN: readonly (ProblemCode | undefined)[] = [
  'refresh_token_refused',
  'identity_unknown',
]

function RowResult({ row }: { row: ImportRow }) {
  const { state, accounts, problem } = row
  return (
    <>
      {state === 'waiting' && <span class="quiet">Not imported yet</span>}
      {state === 'running' && <span class="quiet">Importing ...</span>}
      {problem && (
        <div>
          <Badge tone="bad">Not imported</Badge>
          <div class="small after">
            <strong>{problem.title}.</strong> {problem.detail}{' '}
            {NEEDS_SIGN_IN.includes(problem.code) && <SignInInstead row={row} />}
          </div>
        </div>
      )}
      {accounts.map((account) => (
        <div key={account.id}>
          <HealthBadge health={account.health} />{' '}
          <a href={accountHref(account)}>{words[account.protocol].Use}</a>
        </div>
      ))}
    </>
  )
}

/** Opens a new tab, since this page holds the remaining rows. */
function SignInInstead({ row: { mailbox, delegate, settings } }: { row: ImportRow }) {
  const protocol = settings.owners.imap ? 'imap' : 'smtp'
  const asked = { mailbox, ...(delegate !== null && { delegate }) }
  return (
    <a href={newAccountHref(protocol, asked)} target="_blank" rel="noreferrer">
      Sign in instead
    </a>
  )
}

function Results({ work }: { work: Import }) {
  const { rows, isRunning, refusal, retry, stop, showAccount } = work
  const many = useValidateMany(showAccount)
  const saved = rows.flatMap(({ accounts }) => accounts.map(({ id }) => id))
  const open = rows.filter(({ state }) => state !== 'done')
  const left = open.length
  const canRetry = open.some(({ problem }) => !NEEDS_SIGN_IN.includes(problem?.code))
  const validating = many.state
  return (
    <section aria-label="Results">
      <h2>Results</h2>
      <div class="row">
        {isRunning && (
          <>
            <progress
              aria-label="Imported mailboxes"
              max={rows.length}
              value={rows.length - left}
            />
            <span class="small quiet">{importWords(rows)}</span>
            <Button onClick={stop}>Stop</Button>
          </>
        )}
        {!isRunning && left > 0 && (
          <Button class={canRetry ? 'main' : undefined} onClick={retry}>
            Try the others again ({left})
          </Button>
        )}
        {!isRunning && saved.length > 0 && (
          <Button
            class={left === 0 || !canRetry ? 'main' : undefined}
            busy={validating?.isRunning === true}
            onClick={() => many.run(saved)}
          >
            Validate all ({saved.length})
          </Button>
        )}
        {validating?.isRunning && <span class="small quiet">{progressWords(validating)}</span>}
      </div>
      <p role="status" class="small after">
        {!isRunning && `${importWords(rows)}.`}
        {validating && !validating.isRunning && ` ${progressWords(validating)}.`}
      </p>
      <ProblemAlert problem={refusal} />
      <div role="alert">
        {validating?.refusal && (
          <Notice tone="bad" title={`Validation stopped: ${validating.refusal}`} />
        )}
      </div>
      <Table caption="Imported mailboxes" columns={columns} rows={rows} />
    </section>
  )
}
