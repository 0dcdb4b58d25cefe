/** The session of this browser, opened by an API key or a person. */
import type { ConsoleSession, SignInMethods } from '../../schema/console-session.ts'
import { ApiError, request } from './api.ts'

export type Session = ConsoleSession

/** Returns the session, or null if there is none. Throws ApiError if that is unknown. */
export async function readSession(): Promise<Session | null> {
  try {
    return (await request<Session>('/console/session', { renew: false })).body
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'unauthorized') return null
    throw error
  }
}

/** Returns the name of the person or API key, to be shown to others; null for the root key. */
export const askerOf = ({ person, key }: Session): string | null =>
  person?.name ?? (key === null || key.id === 'root' ? null : key.name)

/** Returns the ways to sign in; only API keys if they cannot be read. */
export const readSignInMethods = (): Promise<SignInMethods> =>
  request<SignInMethods>('/console/sign-in-methods', { renew: false }).then(
    ({ body }) => body,
    () => ({ microsoft: false, keys: 'all', root_key: 'setting' }),
  )

/** The page to return to after a sign-in with Microsoft, for this tab only. */
const PAGE = 'page'

export const rememberPage = () => sessionStorage.setItem(PAGE, location.hash)

/** Returns to the remembered page, unless the address names one. Must be called before the router starts. */
export function returnToPage(): void {
  const page = sessionStorage.getItem(PAGE)
  sessionStorage.removeItem(PAGE)
  if (page && location.hash === '') history.replaceState(null, '', page)
}

/** Tells the other tabs that there is a session. */
const channel = () => new BroadcastChannel('session')

export function announceSession(): void {
  const others = channel()
  others.postMessage(null)
  others.close()
}

/** Calls back when a sign-in in another tab has opened a session. Returns a function that stops waiting. */
export function onSessionElsewhere(callback: (session: Session) => void): () => void {
  const others = channel()
  others.onmessage = async () => {
    const session = await readSession().catch(() => null)
    if (session) callback(session)
  }
  return () => others.close()
}

export const signOut = () =>
  request('/console/session', { method: 'DELETE', body: {}, renew: false })

/** Signs in with an API key. Throws ApiError, which says what to do. */
export async function signIn(key: string): Promise<Session> {
  const { body: session } = await request<Session>('/console/session', {
    method: 'POST',
    body: {},
    headers: { authorization: `Bearer ${key.trim()}` },
    renew: false,
  }).catch((error: ApiError) => {
    throw error.problem?.code === 'unauthorized' ? new ApiError(wrongKey) : error
  })
  // Reads the session, since a browser may discard the cookie without an error.
  const stored = await readSession().catch(() => session)
  if (stored === null) throw new ApiError(cookieRejected())
  return session
}

const wrongKey = {
  title: 'This API key does not work',
  detail: 'Check that you copied all of it, and that it has not expired or been revoked.',
}

const cookieRejected = () => ({
  title: 'Your browser did not keep the session',
  detail:
    location.protocol === 'https:'
      ? 'The console requires a cookie. Allow cookies for this site, then sign in again.'
      : // https://bugs.webkit.org/show_bug.cgi?id=281149
        'Safari does not store secure cookies on http://localhost. Use Chrome, Edge or Firefox, or open Mailgrant over https.',
})
