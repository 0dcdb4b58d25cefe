/** Mailboxes that need nothing: they work, wait for Microsoft, or were never tried. */
import type { ComponentChildren } from 'preact'
import type { Health, MailAccount } from '../../../../schema/mail-account.ts'
import { list } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { may } from '../../rights.ts'
import { validateSaved, wait } from '../mailboxes/use-validate-many.ts'
import { type ManyState, progressWords, validateMany } from '../mailboxes/validate-many.ts'
import { useTask } from './use-step.ts'

type CountsProps = {
  counts: Record<Health, number>
  /** Reads the counts again. */
  onValidated: () => Promise<void>
  signal: AbortSignal
}

export function QuietCounts({ counts, onValidated, signal }: CountsProps) {
  return (
    <ul class="quiet-counts" aria-label="All other mailboxes">
      {counts.ok > 0 && <Count health="ok">Working: {counts.ok}</Count>}
      {counts.cooling_down > 0 && (
        <Count health="cooling_down" after=", retried automatically">
          Waiting for Microsoft: {counts.cooling_down}
        </Count>
      )}
      {counts.unverified > 0 && (
        <Count
          health="unverified"
          after={may('write') && <ValidateAll onValidated={onValidated} signal={signal} />}
        >
          Not validated yet: {counts.unverified}
        </Count>
      )}
    </ul>
  )
}

type CountProps = { health: Health; children: ComponentChildren; after?: ComponentChildren }

const Count = ({ health, children, after }: CountProps) => (
  <li class={health}>
    <a href={`#/mailboxes?health=${health}`}>{children}</a>
    {after}
  </li>
)

function ValidateAll({ onValidated, signal }: Pick<CountsProps, 'onValidated' | 'signal'>) {
  const { busy, note, setNote, run } = useTask(signal)
  const validateAll = async () => {
    const accounts = await list<MailAccount>('/v1/mail-accounts?health=unverified', Infinity)
    const ids = accounts.map(({ id }) => id)
    const show = (state: ManyState) => setNote(state.refusal ?? progressWords(state))
    await validateMany(ids, { validate: validateSaved, show, wait, signal })
    if (!signal.aborted) await onValidated()
  }
  return (
    <>
      {' · '}
      <Button class="link" busy={busy} onClick={() => run(validateAll)}>
        Validate all
      </Button>{' '}
      <span role="status">{note}</span>
    </>
  )
}
