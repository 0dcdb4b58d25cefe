/** The next step of a line: a sign-in, a login or a link, each started by its one button. */
import { useEffect, useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { type Problem, problemOf } from '../../api.ts'
import { useSignInWaiting } from '../../components/sign-in-waiting.tsx'
import { useAction } from '../../components/use-action.ts'
import { type SignInEnd, signIn } from '../email-account/sign-in.ts'
import type { Result } from './inbox-state.ts'
import { assignGrant, reconnectRequest, validateAll } from './reconnect.ts'
import { type Line, sharingSignIn } from './urgency.ts'

export type StepOptions = {
  line: Line
  /** The sign-in that was completed by a link during this visit. */
  signedIn: Grant | undefined
  /** A step that may change the accounts is running. */
  onStart: () => void
  /** Reads what has changed at the API, and shows it with the result; null if the step had none. */
  onEnd: (result: Result | null) => Promise<void>
  signal: AbortSignal
}

export function useStep({ line, signedIn, onStart, onEnd, signal }: StepOptions) {
  const { busy, run } = useAction()
  /** Text about the running step, or why the last one ended without a result. */
  const [note, setNote] = useState('')
  const [waiting, show] = useSignInWaiting()
  const [isConsenting, setConsenting] = useState(false)

  /** Runs a step that may change the accounts. */
  function change(step: () => Promise<Result | null>): void {
    setConsenting(false)
    void run(async () => {
      setNote('')
      onStart()
      let result: Result | null = null
      try {
        result = await step()
      } catch (error) {
        if (!signal.aborted) setNote(problemText(problemOf(error)))
      } finally {
        await onEnd(result)
      }
    })
  }

  async function check(accounts: readonly MailAccount[]): Promise<Result | null> {
    setNote('Validating ...')
    const result = await validateAll(accounts)
    setNote('')
    return result
  }

  async function finish(end: SignInEnd): Promise<Result | null> {
    switch (end.kind) {
      case 'completed': {
        const accounts = sharingSignIn(line.accounts)
        await assignGrant(end.grant, accounts)
        return check(accounts)
      }
      case 'failed':
        return { kind: 'refused', problem: end.problem }
      case 'refused':
        setNote(problemText(end.problem))
        return null
      case 'cancelled':
        setNote('The sign-in was not finished.')
        return null
      case 'press_again':
        setNote('You are signed in to the console again. Press "Reconnect" once more.')
        return null
    }
  }

  useEffect(() => {
    if (signedIn) change(() => finish({ kind: 'completed', grant: signedIn }))
  }, [signedIn?.id])

  return {
    busy,
    waiting,
    note,
    /** The administrator gets a link. */
    isConsenting,
    /** Must be called in the click handler: browsers block windows that open later. */
    reconnect: () =>
      change(async () => {
        const input = reconnectRequest(sharingSignIn(line.accounts))
        return finish(await signIn(input, { show, signal }))
      }),
    validate: () => change(() => check(line.accounts)),
    consent: () => setConsenting(true),
  }
}

const problemText = ({ title, detail }: Problem) => `${title}. ${detail}`
