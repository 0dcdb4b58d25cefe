/** A link to send: the person signs in with it later, on another device. */
import { useState } from 'preact/hooks'
import type { AuthorizationCreated } from '../../../../schema/authorization.ts'
import { post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { SelectField } from '../../components/fields.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { DayTime } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { delegateOf, tidy } from './draft.ts'
import { type SignInRequest, signInRequestOf } from './sign-in.ts'
import type { AccountForm } from './use-account-form.ts'

/** The person who signs in with a link, what the sign-in is for, and what follows. */
type LinkPlan = { recipient: string; input: SignInRequest; next: string }

type Props = {
  plan: LinkPlan
  /** Returns false, and shows why, if no link can be created yet. */
  mayStart?: () => boolean
}

/** Up to the longest lifetime that the API allows. */
const lifetimes = [
  { value: '1', label: '1 day' },
  { value: '2', label: '2 days' },
  { value: '3', label: '3 days' },
] as const
type Days = (typeof lifetimes)[number]['value']

const DAY_S = 86_400

export const SendLink = (props: Props) => (
  <Disclosure title="Send a link to someone else">
    <LinkForm {...props} />
  </Disclosure>
)

type Link = AuthorizationCreated & { recipient: string }

function LinkForm({ plan, mayStart = () => true }: Props) {
  const [days, setDays] = useState<Days>('3')
  const [link, setLink] = useState<Link | null>(null)
  const { busy, problem, run } = useAction()
  const { recipient, input, next } = plan

  function create(): void {
    if (!mayStart()) return
    void run(async () => {
      setLink(null)
      const body = { provider: 'microsoft', ...input, expires_in: Number(days) * DAY_S }
      setLink({ ...(await post<AuthorizationCreated>('/v1/authorizations', body)), recipient })
    })
  }

  return (
    <div class="fields">
      <p class="quiet">
        With the link, {recipient || 'the owner of the mailbox'} can sign in on another device.{' '}
        {next} If another account signs in, the link ends and nothing is stored.
      </p>
      <SelectField label="The link works for" value={days} onChange={setDays} options={lifetimes} />
      <div class="row">
        <Button busy={busy} onClick={create}>
          Create link
        </Button>
      </div>
      <div role="status">{link && <LinkToSend link={link} />}</div>
      <ProblemAlert problem={problem} />
    </div>
  )
}

const LinkToSend = ({ link: { url, expires_at, recipient } }: { link: Link }) => (
  <Notice tone="good" title={`Send this link to ${recipient}`}>
    <p>
      It works until <DayTime time={expires_at} />, and is not shown again. Your next link for this
      mailbox ends it. It also ends with your own access: when your role or API key is taken away,
      or an administrator ends your session.
    </p>
    <Copyable text={url} name="link" />
  </Notice>
)

/** Returns the plan of a link for the access token of the form. */
export function planLink({ options: { saved }, values }: AccountForm): LinkPlan {
  const grant = saved?.account.grant
  // The form may be closed by then, so a saved sign-in is replaced without it.
  if (saved && grant) {
    const input: SignInRequest = { mail_account_id: saved.account.id, apply: 'at_once' }
    return { recipient: grant.signed_in_as, input, next: 'Then the account is connected again.' }
  }
  const draft = tidy(values)
  return {
    recipient: delegateOf(draft) ?? draft.mailbox,
    input: signInRequestOf(draft, [...draft.protocols], saved?.account ?? null),
    next: 'Then come back within 24 hours, enter the mailbox here and save. Only you can save this sign-in.',
  }
}
