/** A mailbox that needs attention: the cause, who acts, and one button for the next step. */
import { useEffect, useState } from 'preact/hooks'
import type { Authorization } from '../../../../schema/authorization.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { StateProblem } from '../../../../schema/problem.ts'
import { PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import { AdminMessage } from '../../components/admin-message.tsx'
import { Button } from '../../components/button.tsx'
import { ConsentLink, consentFor } from '../../components/consent-link.tsx'
import { CauseBody, DiagnosisView } from '../../components/diagnosis.tsx'
import { SignInWaiting } from '../../components/sign-in-waiting.tsx'
import { Ago } from '../../components/time.tsx'
import { may } from '../../rights.ts'
import { aboutProblem } from '../../ui/admin-message.ts'
import { accountHref, describeUses } from '../../ui/mail-account.ts'
import {
  CancelLink,
  LinkPanel,
  type LinkPlan,
  type LinkToSend,
  SendLinkButton,
  useLinkToSend,
} from '../email-account/send-link.tsx'
import { problemOf, type Result } from './inbox-state.ts'
import { afterSignIn, reconnectRequest } from './reconnect.ts'
import {
  actorOf,
  causeLabel,
  causeOf,
  causesOf,
  protocolsOf,
  reportedCauseOf,
  sharingSignIn,
  signsInAs,
  stepOf,
} from './urgency.ts'
import { type StepOptions, useStep } from './use-step.ts'
import { Waiting } from './waiting.tsx'

type LineProps = StepOptions & {
  /** Result of the last step, if the accounts do not show it. */
  result: Result | undefined
  /** The link that was sent for the mailbox. */
  link: Authorization | undefined
  /** Reads again after a link was created or ended. */
  onChange: () => Promise<void>
}

export function InboxLine({ result, link, onChange, ...options }: LineProps) {
  const { line, signedIn } = options
  const [account] = line.accounts
  const step = useStep(options)
  const toSend = useLinkToSend(planOf(line), { onChange })
  useEffect(() => {
    if (signedIn) toSend.hide()
  }, [signedIn?.id])
  // Compares the text, since every refresh reads the problems again.
  const [opened, setOpened] = useState<string | null>(null)
  const works = result?.kind === 'works'
  const override = problemOf(result)
  const causes = works ? [] : override ? [{ account, problem: override }] : causesOf(line.accounts)
  const [first] = causes
  const shown = causes.find(({ problem }) => causeLabel(problem) === opened)
  return (
    <li class={works ? 'good' : result?.kind === 'unclear' ? 'ask' : 'bad'}>
      <div>
        <a class="line-name" href={accountHref(account)}>
          {account.username}
        </a>{' '}
        <span class="quiet">
          {describeUses(protocolsOf(line.accounts))}
          {account.customer !== null && `, customer ${account.customer}`}
        </span>
        {causes.map(({ account, problem }) => (
          <div key={problem.detail}>
            {causes.length > 1 && `${PROTOCOL_NAMES[account.protocol]}: `}
            <CauseAndActor account={account} problem={problem} />{' '}
            {problem !== shown?.problem && <ForAdmin account={account} problem={problem} />}
            {problem.diagnosis && (
              <Button
                class="link small"
                aria-expanded={problem === shown?.problem}
                onClick={() => setOpened(problem === shown?.problem ? null : causeLabel(problem))}
              >
                How to fix
              </Button>
            )}
          </div>
        ))}
      </div>
      <div class="line-step">
        {first?.problem.since && (
          <span class="quiet small">
            {/* The time of a failed login is that of the last check. */}
            {first.problem.code === 'login_failed' && 'checked '}
            <Ago time={first.problem.since} />
          </span>
        )}
        {first && may('write') && (
          <StepButton {...first} step={step} toSend={toSend} mayBeSent={!toSend.link && !link} />
        )}
      </div>
      <div role="status" class="line-state">
        {works ? 'Works' : step.note}
      </div>
      {step.waiting && <SignInWaiting waiting={step.waiting} />}
      {step.isConsenting && first && (
        <ConsentLink
          request={consentFor(first.account)}
          protocol={first.account.protocol}
          next={`press ${nextLabel(first)}`}
        />
      )}
      <LinkPanel to={toSend} />
      {link && !works && !toSend.link && (
        <div class="row">
          <span>
            <Waiting link={link} />
          </span>
          {may('write') && <CancelLink id={link.id} onChange={onChange} />}
        </div>
      )}
      {shown && <HowToFix problem={shown.problem} mailbox={account.username} />}
    </li>
  )
}

type CauseProps = { account: MailAccount; problem: StateProblem }

function CauseAndActor({ account, problem }: CauseProps) {
  const actor = actorOf(account, problem)
  return (
    <>
      {causeLabel(problem)}
      {actor && <span class="quiet line-actor"> Who acts: {actor}</span>}
    </>
  )
}

/** Returns the plan of a link for the person whose sign-in reconnects the mailbox. */
function planOf({ accounts }: LineProps['line']): LinkPlan {
  const sharing = sharingSignIn(accounts)
  return {
    recipient: signsInAs(sharing[0]),
    mailbox: accounts[0].username,
    input: reconnectRequest(sharing),
    next: afterSignIn(sharing),
  }
}

function ForAdmin({ account, problem }: CauseProps) {
  const found = reportedCauseOf(account, problem)
  if (!found) return null
  const { cause, isPossible } = found
  return (
    <AdminMessage
      cause={cause}
      about={{ ...aboutProblem(account.username, problem), isPossible }}
    />
  )
}

/** The fix, without the title of a known cause, which is in the line. */
function HowToFix({ problem, mailbox }: { problem: StateProblem; mailbox: string }) {
  const cause = causeOf(problem)
  if (cause) {
    return (
      <div class="cause">
        <CauseBody cause={cause} {...aboutProblem(mailbox, problem)} />
      </div>
    )
  }
  return problem.diagnosis ? (
    <DiagnosisView diagnosis={problem.diagnosis} level="h2" {...aboutProblem(mailbox, problem)} />
  ) : null
}

const buttonLabels = {
  reconnect: 'Reconnect',
  validate: 'Validate again',
  consent: 'Send the admin a link',
} as const

/** Returns the text of the button that comes after the consent. */
function nextLabel({ account, problem }: CauseProps): string {
  return stepOf(account, problem, true) === 'reconnect'
    ? buttonLabels.reconnect
    : buttonLabels.validate
}

type StepButtonProps = CauseProps & {
  step: ReturnType<typeof useStep>
  toSend: LinkToSend
  /** False while a link that was sent to the person is pending. */
  mayBeSent: boolean
}

function StepButton(props: StepButtonProps) {
  const { account, problem, step, toSend, mayBeSent } = props
  const { busy, isConsenting } = step
  const name = stepOf(account, problem, isConsenting)
  switch (name) {
    case 'reconnect':
      return (
        <>
          <Button key={name} busy={busy} onClick={step.reconnect}>
            {buttonLabels.reconnect}
          </Button>
          {mayBeSent && <SendLinkButton to={toSend} />}
        </>
      )
    case 'validate':
    case 'consent':
      return (
        <Button key={name} busy={busy} onClick={step[name]}>
          {buttonLabels[name]}
        </Button>
      )
    case 'settings':
      return (
        <a class="button" href="#/integrations/microsoft">
          Open settings
        </a>
      )
    case 'open':
      return (
        <a class="button" href={accountHref(account)}>
          Open account
        </a>
      )
  }
}
