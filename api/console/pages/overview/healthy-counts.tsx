/** Mailboxes that need nothing: they work, wait for Microsoft, or were never tried. */
import type { ComponentChildren } from 'preact'
import type { Health } from '../../../../schema/mail-account.ts'
import { may } from '../../rights.ts'
import { useValidateMany, ValidateAll, ValidationProgress } from '../mailboxes/validate-all.tsx'

type CountsProps = {
  counts: Record<Health, number>
  /** Reads the counts again. */
  onValidated: () => Promise<void>
}

export function QuietCounts({ counts, onValidated }: CountsProps) {
  const many = useValidateMany(onValidated)
  return (
    <>
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
            after={
              may('write') && (
                <>
                  {' · '}
                  <ValidateAll many={many} path="/v1/mail-accounts?health=unverified" isLink />
                </>
              )
            }
          >
            Not validated yet: {counts.unverified}
          </Count>
        )}
      </ul>
      {many.state && <ValidationProgress many={many} failedHref="#/mailboxes?health=failing" />}
    </>
  )
}

type CountProps = { health: Health; children: ComponentChildren; after?: ComponentChildren }

const Count = ({ health, children, after }: CountProps) => (
  <li class={health}>
    <a href={`#/mailboxes?health=${health}`}>{children}</a>
    {after}
  </li>
)
