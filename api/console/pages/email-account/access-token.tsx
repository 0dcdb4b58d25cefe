/** The access token of the form: none, a new one that waits for the save, or the saved one. */
import { useEffect, useRef } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import { Button } from '../../components/button.tsx'
import { Checkbox } from '../../components/fields.tsx'
import { Notice } from '../../components/notice.tsx'
import { SignInWaiting } from '../../components/sign-in-waiting.tsx'
import { Clock } from '../../components/time.tsx'
import { SignInFailure } from './sign-in-failure.tsx'
import { type FormState, keepSavedToken, resetToken, shareMailbox, tidy } from './state.ts'
import { fitOf, whoSignsIn } from './token-fit.ts'
import type { AccountForm } from './use-account-form.ts'
import { words } from './words.ts'

/** `error`: an action needs a token, and there is none. */
export function AccessToken({ form, error }: { form: AccountForm; error: string | undefined }) {
  const { grant, tokenStatus } = form.state
  const { waiting } = form.access
  return (
    <div>
      <div role="status" class="unseen">
        {tokenStatus}
      </div>
      <div class="stack">
        {grant ? <CurrentToken form={form} grant={grant} /> : <NoToken form={form} />}
        {waiting && <SignInWaiting waiting={waiting} />}
      </div>
      <TokenAlert error={error} end={form.state.signInEnd} />
    </div>
  )
}

function TokenAlert({ error, end }: { error: string | undefined; end: FormState['signInEnd'] }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // "Reconnect", far above, may have begun the sign-in.
    if (end !== null) place.current?.scrollIntoView({ block: 'nearest' })
  }, [end])
  return (
    <div role="alert" class="result" ref={place}>
      {error && <Notice tone="bad" title={error} />}
      <SignInFailure end={end} />
    </div>
  )
}

function NoToken({ form }: { form: AccountForm }) {
  const { options, state, update, access, focus } = form
  const { protocol } = options
  return (
    <>
      {options.grant && <SavedToken form={form} saved={options.grant} />}
      <p class="quiet">{whoSignsIn(tidy(state.draft))}</p>
      <Checkbox
        label={`Also ask for ${words[protocol].other}, so that one sign-in serves two accounts`}
        checked={state.asksBoth}
        onChange={(asksBoth) => update((now) => ({ ...now, asksBoth }))}
      />
      <div class="row">
        <Button class="main" ref={focus.token} busy={access.busy} onClick={access.start}>
          Get Access Token
        </Button>
      </div>
    </>
  )
}

const SavedToken = ({ form, saved }: { form: AccountForm; saved: Grant }) => (
  <Notice tone="plain" title="The saved access token stays in use">
    <div>
      Signed in as {saved.signed_in_as}, until you save another one.{' '}
      <Button class="link" onClick={() => form.update((now) => keepSavedToken(now, saved))}>
        Keep it
      </Button>
    </div>
  </Notice>
)

function CurrentToken({ form, grant }: { form: AccountForm; grant: Grant }) {
  const { options, state, update, focus } = form
  const { tone, text, isOfOther, covers } = fitOf(grant, tidy(state.draft), options.protocol)
  return (
    <>
      <Notice tone={tone} title={`Signed in as ${grant.signed_in_as}`}>
        <div>{text}</div>
        {grant !== options.grant && <NotSaved grant={grant} />}
        {isOfOther && <OtherAccount form={form} signedInAs={grant.signed_in_as} />}
      </Notice>
      {!covers && (
        <Notice tone="bad" title={`It may not be used for ${words[options.protocol].use}`}>
          <div>Reset it and get another. An administrator may have to consent.</div>
        </Notice>
      )}
      <div class="row">
        <Button class="danger" ref={focus.token} onClick={() => update(resetToken)}>
          Reset Access Token
        </Button>
      </div>
    </>
  )
}

const NotSaved = ({ grant: { expires_at } }: { grant: Grant }) => (
  <div>
    Not saved yet
    {expires_at === null ? (
      '.'
    ) : (
      <>
        : save it before <Clock time={expires_at} />, or it is thrown away.
      </>
    )}
  </div>
)

function OtherAccount({ form, signedInAs }: { form: AccountForm; signedInAs: string }) {
  const { mailbox } = tidy(form.state.draft)
  return (
    <>
      <p class="row after">
        {`This is another account than the mailbox${mailbox && `, ${mailbox}`}. If it is a shared mailbox that ${signedInAs} may open, say so. If not, reset the access token and sign in as the mailbox.`}
      </p>
      <div class="row">
        <Button onClick={() => form.update((now) => shareMailbox(now, signedInAs))}>
          Use as shared mailbox: signs in as {signedInAs}
        </Button>
      </div>
    </>
  )
}
