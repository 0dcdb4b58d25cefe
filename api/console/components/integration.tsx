/** The state of an integration, its problems, and the button that activates it. */
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import { type Problem, post, problemOf } from '../api.ts'
import { may } from '../rights.ts'
import { bySeverity, remedyOf } from '../ui/integration.ts'
import { Badge } from './badge.tsx'
import { Button } from './button.tsx'
import { useConfirm } from './confirm.tsx'
import { Notice } from './notice.tsx'
import { useAction } from './use-action.ts'

export const IntegrationBadge = ({ status }: Pick<Integration, 'status'>) =>
  status === 'active' ? <Badge tone="good">Active</Badge> : <Badge tone="plain">Inactive</Badge>

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

/** "Activate" or "Deactivate", for admin keys. Deactivating asks for confirmation. */
export function IntegrationSwitch(props: {
  integration: Integration
  /** Receives the changed integration. */
  onSwitched: (integration: Integration) => void
  onProblem: (problem: Problem) => void
}) {
  const { integration, onSwitched, onProblem } = props
  const { busy, run } = useAction()
  const [question, confirm] = useConfirm()
  if (!may('admin')) return null
  const isActive = integration.status === 'active'

  const path = `/v1/integrations/${integration.id}/${isActive ? 'deactivate' : 'activate'}`
  const toggle = async () => {
    if (isActive && !(await confirm(deactivating(integration.name)))) return
    await post<Integration>(path).then(onSwitched, (error) => onProblem(problemOf(error)))
  }
  return (
    <>
      <Button class={isActive ? undefined : 'main'} busy={busy} onClick={() => run(toggle)}>
        {isActive ? 'Deactivate' : 'Activate'}
      </Button>
      {question}
    </>
  )
}

const deactivating = (name: string) => ({
  title: `Deactivate ${name}?`,
  yes: 'Deactivate',
  danger: true,
  children: (
    <>
      <p>
        While it is inactive, programs get no new access tokens, and within about an hour they can
        no longer read or send mail. OAuth accounts are not validated either.
      </p>
      <p>
        Nothing is deleted, and everything works again once you activate it. After 90 days without
        use, however, Microsoft requires a new sign-in for each mailbox.
      </p>
    </>
  ),
})

/** Confirms that the integration was activated or deactivated. */
export const SwitchedNotice = ({ integration: { name, status } }: { integration: Integration }) =>
  status === 'inactive' ? (
    <Notice tone="plain" title={`${name} is inactive`}>
      <div>Your settings and email accounts are kept.</div>
    </Notice>
  ) : (
    <Notice tone="good" title={`${name} is active`}>
      <a href="#/mailboxes/new">Connect a mailbox</a>
    </Notice>
  )
