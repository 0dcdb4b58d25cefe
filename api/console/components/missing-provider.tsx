/** Says that accounts cannot use the integration yet, and what to do first. */
import type { Integration } from '../../../schema/integration.ts'
import { isOffered } from '../ui/integration.ts'
import { Notice } from './notice.tsx'

/** `inForm`: the link opens a tab of its own, so that the form stays as it is. */
export function MissingProvider(props: { integration: Integration; inForm?: boolean }) {
  const { integration, inForm = false } = props
  if (isOffered(integration)) return null
  const { name, configured } = integration
  // The setup ends with the activation.
  const step = configured
    ? { title: `${name} is inactive`, link: 'Activate it', href: '#/integrations' }
    : {
        title: `${name} is not set up yet`,
        link: `Set up ${name}`,
        href: '#/integrations/microsoft',
      }
  return (
    <Notice tone="ask" title={step.title}>
      <a href={step.href} target={inForm ? '_blank' : undefined}>
        {step.link}
      </a>
      {inForm && <p class="after">The link opens in a new tab. This form stays as it is.</p>}
    </Notice>
  )
}
