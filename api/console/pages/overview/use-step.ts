/** The next step of a line: a sign-in, a login or a link, each started by its one button. */
import { useEffect, useState } from 'preact/hooks'
import type { AdminConsentLink } from '../../../../schema/integration.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { type Problem, post, problemOf } from '../../api.ts'
import { useSignInWaiting } from '../../components/sign-in-waiting.tsx'
import { useAction } from '../../components/use-action.ts'
import { linkFor } from '../../ui/integration.ts'
import { discardWork, type SignInEnd, signIn } from '../email-account/sign-in.ts'
import type { Result } from './inbox-state.ts'
import { assignGrant, reconnectRequest, validateAll } from './reconnect.ts'
import { saveLine } from './saved-line.ts'
import { type Line, sharingSignIn, signsInAs } from './urgency.ts'

export type StepOptions = {
  line: Line
  /** The end of a sign-in that took the whole page. */
  resumed: SignInEnd | null
  /** A step that may change the accounts is running. */
  onStart: () => void
  /** Reads what has changed at the API, and shows it with the result; null if the step had none. */
  onEnd: (result: Result | null) => Promise<void>
  signal: AbortSignal
}

export function useStep({ line, resumed, onStart, onEnd, signal }: StepOptions) {
  const { busy, note, setNote, run } = useTask(signal)
  const [waiting, show] = useSignInWaiting()
  const [link, setLink] = useState<AdminConsentLink | null>(null)
  const start = (step: () => Promise<void>) => {
    setLink(null)
    void run(step)
  }

  /** Runs a step that may change the accounts. */
  const change = (step: () => Promise<Result | null>) =>
    start(async () => {
      onStart()
      let result: Result | null = null
      try {
        result = await step()
      } finally {
        await onEnd(result)
      }
    })

  async function check(accounts: readonly MailAccount[]): Promise<Result | null> {
    setNote('Checking that it works ...')
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
        setNote(problemWords(end.problem))
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
    if (resumed) change(() => finish(resumed))
  }, [])

  return {
    busy,
    waiting,
    note,
    link,
    /** Must be called in the click handler: browsers block windows that open later. */
    reconnect: () =>
      change(async () => {
        const leaving = (authorization: string) => saveLine(authorization, line)
        const input = reconnectRequest(sharingSignIn(line.accounts))
        const end = await signIn(input, { show, leaving, signal })
        discardWork()
        return finish(end)
      }),
    validate: () => change(() => check(line.accounts)),
    consent: () =>
      start(async () => {
        const [{ authentication, ...account }] = line.accounts
        const isAppOnly = authentication.type === 'oauth' && authentication.flow === 'app_only'
        const domain = signsInAs({ authentication, ...account }).split('@')[1]
        const created = await post<AdminConsentLink>('/v1/integrations/microsoft/admin-consent', {
          tenant: isAppOnly ? authentication.tenant : domain,
          ...(isAppOnly && { flow: 'app_only' }),
        })
        setLink({ ...created, url: linkFor(account.protocol, created) })
      }),
  }
}

const problemWords = ({ title, detail }: Problem) => `${title}. ${detail}`

/** Returns the work and its note: what is running, or why it has ended without a result. */
export function useTask(signal: AbortSignal) {
  const { busy, run: start } = useAction()
  const [note, setNote] = useState('')
  const run = (work: () => Promise<void>) =>
    start(async () => {
      setNote('')
      try {
        await work()
      } catch (error) {
        if (signal.aborted) return
        setNote(problemWords(problemOf(error)))
      }
    })
  return { busy, note, setNote, run }
}
