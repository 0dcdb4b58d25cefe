/** The imported mailboxes, each with its result, and what can be done next. */
import type { ProblemCode } from '../../../../schema/problem.ts'
import { Badge, HealthBadge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { NewTab } from '../../components/new-tab.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { accountHref, mailboxList, newMailboxHref, useOf } from '../../ui/mail-account.ts'
import { capitalised } from '../../ui/phrase.ts'
import { type ImportRow, importLabel } from './import-many.ts'
import type { Import } from './use-import.ts'

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

/** Problems that only a sign-in solves. */
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
          <a href={accountHref(account)}>{capitalised(useOf(account.protocol))}</a>
        </div>
      ))}
    </>
  )
}

/** Opens a new tab, since this page holds the remaining rows. */
function SignInInstead({ row: { mailbox, delegate, settings } }: { row: ImportRow }) {
  const protocols = Object.keys(settings.owners).join(' ')
  const asked = { protocols, mailbox, ...(delegate !== null && { delegate }) }
  return <NewTab href={newMailboxHref(asked)} text="Sign in instead" />
}

export function Results({ work }: { work: Import }) {
  const { rows, isRunning, refusal, retry, stop } = work
  const open = rows.filter(({ state }) => state !== 'done')
  const left = open.length
  const canRetry = open.some(({ problem }) => !NEEDS_SIGN_IN.includes(problem?.code))
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
            <span class="small quiet">{importLabel(rows)}</span>
            <Button onClick={stop}>Stop</Button>
          </>
        )}
        {!isRunning && left > 0 && (
          <Button class={canRetry ? 'main' : undefined} onClick={retry}>
            Try the others again ({left})
          </Button>
        )}
        {!isRunning && rows.some(({ accounts }) => accounts.length > 0) && (
          <a class={left === 0 || !canRetry ? 'button main' : 'button'} href={mailboxList.href}>
            Validate them in the list
          </a>
        )}
      </div>
      <p role="status" class="small after">
        {!isRunning && `${importLabel(rows)}.`}
      </p>
      <ProblemAlert problem={refusal} />
      <Table caption="Imported mailboxes" columns={columns} rows={rows} />
    </section>
  )
}
