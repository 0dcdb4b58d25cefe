/** Explains why a sign-in yielded no access token, and what to do. */
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { MicrosoftHelp } from '../../components/microsoft-help.tsx'
import { Notice, ProblemNotice } from '../../components/notice.tsx'
import { RefusalNotice } from './refusal.tsx'
import type { SignInEnd } from './sign-in.ts'

/** `button`: starts the sign-in. */
export function SignInFailure(props: {
  end: Exclude<SignInEnd, { kind: 'completed' }> | null
  button: string
}) {
  const { end, button } = props
  switch (end?.kind) {
    case undefined:
      return null
    case 'cancelled':
      return (
        <Notice tone="plain" title="The sign-in was not finished">
          {end.authorization && <MicrosoftHelp authorization={end.authorization} />}
        </Notice>
      )
    case 'press_again':
      return (
        <Notice tone="ask" title="You are signed in to the console again">
          <div>Press "{button}" once more.</div>
        </Notice>
      )
    case 'refused':
      return (
        <div class="stack">
          <RefusalNotice problem={end.problem} />
        </div>
      )
    case 'failed':
      return (
        <div class="stack">
          <ProblemNotice problem={{ title: 'Not signed in', ...end.problem }} />
          {end.problem.diagnosis && <DiagnosisView diagnosis={end.problem.diagnosis} />}
        </div>
      )
  }
}
