/** "Create API key": what it may do, for which mailboxes, and until when; then the key, once. */
import type { ApiKeyCreated, ApiKeyInput } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { ApiError, list, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import type { Page, Visit } from '../../router.ts'
import { whileBusy } from '../../ui/busy.ts'
import { choices } from '../../ui/choices.ts'
import { selectField, textField } from '../../ui/fields.ts'
import { complainAtFields, problemNotice } from '../../ui/notice.ts'
import { shownOnce } from '../../ui/shown-once.ts'
import { head } from '../../ui/table.ts'
import { accountLabel, endOfDay, isImplied, scopes, today } from './words.ts'

type Scope = ApiKeyInput['scopes'][number]

export async function newApiKeyPage(visit: Visit): Promise<Page> {
  const accounts = await list<MailAccount>('/v1/mail-accounts', 10_000)
  const place = h('div', {})
  const form = keyForm(accounts, (created) => {
    const once = shownOnce({
      title: `The API key "${created.name}" is made`,
      secret: created.key,
      name: 'API key',
      more: h(
        'p',
        { class: 'after small' },
        'Programs send it as ',
        h('code', {}, 'Authorization: Bearer <key>'),
        '.',
        created.scopes.includes('tokens') && [
          ' ',
          h('a', { href: '/docs/mail-programs', target: '_blank' }, 'Set up a mail program'),
          ', in a new tab.',
        ],
      ),
    })
    visit.beforeLeaving(once.objection)
    fill(
      place,
      h('div', { role: 'status', tabindex: '-1' }, once.element),
      h('a', { class: 'button', href: '#/api-keys' }, 'To all API keys'),
    )
    place.querySelector<HTMLElement>('[role="status"]')?.focus()
    window.scrollTo(0, 0)
  })
  fill(place, form.element)
  visit.beforeLeaving(() => (form.typed() ? 'The API key is not made yet. Leave it?' : null))
  return {
    title: 'Create API key',
    content: h(
      'div',
      {},
      h('a', { class: 'back', href: '#/api-keys' }, 'API keys'),
      head('Create API key'),
      place,
    ),
  }
}

function keyForm(accounts: readonly MailAccount[], created: (key: ApiKeyCreated) => void) {
  const name = textField({
    label: 'Name',
    required: true,
    placeholder: 'Help desk, mail worker',
    help: 'Whose it is and what for. People who are asked to sign in see it.',
  })
  name.input.maxLength = 100
  name.element.classList.add('short')
  const may = choices<Scope>({
    label: 'What it may do',
    help: 'No more than it needs.',
    choices: (Object.keys(scopes) as Scope[]).map((value) => ({
      value,
      label: scopes[value].label,
      // What the reference and the README call it.
      help: `${scopes[value].help} In the API: "${value}".`,
    })),
  })
  const reach = selectField({
    label: 'For which email accounts',
    options: [
      { value: 'all', label: 'All, also those that are added later' },
      { value: 'chosen', label: 'Only chosen ones' },
    ],
  })
  const chosen = choices({
    label: 'These email accounts',
    help: 'It sees and gets nothing of any other, and makes none.',
    search: 'Find an email account',
    choices: accounts.map(accountChoice).sort((a, b) => a.label.localeCompare(b.label)),
  })
  const appOnly = choices({
    label: 'App-only accounts',
    choices: [
      {
        value: 'app_only',
        label: 'Let this key fetch their access tokens',
        help: 'Such a token belongs to the app: it opens every mailbox of the organisation that the app was given access to, not only those chosen above. Without this, the key gets no token for them. In the API: "app_only".',
      },
    ],
  })
  const end = textField({
    label: 'Ends on (optional)',
    type: 'date',
    help: 'It works until the end of this day. Left blank: until it is revoked.',
  })
  end.input.min = today()
  end.element.classList.add('short')
  const all = h(
    'p',
    { class: 'quiet small' },
    'A key that may do everything cannot be limited to email accounts.',
  )
  const wrong = h('div', { role: 'alert' })
  const button = h('button', { class: 'main', type: 'submit' }, 'Create API key')

  const isLimited = () => reach.input.value === 'chosen' && !reach.element.hidden
  /** True where it decides: a limited key that fetches tokens, with an app-only account among its own. */
  const isAppOnly = () => isLimited() && may.read().includes('tokens') && hasAppOnly(chosen.read())
  const hasAppOnly = (ids: readonly string[]) =>
    accounts.some(
      ({ id, authentication }) =>
        ids.includes(id) && authentication.type === 'oauth' && authentication.flow === 'app_only',
    )
  const show = () => {
    may.disable(() => false)
    const held = may.read()
    may.disable((scope) => isImplied(scope, held))
    all.hidden = !held.includes('admin')
    reach.element.hidden = held.includes('admin') || accounts.length === 0
    chosen.element.hidden = !isLimited()
    appOnly.element.hidden = !isAppOnly()
  }
  may.element.addEventListener('input', show)
  reach.input.addEventListener('input', show)
  chosen.element.addEventListener('input', show)
  show()

  async function create(): Promise<void> {
    const held = may.read()
    const limit = chosen.read()
    if (held.length === 0) return ask(may, 'Choose at least one.')
    if (isLimited() && limit.length === 0) return ask(chosen, 'Choose at least one.')
    const input: ApiKeyInput = {
      name: name.input.value,
      scopes: held,
      ...(isLimited() && { mail_accounts: limit }),
      app_only: isAppOnly() && appOnly.read().length > 0,
      ...(end.input.value && { expires_at: endOfDay(end.input.value) }),
    }
    try {
      created(await post<ApiKeyCreated>('/v1/api-keys', input))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const fields = {
        '/name': name,
        '/scopes': may,
        '/mail_accounts': chosen,
        '/expires_at': end,
      }
      if (!complainAtFields(error.problem, fields)) fill(wrong, problemNotice(error.problem))
    }
  }

  const element = h(
    'form',
    {
      'aria-label': 'Create API key',
      class: 'card',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        fill(wrong)
        void whileBusy(button, create)
      },
    },
    name.element,
    may.element,
    all,
    reach.element,
    chosen.element,
    appOnly.element,
    end.element,
    h('div', {}, wrong, h('div', { class: 'row' }, button)),
  )
  return { element, typed: () => name.input.value !== '' || may.read().length > 0 }
}

const accountChoice = (account: MailAccount) => ({
  value: account.id,
  label: accountLabel(account),
  ...(account.name !== null && { help: account.username }),
})

function ask(
  { complain, input }: { complain: (message: string) => void; input: HTMLElement },
  message: string,
): void {
  complain(message)
  input.focus()
}
