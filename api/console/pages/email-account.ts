/** The page of one account, new or saved: its state, its form, what is known of its access token. */
import type { Grant } from '../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import type { Validation } from '../../../schema/validation.ts'
import { ApiError, get, list, request } from '../api.ts'
import { fill, h } from '../dom.ts'
import { explained, guarded, may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { healthBadge } from '../ui/state.ts'
import { head } from '../ui/table.ts'
import { toldPlace } from '../ui/told.ts'
import { draftOf, emptyDraft } from './email-account/draft.ts'
import { forMailPrograms, grantFacts, problemView } from './email-account/facts.ts'
import { type AccountForm, accountForm } from './email-account/form.ts'
import { takeDraft } from './email-account/kept.ts'
import { deleteButton } from './email-account/remove.ts'
import type { Saved } from './email-account/save.ts'
import { readEnd } from './email-account/sign-in.ts'
import { ownerName, words } from './email-account/words.ts'

const MICROSOFT = '/v1/integrations/microsoft'
const CANNOT = 'Your API key may see email accounts, not change or validate them.'

export const newEmailAccountPage =
  (protocol: Protocol) =>
  (visit: Visit): Promise<Page> =>
    newPage(protocol, visit)

async function newPage(protocol: Protocol, visit: Visit): Promise<Page> {
  const { query, signal } = visit
  const known = query.get('grant')
  const [surroundings, owners, grant] = await Promise.all([
    read(signal),
    ownersOf(protocol),
    known === null ? null : found<Grant>(`/v1/grants/${encodeURIComponent(known)}`),
  ])
  const draft = emptyDraft(protocol, surroundings.settings.mail_servers[protocol], {
    owner: query.get('owner'),
    mailbox: query.get('mailbox'),
    delegate: query.get('delegate'),
  })
  if (protocol === 'smtp' && query.get('scope') === 'brand') draft.ownerType = 'brand'
  const form = accountForm({ protocol, ...surroundings, owners, draft, saved: null, grant, signal })
  await settle(visit, form)
  const title = words[protocol].add
  return {
    title,
    content: h(
      'div',
      {},
      back(protocol),
      head(title),
      explained('write', CANNOT),
      guarded('write', form.element),
    ),
  }
}

export async function emailAccountPage(visit: Visit): Promise<Page> {
  const { signal, params } = visit
  const [surroundings, answer] = await Promise.all([
    read(signal),
    request<MailAccount>(`/v1/mail-accounts/${encodeURIComponent(params.id ?? '')}`, { signal }),
  ])
  const { body: account, etag } = answer
  const { protocol } = account
  const [owners, grant, validation] = await Promise.all([
    ownersOf(protocol),
    account.grant ? found<Grant>(`/v1/grants/${account.grant.id}`) : null,
    account.last_validation
      ? found<Validation>(`/v1/validations/${account.last_validation.id}`)
      : null,
  ])
  const saved: Saved = { account, etag, validation }
  const draft = draftOf(account)
  const form = accountForm({ protocol, ...surroundings, owners, draft, saved, grant, signal })
  await settle(visit, form)
  const title = account.name ?? account.username
  const told = toldPlace()
  // What was saved is history as soon as something else is typed.
  form.element.addEventListener('input', () => fill(told), { once: true })
  return {
    title,
    content: h(
      'div',
      {},
      back(protocol),
      head(
        title,
        `${words[protocol].one} of ${ownerName(account.owner)}`,
        healthBadge(account.health),
        may('write') && deleteButton(account, form.gone, form.failed),
      ),
      told,
      problemView(account, grant, may('write') ? form.reconnect : null),
      explained('write', CANNOT),
      guarded('write', form.element),
      account.authentication.type === 'oauth' &&
        h(
          'section',
          { class: 'card facts-of' },
          h('h2', {}, 'Access token'),
          grant && grantFacts(grant, account.health),
          forMailPrograms(account),
        ),
    ),
  }
}

const back = (protocol: Protocol) =>
  h('a', { class: 'back', href: words[protocol].listHref }, words[protocol].list)

async function read(signal: AbortSignal) {
  const [integration, settings] = await Promise.all([
    get<Integration>(MICROSOFT, signal),
    get<IntegrationSettings>(`${MICROSOFT}/settings`, signal),
  ])
  return { integration, settings }
}

/** The API has no list of departments and brands: they are the owners of the accounts there are. */
async function ownersOf(protocol: Protocol): Promise<string[]> {
  const accounts = await list<MailAccount>(`/v1/mail-accounts?protocol=${protocol}`)
  const names = accounts.flatMap(({ owner }) => (owner.type === 'global' ? [] : [owner.id]))
  return [...new Set(names)].sort()
}

/** Null for what is gone: the page is right without it. */
async function found<Thing>(path: string): Promise<Thing | null> {
  try {
    return await get<Thing>(path)
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'not_found') return null
    throw error
  }
}

/** What was typed before the whole page went to sign in comes back, and how the sign-in ended. */
async function settle(visit: Visit, form: AccountForm): Promise<void> {
  visit.beforeLeaving(form.objection)
  const kept = takeDraft()
  if (kept !== null) form.restore(kept.draft, await readEnd(kept.authorization))
}
