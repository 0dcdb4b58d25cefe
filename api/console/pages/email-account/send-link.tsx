/** "Send a link instead": the person signs in with it on another device. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Authorization, AuthorizationCreated } from '../../../../schema/authorization.ts'
import type { ConsoleSession } from '../../../../schema/console-session.ts'
import type { Grant } from '../../../../schema/grant.ts'
import type { StateProblem } from '../../../../schema/problem.ts'
import { ApiError, missingCode, post, remove } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { SelectField } from '../../components/fields.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { DayTime } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { useLive } from '../../components/use-live.ts'
import { askerOf } from '../../session.ts'
import type { SignInRequest } from './sign-in.ts'

/** The person who signs in with a link, the mailbox, what the sign-in is for, and what follows. */
export type LinkPlan = { recipient: string; mailbox: string; input: SignInRequest; next: string }

/** Up to the longest lifetime that the API allows. */
const lifetimes = [
  { value: '1', label: '1 day' },
  { value: '2', label: '2 days' },
  { value: '3', label: '3 days' },
] as const
type Days = (typeof lifetimes)[number]['value']

const DAY_S = 86_400

type Link = AuthorizationCreated &
  LinkPlan & {
    days: Days
    /** True if an earlier one was shown, which may have been sent. */
    isNext: boolean
    /** Loaded with the first link, since few visits need them. */
    texts: typeof import('./link-message.ts')
  }
export type LinkToSend = ReturnType<typeof useLinkToSend>

/** Returns the link, if there is one. `mayStart` returns false and shows the reason if none can be created yet. */
export function useLinkToSend(
  plan: LinkPlan,
  options: { mayStart?: () => boolean; onChange?: () => Promise<void> } = {},
) {
  const { mayStart = () => true, onChange } = options
  const [link, setLink] = useState<Link | null>(null)
  const { busy, problem, setProblem, run } = useAction()
  return {
    link,
    busy,
    problem,
    create(days: Days = '1'): void {
      if (!mayStart()) return
      void run(async () => {
        const body = { provider: 'microsoft', ...plan.input, expires_in: Number(days) * DAY_S }
        const texts = await import('./link-message.ts').catch(() => {
          throw new ApiError(missingCode)
        })
        const created = await post<AuthorizationCreated>('/v1/authorizations', body)
        setLink({ ...created, ...plan, days, isNext: link !== null, texts })
        await onChange?.()
      })
    },
    /** Hides it once it was used. */
    hide: () => setLink(null),
    /** Shows in its place why it has ended. */
    fail({ code, detail }: StateProblem): void {
      setLink(null)
      setProblem({ code, title: 'The link no longer works', detail })
    },
    /** Hides it once it was cancelled. */
    async close(): Promise<void> {
      setLink(null)
      await onChange?.()
    },
  }
}

/** `onChange` is called once the link has ended. */
export function CancelLink({ id, onChange }: { id: string; onChange: () => Promise<void> }) {
  const { busy, problem, run } = useAction()
  const cancel = async () => {
    await remove(`/v1/authorizations/${id}`)
    await onChange()
  }
  return (
    <>
      <Button busy={busy} onClick={() => run(cancel)}>
        Cancel the link
      </Button>
      <ProblemAlert problem={problem} />
    </>
  )
}

export const SendLinkButton = ({ to }: { to: LinkToSend }) => (
  <Button busy={to.busy} onClick={() => to.create()}>
    Send a link instead
  </Button>
)

/** The button beside others, with the link below. `onSignedIn` receives what the person has signed in with. */
export function SendLink(props: {
  plan: LinkPlan
  mayStart?: () => boolean
  onSignedIn?: (grant: Grant) => void
  signal: AbortSignal
  children: ComponentChildren
}) {
  const { plan, mayStart, onSignedIn, signal, children } = props
  const to = useLinkToSend(plan, mayStart && { mayStart })
  const { link } = to
  return (
    <>
      <div class="row after">
        {children}
        <SendLinkButton to={to} />
      </div>
      <LinkPanel to={to} />
      {link && onSignedIn && (
        <UntilSignedIn
          key={link.id}
          id={link.id}
          onSignedIn={onSignedIn}
          onFailed={to.fail}
          signal={signal}
        />
      )}
    </>
  )
}

/** Renders nothing. Checks now and then whether the person has signed in, or no longer can. */
function UntilSignedIn(props: {
  id: string
  onSignedIn: (grant: Grant) => void
  onFailed: (problem: StateProblem) => void
  signal: AbortSignal
}) {
  const { id, onSignedIn, onFailed, signal } = props
  const { data } = useLive<Authorization | null>(
    null,
    (read) => read(`/v1/authorizations/${id}`),
    signal,
  )
  const grant = data?.status === 'completed' ? data.grant : undefined
  useEffect(() => {
    if (grant) onSignedIn(grant)
  }, [grant?.id])
  const problem = data?.status === 'failed' || data?.status === 'expired' ? data.problem : undefined
  useEffect(() => {
    if (problem) onFailed(problem)
  }, [problem?.code])
  return null
}

export const LinkPanel = ({ to }: { to: LinkToSend }) => (
  <>
    <div role="status" class="result">
      {to.link && <Message to={to} link={to.link} />}
    </div>
    <ProblemAlert class="result" problem={to.problem} />
  </>
)

function Message({ to, link }: { to: LinkToSend; link: Link }) {
  const { id, url, expires_at, login_host, recipient, mailbox, next, days, isNext, texts } = link
  const [language, setLanguage] = useState(() => texts.ownLanguage(navigator.languages))
  return (
    <Notice tone="plain" title={`Send this link to ${recipient}`}>
      {isNext && <p>This is a new link. The earlier one no longer works, even if you sent it.</p>}
      <p>
        It works until <DayTime time={expires_at} />, and is not shown again. {next} If another
        account signs in, it ends and nothing is stored. It also ends when you lose access.
      </p>
      <div class="stack">
        <Copyable text={url} name="link" />
        <div class="pair">
          <SelectField
            label="The link works for"
            value={days}
            onChange={to.create}
            options={lifetimes}
          />
          <SelectField
            label="Message language"
            value={language}
            onChange={setLanguage}
            options={texts.languages}
          />
        </div>
        <Loaded<ConsoleSession> path="/console/session">
          {(session) => {
            const asker = askerOf(session)
            const facts = { asker, mailbox, url, expiresAt: expires_at, loginHost: login_host }
            const message = texts.linkMessage(language, facts)
            return (
              <>
                <div class="message">
                  <Copyable text={message.body} name="message" lines />
                </div>
                <div class="row after">
                  <a class="button" href={texts.mailtoOf(recipient, message)}>
                    Write the email
                  </a>
                  <CancelLink id={id} onChange={to.close} />
                </div>
              </>
            )
          }}
        </Loaded>
      </div>
    </Notice>
  )
}
