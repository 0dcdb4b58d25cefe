/** A trial sign-in: the only way to learn whether the next credential works for personal accounts. */
import { useState } from 'preact/hooks'
import { Button } from '../../components/button.tsx'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { TextField } from '../../components/fields.tsx'
import { Notice, ProblemNotice } from '../../components/notice.tsx'
import { SignInWaiting, useSignInWaiting } from '../../components/sign-in-waiting.tsx'
import { useAction } from '../../components/use-action.ts'
import { type SignInEnd, signIn } from '../email-account/sign-in.ts'

export function Trial({ signal, onTried }: { signal: AbortSignal; onTried: () => void }) {
  const [username, setUsername] = useState('')
  const [end, setEnd] = useState<SignInEnd | null>(null)
  const { busy, run } = useAction()
  const [waiting, show] = useSignInWaiting()

  const start = () =>
    run(async () => {
      setEnd(null)
      const input = { username: username.trim(), credential: 'next' } as const
      const ended = await signIn(input, { show, leaving: () => {}, signal })
      setEnd(ended)
      if (ended.kind === 'completed' && ended.grant.account_type === 'personal') onTried()
    })
  return (
    <form
      class="result"
      aria-label="Try it with a sign-in"
      onSubmit={(event) => {
        event.preventDefault()
        void start()
      }}
    >
      <TextField
        label="Personal account"
        help="A mailbox at outlook.com or the like. If the sign-in fails, nothing changes."
        type="email"
        required
        value={username}
        onChange={setUsername}
      />
      <div class="row">
        <Button type="submit" busy={busy}>
          Try it with a sign-in
        </Button>
        {waiting && <SignInWaiting waiting={waiting} />}
      </div>
      <div role="status" class="result">
        {end && <TrialEnd end={end} />}
      </div>
    </form>
  )
}

function TrialEnd({ end }: { end: SignInEnd }) {
  switch (end.kind) {
    case 'completed':
      // The check that follows says that it works.
      return end.grant.account_type === 'personal' ? null : (
        <Notice tone="ask" title="This is a work or school account">
          <div>For these, the check above is enough. Sign in with a personal account.</div>
        </Notice>
      )
    case 'cancelled':
      return <Notice tone="plain" title="The sign-in was not finished" />
    case 'press_again':
      return (
        <Notice tone="ask" title="You are signed in to the console again">
          <div>Press "Try it with a sign-in" once more.</div>
        </Notice>
      )
    case 'refused':
      return <ProblemNotice problem={end.problem} />
    case 'failed':
      return (
        <div class="stack">
          <ProblemNotice problem={{ title: 'The trial sign-in failed', ...end.problem }} />
          {end.problem.diagnosis && <DiagnosisView diagnosis={end.problem.diagnosis} />}
        </div>
      )
  }
}
