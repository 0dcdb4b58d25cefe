/**
 * Browser helper: a single call in a click handler, from an empty popup to the outcome of the sign-in.
 * Only the status URL is trusted; the popup is never queried, since a sign-in page with
 * `Cross-Origin-Opener-Policy` disconnects it, and a disconnected popup looks closed.
 */
import type { AuthorizationProgress } from '../../schema/authorization.ts'
import { showBox } from './box.ts'

export type EvidenceField =
  | 'host'
  | 'port'
  | 'security'
  | 'mechanism'
  | 'flow'
  | 'tenant'
  | 'account_type'
  | 'requested_scope'
  | 'token_audience'
  | 'token_scopes'
  | 'token_expired'
  | 'client_auth'
  | 'redirect_platform'
  | 'username'
  | 'signed_in_as'
  | 'shared_mailbox'
  | 'other_protocol'
  | 'intermittent'
  | 'worked_before'
  | 'prompt'
  | 'library'

export type Stage =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'auth'
  | 'select'
  | 'send'
  | 'authorize'
  | 'callback'
  | 'token_exchange'
  | 'refresh'
  | 'client_credentials'

export type Speaker =
  | 'program'
  | 'system'
  | 'tls'
  | 'other_server'
  | 'mail_server'
  | 'sign_in_page'
  | 'token_endpoint'
  | 'callback'
  | 'summary'

export type Diagnosis = {
  verdict: 'certain' | 'likely' | 'ambiguous' | 'unknown'
  /** Most likely first. */
  candidates: {
    cause: string
    url: string
    likelihood: number
    title: string
    explanation: string
    responsible: 'user' | 'tenant_admin' | 'app_owner' | 'operator' | 'microsoft'
    retryable: boolean
    fixes: { text: string; url?: string | undefined; command?: string | undefined }[]
    docs: string[]
  }[]
  /** `field`: the property of `evidence` that answers the question. */
  ask: { text: string; field?: EvidenceField | undefined }[]
  /** Protocol, stage and speaker that the error was read as; null means unknown. */
  read_as: {
    protocol: 'imap' | 'smtp' | 'authorize' | 'token' | 'network' | null
    stage: Stage | null
    speaker: Speaker | null
  }
}

export type Outcome = {
  /** `cancelled`: the user stopped waiting. The sign-in itself may still complete, unnoticed. */
  status: 'completed' | 'failed' | 'expired' | 'cancelled'
  problem?:
    | {
        code: string
        detail: string
        since?: string | undefined
        diagnosis?: Diagnosis | undefined
      }
    | undefined
}

/**
 * The two URLs of a new authorization, as the API returned them to the page's own backend. Create it with
 * the `origin` of this page; otherwise the page cannot read the status, and `connect` rejects.
 */
export type Links = { url: string; status_url: string }

/**
 * Opens the sign-in in a popup and waits for its outcome. Call it directly in the click handler: browsers
 * block popups that open later. Resolves when the sign-in has ended or the user has cancelled; rejects
 * with the rejection of `start`, the reason of `signal`, or an `Error` within seconds if this page may not
 * read the status. After a failed sign-in the popup stays open, since its page says what to do.
 *
 * `start` receives whether there is a popup. If the popup was blocked, the whole page navigates to the
 * sign-in and the promise stays pending: create the authorization with a `return_url` then, and call
 * `returned()` on that page. To stay on the page instead, throw in `start`.
 */
export async function connect(
  start: (opened: { popup: boolean }) => Promise<Links>,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Outcome> {
  const { signal } = options
  signal?.throwIfAborted()
  let popup = openPopup('')
  let url = ''
  let outcome: Outcome | undefined
  let cancel = () => {}
  const waited = new AbortController()
  const untilThen = { signal: waited.signal }
  const stopped = new Promise<Outcome>((resolve, reject) => {
    cancel = () => resolve({ status: 'cancelled' })
    signal?.addEventListener('abort', () => reject(signal.reason), untilThen)
  })
  const box = popup && showBox(again, cancel)
  function again() {
    popup?.close()
    popup = openPopup(url)
  }

  const run = async (): Promise<Outcome> => {
    const links = await start({ popup: popup !== null })
    waited.signal.throwIfAborted()
    url = links.url
    // An empty popup belongs to this page, so a `javascript:` URL would run as this page.
    if (!/^http/.test(new URL(url, location.href).protocol)) throw new TypeError('url')
    if (!popup || !box) {
      // A page restored from the back-forward cache would otherwise never stop waiting.
      addEventListener('pageshow', cancel, untilThen)
      location.assign(url)
      return stopped
    }
    popup.location.replace(url)
    box.ready()
    return ending(links.status_url, waited.signal, box.hint)
  }
  try {
    outcome = await Promise.race([run(), stopped])
    return outcome
  } finally {
    waited.abort()
    box?.close()
    if (outcome?.status !== 'failed') popup?.close()
  }
}

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
 * Polls the status until the sign-in has ended. Throws if the server twice in a row answers but does not
 * let this page read it: the authorization was created without the origin of this page, or with another.
 */
async function ending(
  statusUrl: string,
  waited: AbortSignal,
  onHint: (hint: Diagnosis) => void,
): Promise<Outcome> {
  const ask = (mode: RequestMode) =>
    fetch(statusUrl, {
      mode,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(20_000),
    })
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
        if (progress.hint) onHint(progress.hint)
      }
    } catch {
      // Network failures are temporary, and the sign-in does not depend on this page. A refusal by CORS
      // looks the same, but a request that needs no permission then succeeds.
      const answers = !mayRead && (await ask('no-cors').catch(() => null))
      unreadable = answers ? unreadable + 1 : 0
      if (unreadable === 2) throw new Error(`${NOT_READABLE} "origin": "${location.origin}".`)
    }
    if (Date.now() - heard > STATUS_LIFETIME_MS) return gone
  }
}

const NOT_READABLE =
  'Mailgrant does not let this page read the outcome of the sign-in. Create the authorization with'

/**
 * Returns the authorization and status in the URL of a `return_url` page, or null, and removes both from
 * the URL. Anyone can write such a URL, so let the page's backend read the authorization.
 */
export function returned(): {
  authorization: string
  status: 'completed' | 'failed' | 'expired'
} | null {
  const url = new URL(location.href)
  const authorization = url.searchParams.get('authorization')
  const named = url.searchParams.get('status')
  const status = (['completed', 'failed', 'expired'] as const).find((each) => each === named)
  if (!authorization?.startsWith('az_') || !status) return null
  url.searchParams.delete('authorization')
  url.searchParams.delete('status')
  history.replaceState(history.state, '', url)
  return { authorization, status }
}
