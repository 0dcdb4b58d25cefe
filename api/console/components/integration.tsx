/** Problems that stop an integration from working, with what to do about each. */
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import { bySeverity, isUsable, remedyOf } from '../ui/integration.ts'
import { Notice } from './notice.tsx'
import { Ago } from './time.tsx'

/** A notice for each problem. `currentHref`: address of the current page, which is not linked. */
export const IntegrationProblems = (props: {
  problems: readonly IntegrationProblem[]
  currentHref?: string
}) => (
  <>
    {bySeverity(props.problems).map(({ code, detail, since }) => {
      const { tone, title, action, href, hint } = remedyOf(code)
      return (
        <Notice key={code} tone={tone} title={title} text={detail}>
          <div>
            {since && (
              <span class="quiet">
                <Ago time={since} />.{' '}
              </span>
            )}
            {href === props.currentHref ? hint : <a href={href}>{action}</a>}
          </div>
        </Notice>
      )
    })}
  </>
)

/** Explains that the integration cannot be used yet, and what to do first. Renders nothing if it can be used. */
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
