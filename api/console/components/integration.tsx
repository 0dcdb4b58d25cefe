/** The problems of an integration, with what to do about each. */
import type { IntegrationProblem } from '../../../schema/integration.ts'
import { bySeverity, remedyOf } from '../ui/integration.ts'
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
