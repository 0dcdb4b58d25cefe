/** "Save": validates first, then creates the accounts or replaces one. */
import { useRef } from 'preact/hooks'
import type { AuditEvent } from '../../../../schema/event.ts'
import type { MailAccount, MailAccountInput } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { get, type Problem, problemOf, request } from '../../api.ts'
import { useAction } from '../../components/use-action.ts'
import { go } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { accountHref, accountWords } from '../../ui/mail-account.ts'
import { bodyOf, draftOf } from './draft.ts'
import type { FormCore } from './form-core.ts'
import { authenticationOf } from './kinds.ts'
import {
  addCreated,
  allFaults,
  isLoginSaved,
  loadNewer,
  showConflict,
  showRefusal,
  tidy,
  verdictOf,
} from './state.ts'
import { otherAccountLink, savedWords } from './words.ts'

/** `validate` resolves to true if the login works. */
export function useSave(core: FormCore, validate: () => Promise<boolean>) {
  const { options, latest, update, check, letLeave } = core
  const { settings, saved, grant, visit } = options
  const { busy, run } = useAction()
  const etag = useRef(saved?.etag ?? null)
  // If the answer is lost, sending the same form again creates no second account.
  const keys = useRef(new Map<string, string>())

  async function save(): Promise<void> {
    update((now) => showConflict(now, null))
    if (!check(allFaults(latest(), saved?.account ?? null))) return
    const isKnown = verdictOf(latest()) !== 'untried' || isUnchanged()
    if (!isKnown && !(await validate())) return
    if (visit.signal.aborted) return
    const created: MailAccount[] = []
    for (const protocol of latest().draft.protocols) {
      const account = await saveAccount(protocol)
      if (account === null) {
        update((now) => created.reduce(addCreated, now))
        return
      }
      created.push(account)
    }
    if (!visit.signal.aborted) leave([...latest().created, ...created])
  }

  const isUnchanged = () => saved !== null && isLoginSaved(latest(), grant)

  /** Returns null after the form shows why it is not saved. */
  async function saveAccount(protocol: Protocol): Promise<MailAccount | null> {
    const state = latest()
    const draft = tidy(state.draft)
    const credential = { grantId: state.grant?.id ?? null, password: state.password }
    const body = bodyOf(draft, protocol, authenticationOf(draft, credential))
    try {
      return await send(body)
    } catch (error) {
      await refuse(protocol, problemOf(error))
      return null
    }
  }

  async function send(body: MailAccountInput): Promise<MailAccount> {
    if (saved) {
      const headers = etag.current === null ? {} : { 'if-match': etag.current }
      const path = `/v1/mail-accounts/${saved.account.id}`
      return (await request<MailAccount>(path, { method: 'PUT', body, headers })).body
    }
    const text = JSON.stringify(body)
    const key = keys.current.get(text) ?? crypto.randomUUID()
    keys.current.set(text, key)
    const headers = { 'idempotency-key': key }
    return (await request<MailAccount>('/v1/mail-accounts', { method: 'POST', body, headers })).body
  }

  function leave(created: readonly MailAccount[]): void {
    const { draft, grant: token } = latest()
    const account = created.find(({ protocol }) => protocol === options.protocol) ?? created[0]
    if (!account) return
    const other = created.find(({ id }) => id !== account.id)
    const link = other
      ? {
          href: accountHref(other),
          text: `Open the account for ${accountWords[other.protocol].use}`,
        }
      : otherAccountLink(account, draft.authentication === 'oauth' ? token : null)
    letLeave(true)
    const works = created.every(({ health }) => health === 'ok')
    setFlash('Saved', savedWords(created), link, works ? 'good' : 'ask')
    go(accountHref(account))
  }

  async function refuse(protocol: Protocol, problem: Problem): Promise<void> {
    if (saved && problem.code === 'precondition_failed') {
      const event = await lastUpdate(saved.account.id)
      update((now) => showConflict(now, { kind: 'overtaken', event }))
    } else if (saved && problem.code === 'not_found') {
      update((now) => showConflict(now, { kind: 'deleted' }))
    } else update((now) => showRefusal(now, protocol, problem))
  }

  /** Loads the values of another save. Rejects with ApiError. */
  async function load(): Promise<void> {
    const newer = await request<MailAccount>(`/v1/mail-accounts/${saved?.account.id}`)
    etag.current = newer.etag
    const servers = settings.mail_servers
    update((now) => loadNewer(now, draftOf(newer.body, servers), servers))
  }

  return {
    busy,
    run: () => run(save),
    load,
    /** True if the login does not work, so that the next click saves it anyway. */
    isAnyway: verdictOf(core.state) === 'failed' && !(saved && isLoginSaved(core.state, grant)),
  }
}

/** Returns the event of the last save, or null: only an admin may read events. */
async function lastUpdate(accountId: string): Promise<AuditEvent | null> {
  const query = new URLSearchParams({
    subject: accountId,
    type: 'mail_account.updated',
    limit: '1',
  })
  const events = await get<{ data: AuditEvent[] }>(`/v1/events?${query}`).catch(() => null)
  return events?.data[0] ?? null
}
