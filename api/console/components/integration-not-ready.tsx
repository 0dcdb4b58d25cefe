/** Explains that the integration cannot be used yet, and what to do first. */
import type { Integration } from '../../../schema/integration.ts'
import { isUsable } from '../ui/integration.ts'
import { Notice } from './notice.tsx'

/** Renders nothing if it can be used. `newTab`: opens the link in a new tab, so that a form stays as it is. */
export function IntegrationNotReady(props: { integration: Integration; newTab?: boolean }) {
  const { integration, newTab = false } = props
  if (isUsable(integration)) return null
  const { name, configured } = integration
  // The setup ends with the activation.
  return (
    <Notice tone="ask" title={`${name} is ${configured ? 'inactive' : 'not set up yet'}`}>
      <a href="#/integrations/microsoft" target={newTab ? '_blank' : undefined}>
        {configured ? 'Activate it' : `Set up ${name}`}
      </a>
      {newTab && <p class="after">The link opens in a new tab. This form stays as it is.</p>}
    </Notice>
  )
}
