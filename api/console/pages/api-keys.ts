/** API keys: who holds one, what each may do, and an end to it. */
import type { ApiKey } from '../../../schema/api-key.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { ApiError, list, post, remove } from '../api.ts'
import { fill, h } from '../dom.ts'
import type { Page, Visit } from '../router.ts'
import { readSession } from '../session.ts'
import { whileBusy } from '../ui/busy.ts'
import { confirm } from '../ui/dialog.ts'
import { notice, problemNotice } from '../ui/notice.ts'
import { head } from '../ui/table.ts'
import { toldPlace } from '../ui/told.ts'
import { endedKeys, workingKeys } from './api-keys/table.ts'

const KEYS = '/v1/api-keys'

export async function apiKeysPage(_visit: Visit): Promise<Page> {
  const [first, mailAccounts, session] = await Promise.all([
    list<ApiKey>(KEYS),
    list<MailAccount>('/v1/mail-accounts', 10_000),
    readSession(),
  ])
  const accounts = new Map(mailAccounts.map((account) => [account.id, account]))
  const said = h('div', { role: 'status', tabindex: '-1' })
  const wrong = h('div', { role: 'alert' })
  const shown = h('div', {})

  const show = (keys: readonly ApiKey[]) => {
    const working = keys.filter(({ status }) => status === 'active')
    const ended = keys.filter(({ status }) => status !== 'active')
    fill(
      shown,
      working.some(({ needs_review }) => needs_review) && reviewNotice(),
      working.length === 0 ? empty() : workingKeys(working, accounts, actions),
      ended.length > 0 && endedKeys(ended),
    )
  }

  const actions = (key: ApiKey) => [key.needs_review && confirmButton(key), revokeButton(key)]

  function confirmButton(key: ApiKey): HTMLElement {
    const button = h(
      'button',
      {
        type: 'button',
        'aria-label': `Confirm ${key.name}`,
        onclick: () =>
          void change(
            button,
            () => post(`${KEYS}/${key.id}/confirm`),
            notice('good', 'Confirmed', h('div', {}, `"${key.name}" may stay.`)),
          ),
      },
      'Confirm',
    )
    return button
  }

  function revokeButton(key: ApiKey): HTMLElement {
    const button = h(
      'button',
      {
        type: 'button',
        'aria-label': `Revoke ${key.name}`,
        onclick: () => void revoke(key, button),
      },
      'Revoke',
    )
    return button
  }

  async function revoke(key: ApiKey, button: HTMLButtonElement): Promise<void> {
    if (!(await confirm(question(key, key.id === session?.key.id)))) return
    await change(
      button,
      () => remove(`${KEYS}/${key.id}`),
      notice('good', 'Revoked', h('div', {}, `"${key.name}" opens nothing any more.`)),
    )
  }

  /** Makes a change, then shows the keys as they are after it. */
  async function change(
    button: HTMLButtonElement,
    make: () => Promise<unknown>,
    done: HTMLElement,
  ): Promise<void> {
    fill(wrong)
    await whileBusy(button, async () => {
      try {
        await make()
        show(await list<ApiKey>(KEYS))
        fill(said, done)
        // The button that was pressed is gone.
        said.focus()
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        fill(wrong, problemNotice(error.problem))
      }
    })
  }

  show(first)
  return {
    title: 'API keys',
    content: h(
      'div',
      {},
      head(
        'API keys',
        'What other programs, and people at this console, sign in with.',
        h('a', { class: 'button main', href: '#/api-keys/new' }, 'Create API key'),
      ),
      toldPlace(),
      said,
      wrong,
      shown,
    ),
  }
}

const question = ({ name, last_used_at: used }: ApiKey, own: boolean) => ({
  title: `Revoke "${name}"?`,
  text: [
    h(
      'p',
      {},
      'Whatever uses it is refused from this moment on, console sessions included. It cannot be taken back.',
    ),
    used === null && h('p', {}, 'It has not been used yet.'),
    own && h('p', {}, h('strong', {}, 'You are signed in with this key.')),
  ],
  yes: 'Revoke',
  danger: true,
})

const reviewNotice = () =>
  notice(
    'bad',
    'Review these API keys',
    h(
      'div',
      {},
      'The database was restored from an older copy, which does not know what has been revoked since. The keys marked "Needs review" work: confirm each one that may stay, and revoke the others.',
    ),
  )

const empty = () =>
  h(
    'div',
    { class: 'empty' },
    h('p', {}, 'There is only the root key of the deployment.'),
    h(
      'p',
      {},
      'Create one for each program that uses Mailgrant, with no more than it needs: each can be revoked without the others.',
    ),
  )
