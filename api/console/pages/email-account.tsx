/** The page of a mailbox, new or saved: its state, its form, its access token and its history. */
import { useEffect, useState } from 'preact/hooks'
import type { Grant } from '../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { MailAccount, MailAccountOwners } from '../../../schema/mail-account.ts'
import { directionOf } from '../../../schema/protocols.ts'
import type { Validation } from '../../../schema/validation.ts'
import { ApiError, get, list, problemOf, remove, request } from '../api.ts'
import { Badge, HealthBadge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { FlashNotice } from '../components/flash.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ScopeFieldset, ScopeNotice } from '../components/scope.tsx'
import { useAction } from '../components/use-action.ts'
import { may } from '../rights.ts'
import { go, type Page, type Visit } from '../router.ts'
import { setFlash } from '../ui/flash.ts'
import { accountName, describeUses, mailboxList, ownerName } from '../ui/mail-account.ts'
import { capitalised } from '../ui/words.ts'
import { type Draft, draftOf, emptyDraft } from './email-account/draft.ts'
import { AccountProblem, ForPrograms, GrantFacts } from './email-account/facts.tsx'
import { AccountFormView } from './email-account/form.tsx'
import { SmtpAgain } from './email-account/graph.tsx'
import { History } from './email-account/history.tsx'
import { resumeWork } from './email-account/sign-in.ts'
import { atFields, type FormOptions, verdictOf } from './email-account/state.ts'
import { TestMessageCard } from './email-account/test-message.tsx'
import { TokenUses } from './email-account/token-uses.tsx'
import { type AccountForm, useAccountForm } from './email-account/use-account-form.ts'
import { deletionWords } from './email-account/words.ts'

const MICROSOFT = '/v1/integrations/microsoft'
const ADD = 'Add mailbox'
const CANNOT = 'Your API key can view email accounts, but not change or validate them.'

export async function newMailboxPage(visit: Visit): Promise<Page> {
  const { query } = visit
  const grantId = query.get('grant')
  const [surroundings, grant] = await Promise.all([
    readSurroundings(visit),
    grantId === null ? null : found<Grant>(`/v1/grants/${encodeURIComponent(grantId)}`),
  ])
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
  const resumed = await resumeWork<Draft>()
  return {
    title: ADD,
    content: <NewMailbox options={{ ...surroundings, draft, saved: null, grant, resumed }} />,
  }
}

export async function mailboxPage(visit: Visit): Promise<Page> {
  const { signal, params } = visit
  const path = `/v1/mail-accounts/${encodeURIComponent(params.id ?? '')}`
  const { body: account, etag } = await request<MailAccount>(path, { signal })
  const [surroundings, grant, validation] = await Promise.all([
    readSurroundings(visit),
    account.grant ? found<Grant>(`/v1/grants/${account.grant.id}`) : null,
    account.last_validation
      ? found<Validation>(`/v1/validations/${account.last_validation.id}`)
      : null,
  ])
  const options = {
    ...surroundings,
    draft: draftOf(account, surroundings.settings.mail_servers),
    saved: { account, etag, validation },
    grant,
    resumed: await resumeWork<Draft>(),
  }
  return {
    title: accountName(account),
    content: <SavedAccount options={options} saved={account} />,
  }
}

function NewMailbox({ options }: { options: FormOptions }) {
  const form = useAccountForm(options)
  useEffect(() => {
    if (!options.resumed) form.focus('[data-step=mailbox] input')
  }, [])
  return (
    <>
      <PageHead title={ADD} back={mailboxList} />
      <ScopeNotice scope="write" text={CANNOT} />
      <ScopeFieldset scope="write">
        <AccountFormView form={form} />
      </ScopeFieldset>
    </>
  )
}

function SavedAccount({ options, saved }: { options: FormOptions; saved: MailAccount }) {
  const form = useAccountForm(options)
  const [isTyped, setTyped] = useState(false)
  const { account, grant } = form.validation.facts ?? { account: saved, grant: options.grant }
  const { protocol, health, authentication } = account
  // A new sign-in replaces the one that the problem is about.
  const hasNewSignIn = form.values.grant !== null && form.values.grant.id !== options.grant?.id
  return (
    <>
      <PageHead
        back={mailboxList}
        title={accountName(account)}
        lead={capitalised(
          describeUses([protocol]) + (account.owner ? `, ${ownerName(account.owner)}` : ''),
        )}
      >
        {hasNewSignIn ? <Badge tone="ask">Not saved</Badge> : <HealthBadge health={health} />}
        {may('write') && <DeleteButton form={form} account={account} />}
      </PageHead>
      {/* The message is outdated once something is typed. */}
      <FlashNotice isOutdated={isTyped} />
      {!hasNewSignIn && (
        <AccountProblem
          account={account}
          grant={grant}
          settings={options.settings}
          signal={options.visit.signal}
          isDiagnosed={verdictOf(form.values) === 'failed'}
          onReconnect={may('write') ? form.access.start : null}
          isReconnecting={form.access.busy}
        />
      )}
      <ScopeNotice scope="write" text={CANNOT} />
      <ScopeFieldset scope="write">
        <AccountFormView form={form} onTyped={() => setTyped(true)} />
      </ScopeFieldset>
      {/* Cards about the saved account, each on a line of its own. */}
      {authentication.type === 'oauth' && (
        <Card title="Access token">
          {!hasNewSignIn && grant && <GrantFacts grant={grant} account={account} />}
          <ForPrograms id={account.id} protocol={account.protocol} />
        </Card>
      )}
      <SmtpAgain
        account={account}
        grant={grant}
        settings={options.settings}
        signal={options.visit.signal}
      />
      <TestMessageCard account={account} />
      {authentication.type === 'oauth' && (
        <TokenUses id={account.id} signal={options.visit.signal} />
      )}
      <History
        id={account.id}
        lastValidation={account.last_validation?.id}
        signal={options.visit.signal}
      />
    </>
  )
}

/** "Delete" says what else is deleted and asks for confirmation. */
function DeleteButton({ form, account }: { form: AccountForm; account: MailAccount }) {
  const { busy, run } = useAction()
  const [question, confirm] = useConfirm()

  async function deleteAccount(): Promise<void> {
    const { grant } = account
    const users = grant ? await list<MailAccount>(`/v1/mail-accounts?grant_id=${grant.id}`) : []
    const consequence = deletionWords(account, users)
    if (!(await confirm(deleting(account, consequence)))) return
    await remove(`/v1/mail-accounts/${account.id}`)
    if (form.options.visit.signal.aborted) return
    form.letLeave(true)
    setFlash('Deleted', `${account.username} is deleted.`)
    go(mailboxList.href)
  }
  const showProblem = (error: unknown) => form.refuse(atFields(problemOf(error), account.protocol))
  return (
    <>
      <Button busy={busy} onClick={() => run(() => deleteAccount().catch(showProblem))}>
        Delete
      </Button>
      {question}
    </>
  )
}

const deleting = (account: MailAccount, consequence: string) => ({
  title: `Delete ${accountName(account)}?`,
  yes: 'Delete',
  danger: true,
  children: (
    <>
      <p>Programs that use this account can no longer log in with it.</p>
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

/** Returns null if it was deleted: the page does not depend on it. */
async function found<Thing>(path: string): Promise<Thing | null> {
  try {
    return await get<Thing>(path)
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'not_found') return null
    throw error
  }
}
