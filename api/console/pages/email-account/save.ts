/** "Save": makes the account or replaces it, and loses nothing when somebody else was faster. */
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount, MailAccountInput } from '../../../../schema/mail-account.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { ApiError, request } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { go } from '../../router.ts'
import { whileBusy } from '../../ui/busy.ts'
import { tellNext } from '../../ui/told.ts'
import { type Draft, draftOf } from './draft.ts'
import { mergeDrafts } from './merge.ts'
import { deletedView, loadedView, overtakenView } from './overtaken.ts'
import { accountHref, newAccountHref, otherProtocol, words } from './words.ts'

/** The account as it is stored. */
export type Saved = {
  account: MailAccount
  etag: string | null
  validation: Validation | null
}

type Hooks = {
  /** Null when the form is not ready, which it has said then. */
  body: () => MailAccountInput | null
  grant: () => Grant | null
  refused: (problem: ApiError['problem']) => void
  /** Saved: nothing is lost by leaving any more. */
  gone: () => void
  overtaken: (newer: Draft, merge: (base: Draft, typed: Draft) => Draft) => void
}

export function savePart(saved: Saved | null, hooks: Hooks) {
  const button = h('button', { class: 'main', type: 'submit' }, 'Save')
  const said = h('div', { role: 'status' })
  const raced = h('div', { role: 'alert' })
  let etag = saved?.etag ?? null
  // Where the answer is lost on the way, the same form sent again makes no second account.
  let once = { text: '', key: '' }

  async function save(): Promise<void> {
    fill(said)
    fill(raced)
    const body = hooks.body()
    if (body === null) return
    const text = JSON.stringify(body)
    if (once.text !== text) once = { text, key: crypto.randomUUID() }
    try {
      const { body: account } = await request<MailAccount>(
        saved ? `/v1/mail-accounts/${saved.account.id}` : '/v1/mail-accounts',
        saved
          ? { method: 'PUT', body, headers: etag === null ? {} : { 'if-match': etag } }
          : { method: 'POST', body, headers: { 'idempotency-key': once.key } },
      )
      hooks.gone()
      tellNext('Saved', whatNow(account), alsoFor(account, hooks.grant()))
      go(accountHref(account))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (saved && error.problem.code === 'precondition_failed') {
        fill(raced, await overtakenView(saved.account.id, loadNewer))
      } else if (saved && error.problem.code === 'not_found')
        fill(raced, deletedView(saved.account))
      else hooks.refused(error.problem)
    }
  }

  async function loadNewer(): Promise<void> {
    try {
      const newer = await request<MailAccount>(`/v1/mail-accounts/${saved?.account.id}`)
      const draft = draftOf(newer.body)
      etag = newer.etag
      fill(raced)
      hooks.overtaken(draft, (base, typed) => {
        const merged = mergeDrafts(base, typed, draft)
        fill(said, loadedView(merged.kept, draft))
        return merged.draft
      })
      button.focus()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      hooks.refused(error.problem)
    }
  }

  return {
    element: h('div', {}, raced, said, h('div', { class: 'row' }, button)),
    button,
    run: () => void whileBusy(button, save),
  }
}

/** The other account that the same access token serves. */
function alsoFor({ protocol, username, delegate }: MailAccount, grant: Grant | null) {
  const other = otherProtocol(protocol)
  if (!grant?.protocols.includes(other)) return null
  const asked = { mailbox: username, grant: grant.id, ...(delegate !== null && { delegate }) }
  return h(
    'div',
    {},
    h(
      'a',
      { href: newAccountHref(other, asked) },
      `Use the same access token for ${words[other].use}`,
    ),
  )
}

function whatNow({ protocol, health, last_validation: last }: MailAccount): string {
  if (health === 'ok') return `It works, and stays connected for ${words[protocol].use}.`
  return last?.outcome === 'failed'
    ? 'It does not work yet. Why, and what to do, is below.'
    : 'Validate it below to know whether it works.'
}
