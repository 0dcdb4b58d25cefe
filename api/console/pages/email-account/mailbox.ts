/** The fields that say which mailbox it is, whose it is, and who signs in for it. */
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { h } from '../../dom.ts'
import { checkbox, type Field, selectField, textField } from '../../ui/fields.ts'
import { type Draft, ownerFor } from './draft.ts'

type Values = Pick<
  Draft,
  'mailbox' | 'ownerType' | 'ownerId' | 'name' | 'shared' | 'delegate' | 'from'
>

export type MailboxPart = {
  element: HTMLElement
  read: () => Values
  write: (values: Values) => void
  /** Whether a person signs in; else there is nobody to name. */
  personSigns: (signs: boolean) => void
  /** By the JSON pointers of complaints. */
  fields: Record<string, Pick<Field<HTMLElement>, 'complain' | 'input'>>
}

type Around = {
  owners: readonly string[]
  follows: boolean
  server: { choice: HTMLElement; own: HTMLElement }
}

/**
 * `owners`: those that exist. `follows`: whether the department is guessed from the mailbox. `server`
 * stands among these fields and is read elsewhere.
 */
export function mailboxPart(protocol: Protocol, { owners, follows, server }: Around): MailboxPart {
  const incoming = protocol === 'imap'
  const mailbox = textField({
    label: 'Mailbox',
    type: 'email',
    required: true,
    placeholder: 'support@example.com',
    help: incoming ? 'Whose mail is read.' : 'Through which mailbox mail is sent.',
  })
  const scope = selectField({
    label: 'Used by',
    options: [
      { value: 'global', label: 'All brands' },
      { value: 'brand', label: 'One brand' },
      { value: 'other', label: 'Another owner' },
    ],
  })
  const owner = textField({
    label: incoming ? 'Department' : 'Brand',
    required: true,
    suggestions: owners,
    help: `The name or id of the ${incoming ? 'department' : 'brand'} in your own system.`,
  })
  const name = textField({ label: 'Name (optional)', help: 'What people call this account.' })
  const from = textField({
    label: 'Sender address (optional)',
    type: 'email',
    help: 'Left blank: the mailbox.',
  })
  const shared = checkbox('This is a shared mailbox')
  const delegate = textField({
    label: 'Who signs in',
    type: 'email',
    required: true,
    placeholder: 'alice@example.com',
    help: 'A person with access to the mailbox. A shared mailbox has no sign-in of its own.',
  })

  // The form of an incoming account does not offer the type, and keeps the one it was saved with.
  let incomingType: Draft['ownerType'] = 'department'
  const ownerType = () => (incoming ? incomingType : (scope.input.value as Draft['ownerType']))
  let ownerTyped = !follows
  owner.input.addEventListener('input', () => {
    ownerTyped = true
  })
  mailbox.input.addEventListener('input', () => {
    if (ownerTyped || !incoming) return
    owner.input.value = ownerFor(mailbox.input.value)
    owner.complain(null)
  })
  let person = true
  const show = () => {
    shared.element.hidden = !person
    delegate.element.hidden = !person || !shared.input.checked
    owner.element.hidden = ownerType() === 'global'
  }
  shared.input.addEventListener('input', show)
  scope.input.addEventListener('input', show)

  return {
    element: h(
      'div',
      { class: 'fields' },
      h('div', { class: 'pair' }, mailbox.element, incoming ? owner.element : scope.element),
      !incoming && owner.element,
      shared.element,
      delegate.element,
      server.choice,
      server.own,
      incoming ? name.element : h('div', { class: 'pair' }, name.element, from.element),
    ),
    read: () => ({
      mailbox: mailbox.input.value.trim(),
      ownerType: ownerType(),
      ownerId: ownerType() === 'global' ? '' : owner.input.value.trim(),
      name: name.input.value.trim(),
      shared: shared.input.checked,
      delegate: delegate.input.value.trim(),
      from: from.input.value.trim(),
    }),
    write: (values) => {
      mailbox.input.value = values.mailbox
      if (incoming) incomingType = values.ownerType
      else scope.input.value = values.ownerType
      owner.input.value = values.ownerId
      name.input.value = values.name
      shared.input.checked = values.shared
      delegate.input.value = values.delegate
      from.input.value = values.from
      show()
    },
    personSigns: (signs) => {
      person = signs
      show()
    },
    fields: {
      '/username': mailbox,
      '/owner': owner,
      '/owner/id': owner,
      '/name': name,
      '/from': from,
      '/delegate': delegate,
    },
  }
}
