/** A sign-in, from the click on "Get Access Token" to the grant or the problem. */
import type {
  Authorization,
  AuthorizationCreated,
  AuthorizationInput,
} from '../../../../schema/authorization.ts'
import type { Grant } from '../../../../schema/grant.ts'
import type { StateProblem } from '../../../../schema/problem.ts'
import { openSignIn, type ShowWaiting } from '../../../connect/open-sign-in.ts'
import { ApiError, get, type Problem, problemOf, request } from '../../api.ts'

/** The part of an authorization that the page decides. */
export type SignInRequest = Partial<
  Pick<
    AuthorizationInput,
    'customer' | 'username' | 'delegate' | 'protocols' | 'mail_account_id' | 'apply'
  >
>

export type SignInEnd =
  | { kind: 'completed'; grant: Grant }
  | { kind: 'failed'; problem: StateProblem }
  | { kind: 'refused'; problem: Problem }
  /** `authorization`: ID of the sign-in; null if there was none yet. */
  | { kind: 'cancelled'; authorization: string | null }
  /** The session had ended and is renewed, but only another click can open a window. */
  | { kind: 'press_again' }

type SignInOptions = {
  /** Shows the wait: see `useSignInWaiting`. */
  show: ShowWaiting<AuthorizationCreated>
  /** Aborts when the page is left. */
  signal: AbortSignal
}

/** Opens a sign-in and waits for its end. Must be called in the click handler. */
export async function signIn(input: SignInRequest, options: SignInOptions): Promise<SignInEnd> {
  const { show, signal } = options
  let id = ''
  try {
    const start = async ({ popup }: { popup: boolean }) => {
      // The page does not navigate, since what was typed would be lost.
      if (!popup) throw new ApiError(noWindow)
      const created = await create(input)
      id = created.id
      return created
    }
    const outcome = await openSignIn(start, show, signal)
    if (outcome.status === 'cancelled') return { kind: 'cancelled', authorization: id || null }
    return await readEnd(id)
  } catch (error) {
    if (signal.aborted) return { kind: 'cancelled', authorization: null }
    const problem = problemOf(error)
    if (problem.code !== 'unauthorized') return { kind: 'refused', problem }
  }
  // The empty popup is closed by now. It would have covered the sign-in dialog.
  await get('/console/session')
  // A window can still open right after the click that renewed the session.
  return navigator.userActivation?.isActive ? signIn(input, options) : { kind: 'press_again' }
}

const noWindow = {
  title: 'Your browser has blocked the window',
  detail: 'Allow it, or send a link instead. You can open that link in a new tab yourself.',
}

const create = async (input: SignInRequest): Promise<AuthorizationCreated> => {
  const { body } = await request<AuthorizationCreated>('/v1/authorizations', {
    method: 'POST',
    renew: false,
    body: { provider: 'microsoft', ...input, origin: location.origin },
  })
  return body
}

/** Reads how an authorization has ended; one that is still pending counts as cancelled. */
async function readEnd(id: string): Promise<SignInEnd> {
  try {
    const authorization = await get<Authorization>(`/v1/authorizations/${id}`)
    if (authorization.status === 'pending') return { kind: 'cancelled', authorization: id }
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
  detail: 'This sign-in was deleted, because it was not saved in time. Sign in again.',
}
