/** The problems of an integration, with what to do about each. */
import type { IntegrationProblem } from '../../../schema/integration.ts'
import { bySeverity, remedyOf } from '../ui/integration.ts'
import { Notice } from './notice.tsx'

/** A notice for each problem. `currentHref`: address of the current page, which is not linked. */
export const IntegrationProblems = (props: {
  problems: readonly IntegrationProblem[]
  currentHref?: string
}) => (
  <>
    {bySeverity(props.problems).map(({ code, detail }) => {
      const { tone, title, action, href, hint } = remedyOf(code)
      return (
        <Notice key={code} tone={tone} title={title} text={detail}>
          {href !== props.currentHref && (
            <div>
              <a href={href}>{action}</a>
            </div>
          )}
          {href === props.currentHref && hint && <div>{hint}</div>}
        </Notice>
      )
    })}
  </>
)
