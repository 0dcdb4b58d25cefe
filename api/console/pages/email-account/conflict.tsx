/** A save that was refused, since someone else saved first: says who, and how to continue without losing anything. */
import type { AuditEvent } from '../../../../schema/event.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { Notice } from '../../components/notice.tsx'
import { LatestLoaded, SaveConflict } from '../../components/save-conflict.tsx'
import { Ago } from '../../components/time.tsx'
import { newAccountHref } from '../../ui/mail-account.ts'
import type { Draft } from './draft.ts'
import type { AccountForm } from './use-account-form.ts'
import { valueText } from './words.ts'

/** Says why the form cannot be saved as it is. */
export function ConflictAlert({ form }: { form: AccountForm }) {
  const { conflict } = form.state
  const { saved } = form.options
  if (conflict?.kind === 'overtaken') {
    return (
      <SaveConflict title="This account was changed in the meantime" onLoad={form.save.load}>
        <div>
          <WhoSaved event={conflict.event} />
        </div>
        <div>Your changes were not saved. Load the latest version; what you typed stays.</div>
      </SaveConflict>
    )
  }
  return conflict?.kind === 'deleted' && saved ? <Deleted account={saved.account} /> : null
}

function WhoSaved({ event }: { event: AuditEvent | null }) {
  if (event === null) return <>Another person or program saved it.</>
  const { type, id, name } = event.actor
  const who = type === 'person' ? name : id === 'root' ? 'The root key' : `The API key ${id}`
  return (
    <>
      {who} saved it <Ago time={event.at} />.
    </>
  )
}

/** Notice that the account was deleted while its form was open. */
function Deleted({ account }: { account: MailAccount }) {
  const { protocol, owner, username, delegate } = account
  const asked = {
    mailbox: username,
    ...(owner.type !== 'global' && { owner: owner.id }),
    ...(delegate !== null && { delegate }),
  }
  return (
    <Notice tone="bad" title="This account was deleted in the meantime">
      <div>Nothing was saved. What you typed is still here, so you can copy it.</div>
      <div>
        <a href={newAccountHref(protocol, asked)} target="_blank" rel="noopener">
          Add it again
        </a>{' '}
        (opens a new tab).
      </div>
    </Notice>
  )
}

const labels: Record<keyof Draft, string> = {
  protocols: 'Use',
  mailbox: 'Mailbox',
  owners: 'Owner',
  name: 'Name',
  delegate: 'Who signs in',
  from: 'Sender address',
  servers: 'Server',
  authentication: 'Authentication',
  tenant: 'Tenant',
}

export function NewerValues({ form }: { form: AccountForm }) {
  const { conflict } = form.state
  if (conflict?.kind !== 'loaded') return null
  const { kept, newer } = conflict
  const entries = kept.map((name) => ({
    label: labels[name],
    newer: valueText(newer, name, form.options.protocol),
  }))
  return <LatestLoaded kept={entries} />
}
