/** The access token of the form: none, a new one that is not saved yet, or the saved one. */
import { useEffect, useRef } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { SignInWaiting } from '../../components/sign-in-waiting.tsx'
import { Clock } from '../../components/time.tsx'
import { describeUses } from '../../ui/mail-account.ts'
import { delegateOf, signInErrors, signInRequestOf, tidy } from './draft.ts'
import { GrantFacts } from './facts.tsx'
import { fitOf, isLost, whoSignsIn } from './grant-match.ts'
import { type LinkPlan, SendLink } from './send-link.tsx'
import { SignInFailure } from './sign-in-failure.tsx'
import type { AccountForm } from './use-account-form.ts'

/** `error`: an action needs a token, and there is none. */
export function AccessToken({ form, error }: { form: AccountForm; error: string | undefined }) {
  const { grant, tokenStatus, signInEnd } = form.values
  const { access, known } = form
  const { waiting } = access
  const place = useRef<HTMLDivElement>(null)
  const isWaiting = waiting !== null
  useEffect(() => {
    // "Reconnect", far above, may have started the sign-in.
    if (isWaiting || signInEnd !== null) place.current?.scrollIntoView({ block: 'nearest' })
  }, [isWaiting, signInEnd])
  return (
    <div ref={place}>
      <div role="status" class="unseen">
        {known ? `Already signed in as ${known.signed_in_as}.` : tokenStatus}
      </div>
      <div class="stack">
        {grant ? <CurrentToken form={form} grant={grant} /> : <NoToken form={form} />}
        {waiting && <SignInWaiting waiting={waiting} />}
      </div>
      <div role="alert" class="result">
        {error && <Notice tone="bad" title={error} />}
        <SignInFailure end={signInEnd} button="Get Access Token" />
      </div>
    </div>
  )
}

function NoToken({ form }: { form: AccountForm }) {
  const { options, values, access, known, submission } = form
  return (
    <>
      {options.grant && options.saved.length > 0 && (
        <SavedToken form={form} saved={options.grant} />
      )}
      {known && <KnownSignIn form={form} grant={known} />}
      {!known && <p class="quiet">{whoSignsIn(tidy(values))}</p>}
      <SendLink
        plan={planOf(form)}
        mayStart={() => form.showErrors(signInErrors(tidy(form.values)))}
        onSignedIn={form.take}
        signal={options.visit.signal}
      >
        <Button
          class={known ? undefined : 'main'}
          data-focus="token"
          data-invalid={Object.keys(submission.errors).length > 0 || undefined}
          busy={access.busy}
          onClick={access.start}
        >
          Get Access Token
        </Button>
      </SendLink>
    </>
  )
}

/** Returns the plan of a link for a new access token. */
function planOf({ options, values }: AccountForm): LinkPlan {
  const draft = tidy(values)
  return {
    recipient: delegateOf(draft) ?? draft.mailbox,
    mailbox: draft.mailbox,
    input: signInRequestOf(
      draft,
      [...draft.protocols],
      options.saved[0]?.account,
      options.customer,
    ),
    next: 'Come back within 24 hours after the sign-in and save. Only you can save it.',
  }
}

const SavedToken = ({ form, saved }: { form: AccountForm; saved: Grant }) => (
  <Notice tone="plain" title="The saved sign-in stays in use">
    <div>
      Signed in as {saved.signed_in_as}, until you save a new one.{' '}
      <Button class="link" onClick={() => form.reset(saved)}>
        Keep it
      </Button>
    </div>
  </Notice>
)

const KnownSignIn = ({ form, grant }: { form: AccountForm; grant: Grant }) => (
  <Notice tone="good" title={`Already signed in as ${grant.signed_in_as}`}>
    <div>For {describeUses(grant.protocols)}. No other sign-in is required.</div>
    <div class="row after">
      <Button class="main" onClick={() => form.take(grant)}>
        Use this sign-in
      </Button>
    </div>
  </Notice>
)

/** The account that has signed in, beside the title of the step. */
export function GrantLine({ form, grant }: { form: AccountForm; grant: Grant }) {
  const { tone, text } = fitOf(grant, tidy(form.values))
  return (
    <>
      <strong>
        {isLost(grant) ? 'Was signed in' : 'Signed in'} as {grant.signed_in_as}
      </strong>{' '}
      {tone !== 'good' && <span class={tone === 'bad' ? 'wrong' : 'quiet'}>{text}</span>}
    </>
  )
}

function CurrentToken({ form, grant }: { form: AccountForm; grant: Grant }) {
  const { options, values } = form
  const { isOtherAccount, missing } = fitOf(grant, tidy(values))
  const isNew = grant.id !== options.grant?.id && values.created.length === 0
  return (
    <>
      {isNew && <NotSaved grant={grant} />}
      {!isNew && options.saved.length > 0 && (
        <details>
          <summary>Details of the sign-in</summary>
          <GrantFacts grant={grant} />
        </details>
      )}
      {isOtherAccount && (
        <Notice tone="ask" title={`${grant.signed_in_as} is not the mailbox's account`}>
          <div>
            Reset it, or enter {grant.signed_in_as} as the account that signs in, under "More
            settings".
          </div>
        </Notice>
      )}
      {missing.length > 0 && (
        <Notice tone="bad" title={`It does not cover ${describeUses(missing)}`}>
          <div>Reset it and sign in again. Your Microsoft 365 admin may have to consent first.</div>
        </Notice>
      )}
    </>
  )
}

const NotSaved = ({ grant: { expires_at } }: { grant: Grant }) => (
  <div class="quiet small">
    Not saved yet
    {expires_at === null ? (
      '.'
    ) : (
      <>
        : save it before <Clock time={expires_at} />, or it is discarded.
      </>
    )}
  </div>
)
