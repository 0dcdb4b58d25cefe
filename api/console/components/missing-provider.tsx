/** Says that accounts cannot use the integration yet, and exactly what is missing. */
import type { Integration } from '../../../schema/integration.ts'
import { isOffered } from '../pages/email-account/provider.ts'
import { Notice } from './notice.tsx'

export function MissingProvider({ integration }: { integration: Integration }) {
  if (isOffered(integration)) return null
  const { name, status, configured } = integration
  return (
    <Notice tone="ask" title={`${name} cannot be used yet`}>
      <ul class="missing">
        {status === 'inactive' && (
          <li>
            The {name} integration is not active. <a href="#/integrations">Activate it</a>
          </li>
        )}
        {!configured && (
          <li>
            The app registration is not entered. <a href="#/integrations/microsoft">Enter it</a>
          </li>
        )}
      </ul>
    </Notice>
  )
}
