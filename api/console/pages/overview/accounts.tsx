/** All mail accounts with their health; what needs somebody comes first. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { Button } from '../../components/button.tsx'
import { LastValidation } from '../../components/mail-accounts.tsx'
import { HealthBadge } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { Ago } from '../../components/time.tsx'
import { may } from '../../rights.ts'
import { whoActs } from '../../ui/state.ts'
import { accountHref } from '../email-account/words.ts'
import { byUrgency, countGroups, type Group, groups } from './urgency.ts'

type Accounts = { accounts: readonly MailAccount[] }

const names: Record<Group, string> = {
  somebody: 'Need attention',
  waiting: 'Waiting for Microsoft',
  untried: 'Not validated',
  works: 'Working',
}
const tones: Record<Group, string> = {
  somebody: 'bad',
  waiting: 'ask',
  untried: 'ask',
  works: 'good',
}

export function AccountCounts({ accounts }: Accounts) {
  const counts = countGroups(accounts)
  return (
    <dl class="counts" aria-label="Email accounts by health">
      {groups.map((group) => (
        <div key={group} class={counts[group] > 0 ? `count ${tones[group]}` : 'count'}>
          <dt>{names[group]}</dt>
          <dd>{counts[group]}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Number of accounts that are shown at first. */
const FIRST = 50

export function AccountsByUrgency({ accounts }: Accounts) {
  const [isWhole, setWhole] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    // The button that was pressed is gone: the first row that it showed takes the focus.
    if (isWhole) place.current?.querySelectorAll<HTMLElement>('tbody th a')[FIRST]?.focus()
  }, [isWhole])
  const sorted = byUrgency(accounts)
  return (
    <div ref={place}>
      <Table
        caption="Email accounts"
        columns={columns}
        rows={isWhole ? sorted : sorted.slice(0, FIRST)}
      />
      {!isWhole && sorted.length > FIRST && (
        <Button onClick={() => setWhole(true)}>Show all {sorted.length}</Button>
      )}
    </div>
  )
}

const columns: Column<MailAccount>[] = [
  {
    name: 'Mailbox',
    cell: (account) => (
      <>
        <a href={accountHref(account)}>{account.username}</a>
        <div class="plain small quiet">
          {[account.name, ownerOf(account)].filter(Boolean).join(', ')}
        </div>
      </>
    ),
  },
  { name: 'Health', cell: (account) => <HealthWithCause account={account} /> },
  {
    name: 'Last validation',
    cell: ({ last_validation: last }) =>
      last ? <LastValidation validation={last} /> : <span class="quiet">Never</span>,
  },
  { name: 'Access token ends', cell: (account) => <TokenEnd account={account} /> },
]

function ownerOf({ owner, protocol }: MailAccount): string {
  const kind = protocol.toUpperCase()
  if (owner.type === 'global') return `${kind} for all`
  return `${kind} of ${owner.type} ${owner.id}`
}

const HealthWithCause = ({ account }: { account: MailAccount }) => (
  <>
    <HealthBadge health={account.health} />
    {/* That the integration is off is said once, above. */}
    {account.problem && account.health !== 'inactive' && <Cause problem={account.problem} />}
    {account.health === 'reconnect_required' && may('write') && (
      <div class="small">
        <a href={accountHref(account)}>Reconnect</a>
      </div>
    )}
  </>
)

/** The cause in plain words where it is known; the account's own page has it in full. */
function Cause({ problem }: { problem: NonNullable<MailAccount['problem']> }) {
  const { detail, diagnosis } = problem
  const isKnown = diagnosis?.verdict === 'certain' || diagnosis?.verdict === 'likely'
  const cause = isKnown ? diagnosis.candidates[0] : undefined
  return (
    <div class="small why">
      {cause?.title ?? detail}
      {cause && <div class="quiet">Who must act: {whoActs[cause.responsible]}</div>}
    </div>
  )
}

function TokenEnd({ account: { authentication, grant } }: { account: MailAccount }) {
  if (authentication.type === 'password') return <span class="quiet">Password</span>
  if (authentication.flow === 'app_only') return <span class="quiet">App-only</span>
  const end = grant?.access_token_expires_at
  if (!end) return <span class="quiet">None</span>
  if (Date.parse(end) > Date.now()) {
    return (
      <span class="nowrap">
        <Ago time={end} />
      </span>
    )
  }
  // A token that has ended is no fault: the next one is fetched when it is asked for.
  return <span class="quiet">{grant.status === 'active' ? 'Renewed when needed' : 'Ended'}</span>
}
