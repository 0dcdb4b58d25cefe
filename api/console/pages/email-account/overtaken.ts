/** Somebody else has saved in the meantime: who, what, and how to go on without losing a word. */
import type { AuditEvent } from '../../../../schema/event.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { get } from '../../api.ts'
import { type Children, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { notice } from '../../ui/notice.ts'
import { ago } from '../../ui/time.ts'
import type { Draft } from './draft.ts'
import { newAccountHref } from './words.ts'

const labels: Record<keyof Draft, string> = {
  mailbox: 'Mailbox',
  ownerType: 'Used by',
  ownerId: 'Owner',
  name: 'Name',
  shared: 'Shared mailbox',
  delegate: 'Who signs in',
  from: 'Sender address',
  host: 'Host',
  port: 'Port',
  security: 'Security',
  authentication: 'Authentication',
  tenant: 'Tenant',
}

export async function overtakenView(accountId: string, load: () => Promise<void>) {
  const button = h('button', { type: 'button' }, 'Load the newer values')
  button.addEventListener('click', () => void whileBusy(button, load))
  return notice(
    'ask',
    'This account was changed in the meantime',
    h('div', {}, await whoChanged(accountId)),
    h('div', {}, 'Nothing of yours was saved. Load the newer values; what you have typed stays.'),
    h('div', { class: 'row after' }, button),
  )
}

/** Only an admin may read events. */
async function whoChanged(accountId: string): Promise<Children> {
  const query = new URLSearchParams({
    subject: accountId,
    type: 'mail_account.updated',
    limit: '1',
  })
  const events = await get<{ data: AuditEvent[] }>(`/v1/events?${query}`).catch(() => null)
  const [event] = events?.data ?? []
  if (!event) return 'Somebody else has saved it.'
  const { id } = event.actor
  const who = id === 'root' ? 'The root key' : `The API key ${id}`
  return [`${who} saved it `, ago(event.at), '.']
}

/** The form is all that is left of it. */
export function deletedView({ protocol, owner, username, delegate }: MailAccount) {
  const asked = {
    mailbox: username,
    ...(owner.type !== 'global' && { owner: owner.id }),
    ...(delegate !== null && { delegate }),
  }
  return notice(
    'bad',
    'This account was deleted in the meantime',
    h('div', {}, 'Nothing was saved. What you have typed stays here, to be copied.'),
    h(
      'div',
      {},
      h('a', { href: newAccountHref(protocol, asked), target: '_blank' }, 'Add it anew'),
      ' (opens a new tab).',
    ),
  )
}

export const loadedView = (kept: readonly (keyof Draft)[], newer: Draft) =>
  notice(
    'ask',
    'The newer values are loaded',
    h(
      'div',
      {},
      kept.length === 0
        ? 'Look them over, then save.'
        : 'What you typed was kept. Save to replace what somebody else has saved:',
    ),
    kept.length > 0 &&
      h(
        'ul',
        {},
        kept.map((name) =>
          h('li', {}, `${labels[name]}: `, h('code', {}, String(newer[name]) || 'none')),
        ),
      ),
  )
