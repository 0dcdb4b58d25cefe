/**
 * Opens a sign-in in a popup and waits for its outcome. Only the status URL is trusted; the popup is never
 * queried, since a sign-in page with `Cross-Origin-Opener-Policy` disconnects it, and a disconnected popup
 * looks closed.
 */
import type { AuthorizationCreated, AuthorizationProgress } from '../../schema/authorization.ts'

export type Outcome =
  | Exclude<AuthorizationProgress, { status: 'pending' }>
  | { status: 'cancelled' }

type Links = Pick<AuthorizationCreated, 'url' | 'status_url'>

/** The view that a page shows while it waits. */
export type WaitingView<Created extends Links> = {
  /** The sign-in can be opened again from now on. */
  ready: (created: Created) => void
  close: () => void
}

/** Shows the wait. `again` opens the sign-in in a new window, `stop` ends the wait. */
export type ShowWaiting<Created extends Links> = (
  again: () => void,
  stop: () => void,
) => WaitingView<Created>

/** Opens the sign-in as documented for `connect`, with the caller's own view instead of the dialog. */
export async function openSignIn<Created extends Links>(
  start: (opened: { popup: boolean }) => Promise<Created>,
  show: ShowWaiting<Created>,
  signal?: AbortSignal | undefined,
): Promise<Outcome> {
  signal?.throwIfAborted()
  let popup = openPopup('')
  let url = ''
  let outcome: Outcome | undefined
  let stop = () => {}
  const waited = new AbortController()
  const untilThen = { signal: waited.signal }
  const stopped = new Promise<Outcome>((resolve, reject) => {
    stop = () => resolve({ status: 'cancelled' })
    signal?.addEventListener('abort', () => reject(signal.reason), untilThen)
  })
  const view = popup && show(again, stop)
  function again() {
    popup?.close()
    popup = openPopup(url)
  }

  const run = async (): Promise<Outcome> => {
    const links = await start({ popup: popup !== null })
    waited.signal.throwIfAborted()
    // An empty popup belongs to this page, so a `javascript:` URL would run as this page.
    if (![links?.url, links?.status_url].every(isWebUrl)) throw new TypeError(NO_LINKS)
    url = links.url
    if (!popup || !view) {
      // A page restored from the back-forward cache would otherwise never stop waiting.
      addEventListener('pageshow', stop, untilThen)
      location.assign(url)
      return stopped
    }
    popup.location.replace(url)
    view.ready(links)
    return ending(links.status_url, waited.signal)
  }
  try {
    outcome = await Promise.race([run(), stopped])
    return outcome
  } finally {
    waited.abort()
    view?.close()
    if (outcome?.status !== 'failed') popup?.close()
  }
}

const isWebUrl = (url: unknown) =>
  typeof url === 'string' && /^http/.test(new URL(url, location.href).protocol)

const NO_LINKS = 'start() must return "url" and "status_url" of the authorization.'

/** Opens a popup centred over this page. */
const openPopup = (url: string) =>
  open(
    url,
    '_blank',
    `popup,width=520,height=700,left=${screenX + (outerWidth - 520) / 2},top=${screenY + 60}`,
  )

/** Lifetime of the status on the server after the end, milliseconds. */
const STATUS_LIFETIME_MS = 3_600_000

const gone: Outcome = {
  status: 'failed',
  problem: { code: 'not_found', detail: 'This sign-in no longer exists. Start again.' },
}

/**
 * Polls the status until the sign-in has ended. Throws if this page cannot read the status, because its
 * Content-Security-Policy forbids the request, or the authorization was created without the origin of this page, so
 * that CORS hides two responses in a row.
 */
async function ending(statusUrl: string, waited: AbortSignal): Promise<Outcome> {
  const ask = (mode: RequestMode) =>
    fetch(statusUrl, {
      mode,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(20_000),
    })
  let forbidden = false
  document.addEventListener(
    'securitypolicyviolation',
    ({ disposition, effectiveDirective, blockedURI }) => {
      forbidden ||=
        disposition === 'enforce' &&
        effectiveDirective === 'connect-src' &&
        statusUrl.startsWith(blockedURI)
    },
    { signal: waited },
  )
  let heard = Date.now()
  let mayRead = false
  let unreadable = 0
  for (let pause = 1000; ; pause = Math.min(pause * 1.03, 3000)) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    waited.throwIfAborted()
    try {
      const response = await ask('cors')
      mayRead = true
      if (response.status === 404 || response.status === 410) return gone
      if (response.ok) {
        const progress: AuthorizationProgress = await response.json()
        heard = Date.now()
        if (progress.status !== 'pending') return progress
      }
    } catch {
      // Network failures are temporary, and the sign-in does not depend on this page. A refusal by CORS looks the same,
      // but a request that needs no permission then succeeds. If the status could be read before, this page's policy
      // can only have blocked a redirect, such as that of a proxy.
      if (forbidden && !mayRead) throw new Error(FORBIDDEN + statusUrl.replace(/[^/]*$/, ''))
      const answers = !mayRead && (await ask('no-cors').catch(() => null))
      unreadable = answers ? unreadable + 1 : 0
      if (unreadable === 2) throw new Error(`${NOT_READABLE} "origin": "${location.origin}".`)
    }
    if (Date.now() - heard > STATUS_LIFETIME_MS) return gone
  }
}

const FORBIDDEN =
  'The Content-Security-Policy of this page must allow the status of the sign-in in connect-src: '
const NOT_READABLE =
  'Mailgrant does not let this page read the outcome of the sign-in. Create the authorization with'
