/** An integration's state, its problems and its switch, wherever they are shown. */
import { useState } from 'preact/hooks'
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import { type Problem, post, problemOf } from '../api.ts'
import { bySeverity, remedies } from '../pages/integrations/words.ts'
import { may } from '../rights.ts'
import { Badge } from './badge.tsx'
import { Button } from './button.tsx'
import { Confirm } from './confirm.tsx'
import { Notice } from './notice.tsx'
import { useAction } from './use-action.ts'

export const IntegrationBadge = ({ status }: Pick<Integration, 'status'>) =>
  status === 'active' ? <Badge tone="good">Active</Badge> : <Badge tone="plain">Inactive</Badge>

/** A notice for each problem. `here`: the address of this page, where a link to it would lead nowhere. */
export const IntegrationProblems = (props: {
  problems: readonly IntegrationProblem[]
  here?: string
}) => (
  <>
    {bySeverity(props.problems).map(({ code, detail }) => {
      const { tone, title, action, href, there } = remedies[code]
      return (
        <Notice key={code} tone={tone} title={title}>
          <div>{detail}</div>
          {href !== props.here && (
            <div>
              <a href={href}>{action}</a>
            </div>
          )}
          {href === props.here && there && <div>{there}</div>}
        </Notice>
      )
    })}
  </>
)

/** "Activate" or "Deactivate", for keys that may. Switching off asks first. */
export function IntegrationSwitch(props: {
  integration: Integration
  /** Gets the integration as it is afterwards. */
  onSwitched: (integration: Integration) => void
  onProblem: (problem: Problem) => void
}) {
  const { integration, onSwitched, onProblem } = props
  const { busy, run } = useAction()
  const [isAsking, setAsking] = useState(false)
  if (!may('admin')) return null
  const isActive = integration.status === 'active'

  const path = `/v1/integrations/${integration.id}/${isActive ? 'deactivate' : 'activate'}`
  const flip = () =>
    run(() => post<Integration>(path).then(onSwitched, (error) => onProblem(problemOf(error))))
  return (
    <>
      <Button
        class={isActive ? undefined : 'main'}
        busy={busy}
        onClick={() => (isActive ? setAsking(true) : flip())}
      >
        {isActive ? 'Deactivate' : 'Activate'}
      </Button>
      {isAsking && (
        <ConfirmDeactivating
          name={integration.name}
          onAnswer={(yes) => {
            setAsking(false)
            if (yes) void flip()
          }}
        />
      )}
    </>
  )
}

const ConfirmDeactivating = (props: { name: string; onAnswer: (yes: boolean) => void }) => (
  <Confirm title={`Deactivate ${props.name}?`} yes="Deactivate" danger onAnswer={props.onAnswer}>
    <p>
      While it is inactive, no access token is issued, accounts with OAuth are not validated, and
      programs are handed no new tokens: within about an hour they can no longer read or send mail.
    </p>
    <p>
      Nothing is deleted. Activate it again, and everything goes on; only after 90 days without use
      Microsoft asks the mailboxes to sign in again.
    </p>
  </Confirm>
)

/** Says how the integration is after it was switched. */
export const SwitchedNotice = ({ integration }: { integration: Integration }) => {
  const { name, status, configured } = integration
  return status === 'inactive' ? (
    <Notice tone="plain" title={`${name} is inactive`}>
      <div>Everything is still stored.</div>
    </Notice>
  ) : (
    <Notice tone="good" title={`${name} is active`}>
      <div>
        {configured ? (
          <a href="#/email-accounts">Connect an email account</a>
        ) : (
          <a href="#/integrations/microsoft">Set it up</a>
        )}
      </div>
    </Notice>
  )
}
