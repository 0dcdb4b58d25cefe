/** From the click on "Get Access Token" to the grant, or to why there is none. */
import type {
  Authorization,
  AuthorizationCreated,
  AuthorizationInput,
} from '../../../../schema/authorization.ts'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { StateProblem } from '../../../../schema/problem.ts'
import { openSignIn, type ShowWaiting } from '../../../connect/open-sign-in.ts'
import { get, type Problem, problemOf, request } from '../../api.ts'
import { type Draft, delegateOf } from './draft.ts'
import { returnUrl } from './kept.ts'

/** The part of an authorization that the page decides. */
export type Wish = Partial<
  Pick<AuthorizationInput, 'username' | 'delegate' | 'protocols' | 'mail_account_id' | 'apply'>
>

export type SignInEnd =
  | { kind: 'completed'; grant: Grant }
  | { kind: 'failed'; problem: StateProblem }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'cancelled' }
  /** The session had ended and is renewed, but only another click can open a window. */
  | { kind: 'press_again' }

export const wishOf = (
  draft: Draft,
  protocols: Protocol[],
  saved: Pick<MailAccount, 'id' | 'delegate'> | null,
): Wish => ({
  username: draft.mailbox,
  // Left out, the saved delegate would count: it is not who is to sign in any more.
  delegate: delegateOf(draft) ?? (saved?.delegate ? draft.mailbox : undefined),
  protocols,
  mail_account_id: saved?.id,
})

export type SignInOptions = {
  /** Shows the wait: see `useSignInWaiting`. */
  show: ShowWaiting
  /** Receives the authorization before the whole page goes to Microsoft, where no popup could be opened. */
  leaving: (authorization: string) => void
  /** Ends with the page. */
  signal: AbortSignal
}

/** Opens a sign-in and waits for its end. Must be called in the click. */
export async function signIn(wish: Wish, options: SignInOptions): Promise<SignInEnd> {
  const { show, leaving, signal } = options
  let id = ''
  try {
    const start = async ({ popup }: { popup: boolean }) => {
      const created = await create(wish, popup)
      id = created.id
      if (!popup) leaving(id)
      return created
    }
    const outcome = await openSignIn(start, show, signal)
    if (outcome.status === 'cancelled') return { kind: 'cancelled' }
    return await readEnd(id)
  } catch (error) {
    if (signal.aborted) return { kind: 'cancelled' }
    const problem = problemOf(error)
    if (problem.code !== 'unauthorized') return { kind: 'refused', problem }
  }
  // The empty popup is closed by now: it would have stood in front of the question for the key.
  await get('/console/session')
  // Right after the click that renewed the session a window may still open.
  return navigator.userActivation?.isActive ? signIn(wish, options) : { kind: 'press_again' }
}

const create = async (wish: Wish, popup: boolean): Promise<AuthorizationCreated> => {
  const { body } = await request<AuthorizationCreated>('/v1/authorizations', {
    method: 'POST',
    renew: false,
    body: {
      provider: 'microsoft',
      ...wish,
      origin: location.origin,
      ...(!popup && { return_url: returnUrl() }),
    },
  })
  return body
}

/** Reads how an authorization has ended; one that is still pending counts as cancelled. */
export async function readEnd(id: string): Promise<SignInEnd> {
  try {
    const authorization = await get<Authorization>(`/v1/authorizations/${id}`)
    if (authorization.status === 'pending') return { kind: 'cancelled' }
    if (authorization.status !== 'completed') {
      return { kind: 'failed', problem: authorization.problem }
    }
    const { grant } = authorization
    return grant ? { kind: 'completed', grant } : { kind: 'failed', problem: gone }
  } catch (error) {
    return { kind: 'refused', problem: problemOf(error) }
  }
}

const gone: StateProblem = {
  code: 'not_found',
  detail: 'The access token of this sign-in is gone: it was not saved in time. Get a new one.',
}
