/** A mailbox that needs attention: the cause, who acts, and one button for the next step. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { AdminConsentLink } from '../../../../schema/integration.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { StateProblem } from '../../../../schema/problem.ts'
import { PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import { Button } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { CauseBody, DiagnosisView } from '../../components/diagnosis.tsx'
import { SignInWaiting } from '../../components/sign-in-waiting.tsx'
import { Ago, Day } from '../../components/time.tsx'
import { may } from '../../rights.ts'
import { accountHref, describeUses } from '../../ui/mail-account.ts'
import { problemOf, type Result } from './inbox-state.ts'
import { actorOf, causeOf, causesOf, causeWords, protocolsOf, stepOf } from './urgency.ts'
import { type StepOptions, useStep } from './use-step.ts'

/** `result`: result of the last step, if the accounts do not show it. */
export function InboxLine({ result, ...options }: StepOptions & { result: Result | undefined }) {
  const { line } = options
  const [account] = line.accounts
  const step = useStep(options)
  const place = useFocusAfter(step.busy)
  // Compares the words, since every refresh reads the problems again.
  const [opened, setOpened] = useState<string | null>(null)
  const works = result?.kind === 'works'
  const override = problemOf(result)
  const causes = works ? [] : override ? [{ account, problem: override }] : causesOf(line.accounts)
  const [first] = causes
  const shown = causes.find(({ problem }) => causeWords(problem) === opened)
  return (
    <li class={works ? 'good' : result?.kind === 'unclear' ? 'ask' : 'bad'} ref={place}>
      <div>
        <a class="line-name" href={accountHref(account)}>
          {account.username}
        </a>{' '}
        <span class="quiet">{describeUses(protocolsOf(line.accounts))}</span>
        {causes.map(({ account, problem }) => (
          <div key={problem.detail}>
            {causes.length > 1 && `${PROTOCOL_NAMES[account.protocol]}: `}
            <CauseAndActor account={account} problem={problem} />{' '}
            {problem.diagnosis && (
              <Button
                class="link small"
                aria-expanded={problem === shown?.problem}
                onClick={() => setOpened(problem === shown?.problem ? null : causeWords(problem))}
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
        {first && may('write') && <StepButton {...first} step={step} />}
      </div>
      <div role="status" class="line-state">
        {works ? 'Works' : step.note}
      </div>
      {step.waiting && <SignInWaiting waiting={step.waiting} />}
      {step.link && first && <LinkToSend link={step.link} next={nextWords(first)} />}
      {shown && <HowToFix problem={shown.problem} />}
    </li>
  )
}

/** Restores the focus after a step whose button disappeared. Returns the ref of the line. */
function useFocusAfter(busy: boolean) {
  const place = useRef<HTMLLIElement>(null)
  const wasBusy = useRef(false)
  useLayoutEffect(() => {
    const isLost = wasBusy.current && !busy && document.activeElement === document.body
    wasBusy.current = busy
    if (!isLost) return
    const targets = place.current?.querySelectorAll<HTMLElement>('.line-name, .line-step > button')
    targets?.[targets.length - 1]?.focus()
  }, [busy])
  return place
}

type CauseProps = { account: MailAccount; problem: StateProblem }

function CauseAndActor({ account, problem }: CauseProps) {
  const actor = actorOf(account, problem)
  return (
    <>
      {causeWords(problem)}
      {actor && <span class="quiet line-actor"> Who acts: {actor}</span>}
    </>
  )
}

/** The fix, without the title of a known cause, which is in the line. */
function HowToFix({ problem }: { problem: StateProblem }) {
  const cause = causeOf(problem)
  if (cause) {
    return (
      <div class="cause">
        <CauseBody cause={cause} />
      </div>
    )
  }
  return problem.diagnosis ? <DiagnosisView diagnosis={problem.diagnosis} level="h2" /> : null
}

const buttonWords = {
  reconnect: 'Reconnect',
  validate: 'Validate again',
  consent: 'Send the admin a link',
} as const

/** Returns the text of the button that comes after the consent. */
function nextWords({ account, problem }: CauseProps): string {
  return stepOf(account, problem, true) === 'reconnect'
    ? buttonWords.reconnect
    : buttonWords.validate
}

type StepButtonProps = CauseProps & { step: ReturnType<typeof useStep> }

function StepButton({ account, problem, step }: StepButtonProps) {
  const { busy, link } = step
  const name = stepOf(account, problem, link !== null)
  switch (name) {
    case 'reconnect':
    case 'validate':
    case 'consent':
      return (
        <Button key={name} busy={busy} onClick={step[name]}>
          {buttonWords[name]}
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

function LinkToSend({ link: { url, expires_at }, next }: { link: AdminConsentLink; next: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => place.current?.querySelector('button')?.focus(), [])
  return (
    <div ref={place}>
      <p>
        Send this link to your Microsoft 365 admin, who can approve the app with it. It works until{' '}
        <Day time={expires_at} />. After the approval, press {next}.
      </p>
      <Copyable text={url} name="link for the admin" />
    </div>
  )
}
