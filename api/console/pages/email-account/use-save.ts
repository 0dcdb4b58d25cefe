/** "Save": makes the account or replaces it, and loses nothing when somebody else was faster. */
import { useRef } from 'preact/hooks'
import type { AuditEvent } from '../../../../schema/event.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { ApiError, get, request } from '../../api.ts'
import { useBusy } from '../../components/busy.ts'
import { go } from '../../router.ts'
import { tellNext } from '../../ui/told.ts'
import { draftOf } from './draft.ts'
import type { FormCore } from './form-core.ts'
import { loadNewer, showConflict, showRefusal } from './state.ts'
import { accountHref, otherAccountLink, savedWords } from './words.ts'

export function useSave({ options, state, update, readBody, letLeave }: FormCore) {
  const { protocol, settings, saved, visit } = options
  const [busy, run] = useBusy()
  const etag = useRef(saved?.etag ?? null)
  // Where the answer is lost on the way, the same form sent again makes no second account.
  const once = useRef({ text: '', key: '' })

  async function save(): Promise<void> {
    update((now) => showConflict(now, null))
    const body = readBody()
    if (body === null) return
    const text = JSON.stringify(body)
    if (once.current.text !== text) once.current = { text, key: crypto.randomUUID() }
    try {
      const { body: account } = await request<MailAccount>(
        saved ? `/v1/mail-accounts/${saved.account.id}` : '/v1/mail-accounts',
        saved
          ? {
              method: 'PUT',
              body,
              headers: etag.current === null ? {} : { 'if-match': etag.current },
            }
          : { method: 'POST', body, headers: { 'idempotency-key': once.current.key } },
      )
      if (!visit.signal.aborted) leaveFor(account)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      await refuse(error.problem)
    }
  }

  function leaveFor(account: MailAccount): void {
    letLeave(true)
    const grant = state.draft.authentication === 'oauth' ? state.grant : null
    tellNext('Saved', savedWords(account), otherAccountLink(account, grant))
    go(accountHref(account))
  }

  async function refuse(problem: ApiError['problem']): Promise<void> {
    if (saved && problem.code === 'precondition_failed') {
      const event = await lastUpdate(saved.account.id)
      update((now) => showConflict(now, { kind: 'overtaken', event }))
    } else if (saved && problem.code === 'not_found') {
      update((now) => showConflict(now, { kind: 'deleted' }))
    } else update((now) => showRefusal(now, 'save', problem))
  }

  /** Loads what somebody else has saved in the meantime. Rejects with ApiError. */
  async function load(): Promise<void> {
    const newer = await request<MailAccount>(`/v1/mail-accounts/${saved?.account.id}`)
    etag.current = newer.etag
    const servers = settings.mail_servers[protocol]
    update((now) => loadNewer(now, draftOf(newer.body), servers))
  }

  return { busy, run: () => run(save), load }
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
