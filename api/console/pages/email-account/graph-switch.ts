/** Changes how a saved account sends: through Microsoft Graph in place of SMTP, and back. */
import { useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { MailServer, Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { ApiError, get, post } from '../../api.ts'
import { useSignInWaiting } from '../../components/sign-in-waiting.tsx'
import { useAction } from '../../components/use-action.ts'
import { clearLeaveGuards, go, mayLeave } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { accountHref } from '../../ui/mail-account.ts'
import { changeAccount } from './change-account.ts'
import { type SignInEnd, type SignInRequest, signIn } from './sign-in.ts'
import { savedWords, switchedWords } from './words.ts'

/** Time within which the API asks Microsoft once for a consent. */
const ASK_PAUSE_MS = 60_000

/** Returns the sign-in that adds Microsoft Graph to the account's access token. */
export const graphSignIn = ({ id }: Pick<MailAccount, 'id'>): SignInRequest => ({
  mail_account_id: id,
  protocols: ['graph_send'],
  apply: 'at_once',
})

/** How an account sends. The server of Microsoft Graph is not a choice. */
export type Way = { protocol: 'graph_send' } | ({ protocol: 'smtp' } & MailServer)

/** Why the account was not switched. */
type Stop = {
  end: Exclude<SignInEnd, { kind: 'completed' }>
  /** Until then Microsoft is not asked again; null if it can be asked now. */
  pausedUntil: string | null
}

export function useGraphSwitch(account: MailAccount, signal: AbortSignal) {
  const { busy, problem, run } = useAction()
  const [waiting, show] = useSignInWaiting()
  const [stop, setStop] = useState<Stop | null>(null)

  async function finish(protocol: Protocol): Promise<void> {
    const path = `/v1/mail-accounts/${account.id}`
    // A result of any kind is shown by the account.
    await post<Validation>(`${path}/validate`).catch(() => null)
    const now = await get<MailAccount>(path)
    if (signal.aborted) return
    const { title, text, link } = switchedWords(protocol)
    const tone = now.health === 'ok' ? 'good' : 'ask'
    setFlash(title, `${savedWords([now])} ${text}`, link, tone)
    clearLeaveGuards()
    go(accountHref(now))
  }

  /** Signs in for Microsoft Graph alone. Resolves to true once the access token covers it. */
  async function consent(): Promise<boolean> {
    const end: SignInEnd =
      navigator.userActivation?.isActive === false
        ? { kind: 'press_again' }
        : await signIn(graphSignIn(account), { show, leaving: clearLeaveGuards, signal })
    if (end.kind === 'completed') return true
    setStop({ end, pausedUntil: await pauseOf(account) })
    return false
  }

  return {
    busy,
    problem,
    waiting,
    stop,
    /** Must be called in the click handler: browsers block windows that open later. */
    start: (way: Way) => {
      if (!mayLeave()) return
      void run(async () => {
        setStop(null)
        if (!(await isSwitched(account, way))) {
          if (!(await consent())) return
          await changeAccount(account.id, way)
        }
        await finish(way.protocol)
      })
    },
  }
}

/** Returns false if the access token does not cover the protocol, also after one refresh. Throws ApiError. */
async function isSwitched({ id }: MailAccount, way: Way): Promise<boolean> {
  try {
    await changeAccount(id, way)
    return true
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (way.protocol === 'graph_send' && error.problem.code === 'protocol_not_granted') return false
    if (error.retryAfter === null) throw error
    throw new ApiError({
      title: 'Microsoft was asked a moment ago',
      detail: `Nothing was changed. Try again in ${error.retryAfter} seconds.`,
    })
  }
}

/** Returns when Microsoft can be asked again whether the consent is there. */
async function pauseOf({ grant }: MailAccount): Promise<string | null> {
  const asked = grant && (await get<Grant>(`/v1/grants/${grant.id}`).catch(() => null))
  const until = asked?.asked_at ? Date.parse(asked.asked_at) + ASK_PAUSE_MS : 0
  return until > Date.now() ? new Date(until).toISOString() : null
}
