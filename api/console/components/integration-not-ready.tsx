/** Explains that the integration cannot be used yet, and what to do first. */
import type { Integration } from '../../../schema/integration.ts'
import { isUsable } from '../ui/integration.ts'
import { Notice } from './notice.tsx'

/** Renders nothing if it can be used. */
export function IntegrationNotReady({ integration }: { integration: Integration }) {
  if (isUsable(integration)) return null
  const { name, configured } = integration
  // The setup ends with the activation.
  return (
    <Notice tone="ask" title={`${name} is ${configured ? 'inactive' : 'not set up yet'}`}>
      <a href="#/integrations/microsoft">{configured ? 'Activate it' : `Set up ${name}`}</a>
    </Notice>
  )
}
