/** The page of a mailbox, new or saved: its form, its sign-in, and how it works for reading and sending. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Grant } from '../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { MailAccount, MailAccountOwners } from '../../../schema/mail-account.ts'
import { directionOf } from '../../../schema/protocols.ts'
import type { Validation } from '../../../schema/validation.ts'
import { get, ifAny, list, problemOf, removeIfAny, request } from '../api.ts'
import { Badge, HealthBadge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { FlashNotice } from '../components/flash.tsx'
import { ProblemAlert } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ScopeFieldset, ScopeNotice } from '../components/scope.tsx'
import { useAction } from '../components/use-action.ts'
import { may } from '../rights.ts'
import { clearLeaveGuards, go, type Page, type Visit } from '../router.ts'
import { setFlash } from '../ui/flash.ts'
import { accountHref, accountName, describeUses, mailboxList, useOf } from '../ui/mail-account.ts'
import { capitalised } from '../ui/phrase.ts'
import { type Accounts, draftOf, emptyDraft, groupsOf } from './email-account/draft.ts'
import { AccountProblem } from './email-account/facts.tsx'
import { AccountFormView } from './email-account/form.tsx'
import { SmtpAgain } from './email-account/graph.tsx'
import { History } from './email-account/history.tsx'
import { deletionText } from './email-account/labels.ts'
import { type FormOptions, type Saved, verdictOf } from './email-account/state.ts'
import { SendTestMessage } from './email-account/test-message.tsx'
import { TokenUses } from './email-account/token-uses.tsx'
import { useAccountForm } from './email-account/use-account-form.ts'
import { UseCard } from './email-account/use-card.tsx'
import type { Facts } from './email-account/use-validation.ts'

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
  const draft = draftOf(bodies, surroundings.settings.mail_servers)
  const signedIn = await readGrant(query)
  const options = {
    ...surroundings,
    draft,
    customer: asked.body.customer,
    saved,
    others: others.flat(),
    grant: grant && (await ifAny(get<Grant>(`/v1/grants/${grant.id}`))),
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
  const [isTyped, setTyped] = useState(false)
  const { facts } = form.validation
  const ofForm = facts.map(({ account }) => account) as unknown as Accounts
  const accounts = [...ofForm, ...others] as const
  const [first] = ofForm
  const deletion = useDeletion(ofForm)
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
        {deletion.button}
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
            {others.some((other) => other.id === id) && (
              <a href={accountHref({ id })}>With its own settings</a>
            )}
          </li>
        ))}
        {may('admin') && (
          <li>
            <a href={`#/events?${new URLSearchParams({ mailbox: username })}`}>
              All events of this mailbox
            </a>
          </li>
        )}
      </ul>
      <ProblemAlert problem={deletion.problem} />
      {/* The message is outdated once something is typed. */}
      <FlashNotice isOutdated={isTyped} />
      {!hasNewSignIn &&
        problemsOf(facts).map(({ account, grant }) => (
          <AccountProblem
            key={account.id}
            account={account}
            grant={grant}
            settings={settings}
            signal={visit.signal}
            isDiagnosed={verdictOf(form.values) === 'failed'}
            onReconnect={may('write') ? form.access.start : null}
            isReconnecting={form.access.busy}
          />
        ))}
      {worked && use}
      <ScopeNotice scope="write" text={CANNOT} />
      <ScopeFieldset scope="write">
        <AccountFormView form={form} onTyped={() => setTyped(true)} />
      </ScopeFieldset>
      {!worked && use}
      {facts.map(({ account, grant }) => (
        <Use
          key={account.id}
          account={account}
          isOnly={accounts.length === 1}
          signal={visit.signal}
        >
          <SmtpAgain account={account} grant={grant} settings={settings} signal={visit.signal} />
        </Use>
      ))}
    </>
  )
}

/** Returns the accounts with a problem, each problem once, since the accounts of one sign-in share most problems. */
const problemsOf = (facts: readonly Facts[]) =>
  facts.filter(
    ({ account: { problem } }, index) =>
      problem !== null &&
      facts.findIndex(({ account }) => account.problem?.detail === problem.detail) === index,
  )

/** Shows one use of the mailbox with its history. */
function Use(props: {
  account: MailAccount
  isOnly: boolean
  signal: AbortSignal
  children: ComponentChildren
}) {
  const { account, isOnly, signal, children } = props
  const { id, protocol, last_validation: last } = account
  const use = useOf(protocol)
  const deletion = useDeletion([account], use)
  return (
    <section class="card stack" aria-label={capitalised(use)}>
      <div class="row spread use">
        <div>
          <h2>{capitalised(use)}</h2>
          <code class="quiet">{id}</code>
        </div>
        {!isOnly && deletion.button}
      </div>
      <ProblemAlert problem={deletion.problem} />
      {children}
      <History id={id} use={use} lastValidation={last?.id} signal={signal} />
      {account.authentication.type === 'oauth' && <TokenUses id={id} use={use} />}
      <SendTestMessage account={account} />
    </section>
  )
}

/**
 * Returns "Delete", which says what else is deleted and asks for confirmation, and why it failed. `use`: the one use of
 * the mailbox that is deleted, unless all are.
 */
function useDeletion(accounts: Accounts, use?: string) {
  const { busy, problem, run } = useAction()
  const [question, confirm] = useConfirm()
  const [first] = accounts

  async function deleteAccounts(): Promise<void> {
    const grants = new Set(accounts.flatMap(({ grant }) => grant?.id ?? []))
    const users = await Promise.all(
      [...grants].map((id) => list<MailAccount>(`/v1/mail-accounts?grant_id=${id}`)),
    )
    const consequence = deletionText(accounts, users.flat())
    const number = accounts.length > 1 ? `${accounts.length} accounts of ` : ''
    if (!(await confirm(deleting(`${number}${use ?? accountName(first)}`, consequence)))) return
    const failed = await removeAll(accounts)
    clearLeaveGuards()
    if (failed) {
      setFlash('Not everything was deleted', failed.problem.detail, 'bad')
      return go(accountHref(failed.account))
    }
    const [left] = await readAccounts(first)
    const uses = describeUses(accounts.map(({ protocol }) => protocol))
    setFlash('Deleted', `${left ? capitalised(uses) : first.username} is deleted.`)
    go(left ? accountHref(left) : mailboxList.href)
  }
  const button = may('write') && (
    <>
      <Button class={use && 'link'} busy={busy} onClick={() => run(deleteAccounts)}>
        Delete
      </Button>
      {question}
    </>
  )
  return { button, problem }
}

/**
 * Deletes accounts, of which some may be deleted already. Returns the first that was not, with the reason, or null if
 * all were. Rejects if none was.
 */
async function removeAll(accounts: Accounts) {
  for (const account of accounts) {
    try {
      await removeIfAny(`/v1/mail-accounts/${account.id}`)
    } catch (error) {
      if (account === accounts[0]) throw error
      return { account, problem: problemOf(error) }
    }
  }
  return null
}

const deleting = (name: string, consequence: string) => ({
  title: `Delete ${name}?`,
  yes: 'Delete',
  danger: true,
  children: (
    <>
      <p>Programs that use it can no longer log in with it.</p>
      <p>{consequence}</p>
    </>
  ),
})

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
