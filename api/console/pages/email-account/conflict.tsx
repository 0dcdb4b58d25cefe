/** Somebody else has saved in the meantime: who, what, and how to go on without losing a word. */
import type { AuditEvent } from '../../../../schema/event.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { Notice } from '../../components/notice.tsx'
import { NewerLoaded, Overtaken } from '../../components/overtaken.tsx'
import { Ago } from '../../components/time.tsx'
import type { Draft } from './draft.ts'
import type { Conflict } from './state.ts'
import type { AccountForm } from './use-account-form.ts'
import { newAccountHref } from './words.ts'

/** Says why the form cannot be saved as it is. */
export function ConflictAlert({ form }: { form: AccountForm }) {
  const { conflict } = form.state
  const { saved } = form.options
  if (conflict?.kind === 'overtaken') {
    return (
      <Overtaken title="This account was changed in the meantime" onLoad={form.save.load}>
        <div>
          <WhoSaved event={conflict.event} />
        </div>
        <div>Nothing of yours was saved. Load the newer values; what you have typed stays.</div>
      </Overtaken>
    )
  }
  return conflict?.kind === 'deleted' && saved ? <Deleted account={saved.account} /> : null
}

function WhoSaved({ event }: { event: AuditEvent | null }) {
  if (event === null) return <>Somebody else has saved it.</>
  const { id } = event.actor
  return (
    <>
      {id === 'root' ? 'The root key' : `The API key ${id}`} saved it <Ago time={event.at} />.
    </>
  )
}

/** The form is all that is left of it. */
function Deleted({ account }: { account: MailAccount }) {
  const { protocol, owner, username, delegate } = account
  const asked = {
    mailbox: username,
    ...(owner.type !== 'global' && { owner: owner.id }),
    ...(delegate !== null && { delegate }),
  }
  return (
    <Notice tone="bad" title="This account was deleted in the meantime">
      <div>Nothing was saved. What you have typed stays here, to be copied.</div>
      <div>
        <a href={newAccountHref(protocol, asked)} target="_blank" rel="noopener">
          Add it anew
        </a>{' '}
        (opens a new tab).
      </div>
    </Notice>
  )
}

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

export function NewerValues({ conflict }: { conflict: Conflict | null }) {
  if (conflict?.kind !== 'loaded') return null
  const { kept, newer } = conflict
  return (
    <NewerLoaded kept={kept.map((name) => ({ label: labels[name], newer: String(newer[name]) }))} />
  )
}
