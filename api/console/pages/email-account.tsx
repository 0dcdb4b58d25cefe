/** The page of one account, new or saved: its state, its form, what is known of its access token. */
import { useState } from 'preact/hooks'
import type { Grant } from '../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import type { Validation } from '../../../schema/validation.ts'
import { ApiError, get, list, request } from '../api.ts'
import { PageHead } from '../components/page-head.tsx'
import { Explained, Guarded } from '../components/rights.tsx'
import { HealthBadge } from '../components/state.tsx'
import { Told } from '../components/told.tsx'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { draftOf, emptyDraft } from './email-account/draft.ts'
import { AccountProblem, ForMailPrograms, GrantFacts } from './email-account/facts.tsx'
import { AccountFormView } from './email-account/form.tsx'
import type { FormOptions } from './email-account/form-core.ts'
import { takeDraft } from './email-account/kept.ts'
import { DeleteButton } from './email-account/remove.tsx'
import { readEnd } from './email-account/sign-in.ts'
import { useAccountForm } from './email-account/use-account-form.ts'
import { ownerName, words } from './email-account/words.ts'

const MICROSOFT = '/v1/integrations/microsoft'
const CANNOT = 'Your API key may see email accounts, not change or validate them.'

export const newEmailAccountPage =
  (protocol: Protocol) =>
  async (visit: Visit): Promise<Page> => {
    const { query } = visit
    const grantId = query.get('grant')
    const [surroundings, grant] = await Promise.all([
      readSurroundings(protocol, visit),
      grantId === null ? null : found<Grant>(`/v1/grants/${encodeURIComponent(grantId)}`),
    ])
    const draft = emptyDraft(protocol, surroundings.settings.mail_servers[protocol], {
      owner: query.get('owner'),
      mailbox: query.get('mailbox'),
      delegate: query.get('delegate'),
    })
    if (protocol === 'smtp' && query.get('scope') === 'brand') draft.ownerType = 'brand'
    const options = { ...surroundings, draft, saved: null, grant, resumed: await resume() }
    return {
      title: words[protocol].add,
      content: <NewAccount options={options} />,
    }
  }

export async function emailAccountPage(visit: Visit): Promise<Page> {
  const { signal, params } = visit
  const path = `/v1/mail-accounts/${encodeURIComponent(params.id ?? '')}`
  const { body: account, etag } = await request<MailAccount>(path, { signal })
  const [surroundings, grant, validation] = await Promise.all([
    readSurroundings(account.protocol, visit),
    account.grant ? found<Grant>(`/v1/grants/${account.grant.id}`) : null,
    account.last_validation
      ? found<Validation>(`/v1/validations/${account.last_validation.id}`)
      : null,
  ])
  const saved = { account, etag, validation }
  const options = {
    ...surroundings,
    draft: draftOf(account),
    saved,
    grant,
    resumed: await resume(),
  }
  return {
    title: account.name ?? account.username,
    content: <SavedAccount options={options} account={account} />,
  }
}

function NewAccount({ options }: { options: FormOptions }) {
  const form = useAccountForm(options)
  return (
    <>
      <BackLink protocol={options.protocol} />
      <PageHead title={words[options.protocol].add} />
      <Explained scope="write" text={CANNOT} />
      <Guarded scope="write">
        <AccountFormView form={form} />
      </Guarded>
    </>
  )
}

function SavedAccount({ options, account }: { options: FormOptions; account: MailAccount }) {
  const form = useAccountForm(options)
  const [isTyped, setTyped] = useState(false)
  const { protocol, health, authentication } = account
  const { grant } = options
  return (
    <>
      <BackLink protocol={protocol} />
      <PageHead
        title={account.name ?? account.username}
        lead={`${words[protocol].one} of ${ownerName(account.owner)}`}
      >
        <HealthBadge health={health} />
        {may('write') && <DeleteButton form={form} account={account} />}
      </PageHead>
      {/* What was saved is history as soon as something else is typed. */}
      <Told isOver={isTyped} />
      <AccountProblem
        account={account}
        grant={grant}
        onReconnect={may('write') ? form.access.start : null}
      />
      <Explained scope="write" text={CANNOT} />
      <Guarded scope="write">
        <AccountFormView form={form} onTyped={() => setTyped(true)} />
      </Guarded>
      {authentication.type === 'oauth' && (
        <section class="card facts-of">
          <h2>Access token</h2>
          {grant && <GrantFacts grant={grant} health={health} />}
          <ForMailPrograms id={account.id} />
        </section>
      )}
    </>
  )
}

const BackLink = ({ protocol }: { protocol: Protocol }) => (
  <a class="back" href={words[protocol].listHref}>
    {words[protocol].list}
  </a>
)

async function readSurroundings(protocol: Protocol, visit: Visit) {
  const [integration, settings, owners] = await Promise.all([
    get<Integration>(MICROSOFT, visit.signal),
    get<IntegrationSettings>(`${MICROSOFT}/settings`, visit.signal),
    ownersOf(protocol),
  ])
  return { protocol, integration, settings, owners, visit }
}

/** The API has no list of departments and brands: they are the owners of the accounts there are. */
async function ownersOf(protocol: Protocol): Promise<string[]> {
  const accounts = await list<MailAccount>(`/v1/mail-accounts?protocol=${protocol}`)
  const names = accounts.flatMap(({ owner }) => (owner.type === 'global' ? [] : [owner.id]))
  return [...new Set(names)].sort()
}

/** Returns null for what is gone: the page is right without it. */
async function found<Thing>(path: string): Promise<Thing | null> {
  try {
    return await get<Thing>(path)
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'not_found') return null
    throw error
  }
}

/** Returns what was typed before the whole page went to sign in, and how the sign-in ended. */
async function resume(): Promise<FormOptions['resumed']> {
  const kept = takeDraft()
  return kept && { draft: kept.draft, end: await readEnd(kept.authorization) }
}
