/** The page of a mailbox, new or saved: its form, its sign-in, and how it works for reading and sending. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Grant } from '../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { MailAccount, MailAccountOwners } from '../../../schema/mail-account.ts'
import { directionOf } from '../../../schema/protocols.ts'
import type { Validation } from '../../../schema/validation.ts'
import { get, ifAny, list, removeIfAny, request } from '../api.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { FlashNotice, setFlash } from '../components/flash.tsx'
import { Badge, Card, HealthBadge, PageHead } from '../components/layout.tsx'
import { ProblemAlert, ScopeFieldset, ScopeNotice } from '../components/notice.tsx'
import { RadioGroup } from '../components/radio-group.tsx'
import { useAction } from '../components/use-action.ts'
import { may } from '../rights.ts'
import { clearLeaveGuards, go, type Page, type Visit } from '../router.ts'
import { accountHref, accountName, describeUses, mailboxList, useOf } from '../ui/mail-account.ts'
import { capitalised } from '../ui/phrase.ts'
import { type Accounts, draftOf, emptyDraft, groupsOf } from './email-account/draft.ts'
import { AccountProblem } from './email-account/facts.tsx'
import { AccountFormView } from './email-account/form.tsx'
import { History } from './email-account/history.tsx'
import { type FormOptions, type Saved, verdictOf } from './email-account/state.ts'
import { SendTestMessage } from './email-account/test-message.tsx'
import { TokenUses } from './email-account/token-uses.tsx'
import { type AccountForm, useAccountForm } from './email-account/use-account-form.ts'
import { UseCard } from './email-account/use-card.tsx'

const MICROSOFT = '/v1/integrations/microsoft'
const ADD = 'Add mailbox'
const CANNOT = 'Your API key can view mailboxes, but not change or validate them.'

export async function newMailboxPage(visit: Visit): Promise<Page> {
  const { query } = visit
  const [surroundings, grant] = await Promise.all([readSurroundings(visit), readGrant(query)])
  const { protocols, mail_servers: servers } = surroundings.settings
  const asked = query.get('protocols')?.split(' ')
  const uses = (['read', 'send'] as const).flatMap(
    (direction) => protocols.find((one) => directionOf(one) === direction) ?? [],
  )
  const draft = emptyDraft(asked ? protocols.filter((one) => asked.includes(one)) : uses, servers, {
    owner: query.get('owner'),
    mailbox: query.get('mailbox'),
    delegate: query.get('delegate'),
  })
  const options = {
    ...surroundings,
    draft,
    customer: query.get('customer') || null,
    saved: [],
    others: [],
    grant,
    signedIn: null,
  }
  return { title: ADD, content: <NewMailbox options={options} /> }
}

export async function mailboxPage(visit: Visit): Promise<Page> {
  const { signal, params, query } = visit
  const read = (id: string) =>
    request<MailAccount>(`/v1/mail-accounts/${encodeURIComponent(id)}`, { signal })
  const [surroundings, asked] = await Promise.all([readSurroundings(visit), read(params.id ?? '')])
  const { id, grant } = asked.body
  const all = await readAccounts(asked.body)
  // The form is for the account in the address, and those that log in the same way.
  const [form = [asked.body], ...others] = groupsOf([
    asked.body,
    ...all.filter((account) => account.id !== id),
  ])
  const readSaved = form.map(async (account): Promise<Saved> => {
    const { body, etag } = account.id === id ? asked : await read(account.id)
    const last = body.last_validation
    const validation = last && (await ifAny(get<Validation>(`/v1/validations/${last.id}`)))
    return { account: body, etag, validation }
  })
  const saved = await Promise.all(readSaved)
  // Uses the bodies that belong to the ETags, since those of the list were read earlier.
  const bodies = saved.map(({ account }) => account) as unknown as Accounts
  const savedGrant = grant && (await ifAny(get<Grant>(`/v1/grants/${grant.id}`)))
  const draft = draftOf(bodies, surroundings.settings.mail_servers, savedGrant?.account_type)
  const signedIn = await readGrant(query)
  const options = {
    ...surroundings,
    draft,
    customer: asked.body.customer,
    saved,
    others: others.flat(),
    grant: savedGrant,
    signedIn,
  }
  return {
    title: accountName(asked.body),
    content: <SavedMailbox options={options} />,
  }
}

/** Returns the accounts of the mailbox. Limited keys cannot filter by customer, so the page does. */
async function readAccounts({ username, customer }: MailAccount): Promise<MailAccount[]> {
  const path = `/v1/mail-accounts?${new URLSearchParams({ username })}`
  const accounts = await list<MailAccount>(path)
  return accounts.filter((account) => account.customer === customer)
}

function NewMailbox({ options }: { options: FormOptions }) {
  const form = useAccountForm(options)
  useEffect(() => {
    form.focus('[data-step=mailbox] input')
  }, [])
  return (
    <>
      <PageHead
        title={ADD}
        lead={options.customer === null ? undefined : `For customer ${options.customer}.`}
        back={mailboxList}
      />
      <ScopeNotice scope="write" text={CANNOT} />
      <ScopeFieldset scope="write">
        <AccountFormView form={form} />
      </ScopeFieldset>
    </>
  )
}

function SavedMailbox({ options }: { options: FormOptions }) {
  const { settings, others, visit } = options
  const form = useAccountForm(options)
  const { facts } = form.validation
  const ofForm = facts.map(({ account }) => account) as unknown as Accounts
  const accounts: Accounts = [...ofForm, ...others]
  const [first] = ofForm
  const { username, customer } = first
  // The card stays in its place while the page is open, since it shows a key only once.
  const [worked] = useState(accounts.every(({ health }) => health === 'ok'))
  const withTokens = accounts.filter(({ authentication }) => authentication.type === 'oauth')
  const use = withTokens.length > 0 && (
    <UseCard accounts={withTokens} url={new URL(settings.redirect_uri).origin} />
  )
  const name = accountName(first)
  // A new sign-in replaces the one that the problem is about.
  const hasNewSignIn = form.values.grant !== null && form.values.grant.id !== options.grant?.id
  const lead = [
    ...(name === username ? [] : [username]),
    ...(customer === null ? [] : [`customer ${customer}`]),
  ]
  return (
    <>
      <PageHead back={mailboxList} title={name} lead={lead.join(', ')}>
        {may('write') && <Deletion accounts={accounts} />}
      </PageHead>
      <ul class="uses" aria-label="Health">
        {accounts.map(({ id, protocol, health }) => (
          <li key={id}>
            {capitalised(useOf(protocol))}{' '}
            {hasNewSignIn && facts.some(({ account }) => account.id === id) ? (
              <Badge tone="ask">Not saved</Badge>
            ) : (
              <HealthBadge health={health} />
            )}{' '}
            <code class="quiet">{id}</code>{' '}
            {others.some((other) => other.id === id) && (
              <a href={accountHref({ id })}>With its own settings</a>
            )}
          </li>
        ))}
      </ul>
      {/* The message is outdated once something is typed. */}
      <FlashNotice isOutdated={form.isUnsaved} />
      {!hasNewSignIn &&
        problemsOf(form).map(({ account, grant }) => (
          <AccountProblem
            key={account.id}
            account={account}
            grant={grant}
            signal={visit.signal}
            isDiagnosed={verdictOf(form.values) === 'failed'}
            onReconnect={may('write') ? form.access.start : null}
            isReconnecting={form.access.busy}
          />
        ))}
      {worked && use}
      <ScopeNotice scope="write" text={CANNOT} />
      <ScopeFieldset scope="write">
        <AccountFormView form={form} />
      </ScopeFieldset>
      {!worked && use}
      <Card title="History">
        <History accounts={accounts} signal={visit.signal} />
        {may('admin') && (
          <p>
            <a href={`#/events?${new URLSearchParams({ mailbox: username })}`}>
              All events of this mailbox
            </a>
          </p>
        )}
      </Card>
      <div class="card folds">
        {accounts.map((account) => (
          <SendTestMessage key={account.id} account={account} />
        ))}
        {withTokens.length > 0 && <TokenUses accounts={withTokens} />}
      </div>
    </>
  )
}

/**
 * Returns the accounts with a problem, each problem once, since the accounts of one sign-in share most problems. Leaves
 * out failed logins that the form shows.
 */
const problemsOf = ({ values, validation: { facts } }: AccountForm) =>
  facts.filter(
    ({ account: { problem, protocol } }, index) =>
      problem !== null &&
      !(problem.code === 'login_failed' && values.checks[protocol]) &&
      facts.findIndex(({ account }) => account.problem?.detail === problem.detail) === index,
  )

/** "Delete", which asks what is deleted: the mailbox, or one of its uses. */
function Deletion({ accounts }: { accounts: Accounts }) {
  const { busy, problem, run } = useAction()
  const [question, confirm] = useConfirm()
  const chosen = useRef<readonly MailAccount[]>(accounts)
  const [first] = accounts

  async function deleteChosen(): Promise<void> {
    chosen.current = accounts
    const isConfirmed = await confirm({
      title: `Delete ${accountName(first)}?`,
      yes: 'Delete',
      danger: true,
      children: (
        <>
          {accounts.length > 1 && (
            <DeletionChoice
              accounts={accounts}
              onChange={(them) => {
                chosen.current = them
              }}
            />
          )}
          <p>Programs that use it can no longer log in with it.</p>
          <p>Its password, and a sign-in that nothing else uses, are deleted too.</p>
        </>
      ),
    })
    if (!isConfirmed) return
    const deleted = chosen.current
    // After a failure, another attempt deletes the rest.
    for (const { id } of deleted) await removeIfAny(`/v1/mail-accounts/${id}`)
    clearLeaveGuards()
    const left = accounts.find((account) => !deleted.includes(account))
    const uses = describeUses(deleted.map(({ protocol }) => protocol))
    setFlash('Deleted', `${left ? capitalised(uses) : first.username} is deleted.`)
    go(left ? accountHref(left) : mailboxList.href)
  }
  return (
    <>
      <Button busy={busy} onClick={() => run(deleteChosen)}>
        Delete
      </Button>
      {question}
      {problem && <ProblemAlert problem={problem} />}
    </>
  )
}

const WHOLE = 'all'

function DeletionChoice(props: {
  accounts: Accounts
  onChange: (chosen: readonly MailAccount[]) => void
}) {
  const { accounts, onChange } = props
  const [value, setValue] = useState(WHOLE)
  return (
    <RadioGroup<string>
      label="What is deleted?"
      value={value}
      onChange={(id) => {
        setValue(id)
        onChange(id === WHOLE ? accounts : accounts.filter((account) => account.id === id))
      }}
      options={[
        { value: WHOLE, label: 'The whole mailbox' },
        ...accounts.map(({ id, protocol }) => ({
          value: id,
          label: `Only ${useOf(protocol)}`,
          help: id,
        })),
      ]}
    />
  )
}

async function readSurroundings(visit: Visit) {
  const [integration, settings, { data: owners }] = await Promise.all([
    get<Integration>(MICROSOFT, visit.signal),
    get<IntegrationSettings>(`${MICROSOFT}/settings`, visit.signal),
    get<MailAccountOwners>('/v1/mail-accounts/owners', visit.signal),
  ])
  return { integration, settings, owners: owners.map(({ owner }) => owner), visit }
}

/** Reads the grant in the address, which a link has brought. */
async function readGrant(query: URLSearchParams): Promise<Grant | null> {
  const id = query.get('grant')
  return id === null ? null : ifAny(get<Grant>(`/v1/grants/${encodeURIComponent(id)}`))
}
