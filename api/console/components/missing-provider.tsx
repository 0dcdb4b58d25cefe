/** Says that accounts cannot use the integration yet, and exactly what is missing. */
import type { Integration } from '../../../schema/integration.ts'
import { isOffered } from '../ui/integration.ts'
import { Notice } from './notice.tsx'

/** `inForm`: the links open a tab of their own, so that the form stays as it is. */
export function MissingProvider(props: { integration: Integration; inForm?: boolean }) {
  const { integration, inForm = false } = props
  if (isOffered(integration)) return null
  const { name, status, configured } = integration
  const target = inForm ? '_blank' : undefined
  return (
    <Notice tone="ask" title={`${name} cannot be used yet`}>
      <ul class="missing">
        {status === 'inactive' && (
          <li>
            The {name} integration is not active.{' '}
            <a href="#/integrations" target={target}>
              Activate it
            </a>
          </li>
        )}
        {!configured && (
          <li>
            The app registration has not been entered.{' '}
            <a href="#/integrations/microsoft" target={target}>
              Enter it
            </a>
          </li>
        )}
      </ul>
      {inForm && <p class="after">Links open in a new tab. This form stays as it is.</p>}
    </Notice>
  )
}
