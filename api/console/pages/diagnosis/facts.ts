/** Facts that tell causes apart. All are optional, and none stands in the way. */
import type { Evidence } from '../../../../schema/diagnosis.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { h } from '../../dom.ts'
import { selectField, textField } from '../../ui/fields.ts'
import type { Extra } from './form.ts'

const yesNo = (label: string) =>
  selectField<'' | 'true' | 'false'>({
    label,
    options: [
      { value: '', label: 'Not known' },
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ],
  })

/** With an account chosen, what is known of it is filled in by the API. */
export function factsPart(accounts: readonly MailAccount[]): Extra {
  const account = selectField({
    label: 'Email account (optional)',
    help: 'What is known of it then counts too.',
    options: [
      { value: '', label: 'None of these' },
      ...accounts.map(({ id, username, protocol }) => ({
        value: id,
        label: `${username} (${protocol.toUpperCase()})`,
      })),
    ],
  })
  const type = selectField<'' | 'work' | 'personal'>({
    label: 'Kind of account',
    options: [
      { value: '', label: 'Not known' },
      { value: 'work', label: 'Work or school' },
      { value: 'personal', label: 'Personal (Outlook.com)' },
    ],
  })
  const other = selectField<'' | 'ok' | 'failed'>({
    label: 'The other of IMAP and SMTP',
    options: [
      { value: '', label: 'Not tried' },
      { value: 'ok', label: 'Works' },
      { value: 'failed', label: 'Fails too' },
    ],
  })
  const shared = yesNo('Is it a shared mailbox?')
  const before = yesNo('Did it ever work like this?')
  const times = yesNo('Does it work at times?')
  const mailbox = textField({ label: 'Mailbox', placeholder: 'support@contoso.com' })
  const signedIn = textField({ label: 'Who signed in', placeholder: 'alice@contoso.com' })
  const host = textField({ label: 'Server', placeholder: 'outlook.office365.com' })
  const port = textField({ label: 'Port', type: 'number', placeholder: '993' })
  const facts = [type, shared, before, times, other, mailbox, signedIn, host, port]

  return {
    element: h(
      'div',
      { class: 'fields' },
      accounts.length > 0 && account.element,
      h(
        'details',
        {},
        h('summary', {}, 'More facts'),
        h('p', { class: 'quiet' }, 'Each may rule a cause out. Leave what you do not know.'),
        h(
          'div',
          { class: 'pair' },
          facts.map(({ element }) => element),
        ),
      ),
    ),
    read: () => {
      const evidence: Evidence = {
        account_type: said(type.input),
        other_protocol: said(other.input) as 'ok' | 'failed' | undefined,
        shared_mailbox: flag(shared.input),
        worked_before: flag(before.input),
        intermittent: flag(times.input),
        username: said(mailbox.input),
        signed_in_as: said(signedIn.input),
        host: said(host.input),
        port: port.input.value === '' ? undefined : Number(port.input.value),
      }
      const id = account.input.value
      return { evidence, ...(id !== '' && { mail_account_id: id }) }
    },
  }
}

const said = ({ value }: HTMLInputElement | HTMLSelectElement) => value.trim() || undefined
const flag = ({ value }: HTMLSelectElement) => (value === '' ? undefined : value === 'true')
