/** Changes how a saved account sends: through Microsoft Graph in place of SMTP, and back. */
import { useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { MailServer, Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { ApiError, change, get, post, problemOf } from '../../api.ts'
import { useSignInWaiting } from '../../components/sign-in-waiting.tsx'
import { useAction } from '../../components/use-action.ts'
import { clearLeaveGuards, go, mayLeave } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { accountHref } from '../../ui/mail-account.ts'
import { savedFlash, switchedFlash } from './labels.ts'
import { type SignInEnd, type SignInRequest, signIn } from './sign-in.ts'

/** Returns the sign-in that adds Microsoft Graph to the account's grant. */
export const graphSignIn = ({ id }: Pick<MailAccount, 'id'>): SignInRequest => ({
  mail_account_id: id,
  protocols: ['graph_send'],
  apply: 'at_once',
})

/** The way an account sends. Microsoft Graph has one server, so there is none to choose. */
export type Way = { protocol: 'graph_send' } | ({ protocol: 'smtp' } & MailServer)

export function useGraphSwitch(account: MailAccount, signal: AbortSignal) {
  const { busy, problem, run } = useAction()
  const [waiting, show] = useSignInWaiting()
  const [end, setEnd] = useState<Exclude<SignInEnd, { kind: 'completed' }> | null>(null)

  async function finish(protocol: Protocol): Promise<void> {
    const path = `/v1/mail-accounts/${account.id}`
    // Ignores a refusal. The account, which is read next, shows how the login went.
    await post<Validation>(`${path}/validate`).catch(() => null)
    const now = await get<MailAccount>(path)
    // A key may have been created since the button was pressed.
    if (signal.aborted || !mayLeave()) return
    const { title, text } = switchedFlash(protocol)
    const tone = now.health === 'ok' ? 'good' : 'ask'
    setFlash(title, `${savedFlash([now])} ${text}`, tone)
    clearLeaveGuards()
    go(accountHref(now))
  }

  /** Signs in for Microsoft Graph alone. Resolves to true once the sign-in is complete. */
  async function consent(): Promise<boolean> {
    // After a slow response the browser no longer opens a window for the click.
    if (navigator.userActivation?.isActive === false) throw new ApiError(pressAgain)
    const ended = await signIn(graphSignIn(account), { show, signal })
    if (ended.kind === 'completed') return true
    setEnd(ended)
    return false
  }

  return {
    busy,
    problem,
    waiting,
    /** The reason that the sign-in brought no consent. */
    end,
    /** Must be called in the click handler: browsers block windows that open later. */
    start: (way: Way) => {
      if (!mayLeave()) return
      void run(async () => {
        setEnd(null)
        if (!(await isSwitched(account, way))) {
          if (!(await consent())) return
          await change(`/v1/mail-accounts/${account.id}`, () => way)
        }
        await finish(way.protocol)
      })
    },
  }
}

const pressAgain = {
  title: 'The consent for Microsoft Graph is missing',
  detail: 'Press the button once more to sign in for it.',
}

/** Returns false if there is no consent, or no longer one, also after a refresh. Throws ApiError. */
async function isSwitched({ id }: MailAccount, way: Way): Promise<boolean> {
  try {
    await change(`/v1/mail-accounts/${id}`, () => way)
    return true
  } catch (error) {
    const { code } = problemOf(error)
    const isMissing = code === 'protocol_not_granted' || code === 'grant_not_usable'
    if (isMissing && way.protocol === 'graph_send') return false
    throw error
  }
}
