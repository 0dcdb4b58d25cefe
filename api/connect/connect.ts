/**
 * The browser helper: one call in a click, from an empty popup to how the sign-in ended. The status URL
 * is the truth; the popup is never asked anything, since a sign-in page with
 * `Cross-Origin-Opener-Policy` cuts it off, and a popup that is cut off looks closed.
 */
import type { AuthorizationProgress } from '../../schema/authorization.ts'
import { showBox } from './box.ts'

export type Diagnosis = {
  verdict: 'certain' | 'likely' | 'ambiguous' | 'unknown'
  /** Best first. */
  candidates: {
    cause: string
    likelihood: number
    title: string
    explanation: string
    responsible: 'user' | 'tenant_admin' | 'app_owner' | 'operator' | 'microsoft'
    retryable: boolean
    fixes: { text: string; url?: string | undefined; command?: string | undefined }[]
    docs: string[]
  }[]
  ask: string[]
}

export type Outcome = {
  /** `cancelled`: the person gave up waiting. The sign-in itself may still end well, unheard. */
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
 * The two URLs of a fresh authorization, as the API answered them to the page's own backend. It has to
 * be started with the `origin` of this page, which cannot read how it stands otherwise and waits in vain.
 */
export type Links = { url: string; status_url: string }

/**
 * Call it in the click itself: a popup that opens later is blocked. Resolves when the sign-in has
 * ended or the person has cancelled; rejects with what `start` rejects with, or with the reason of
 * `signal`. A failed sign-in leaves the popup open, for its page says what to do.
 *
 * `start` is told whether there is a popup. If not (it was blocked), the whole page goes to the
 * sign-in and the promise stays pending: start the authorization with a `return_url` then, and call
 * `returned()` on the page that it names. To keep the page instead, throw in `start`.
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
    // An empty popup belongs to this page: a script that stood there as its address would run as this page.
    if (!/^http/.test(new URL(url, location.href).protocol)) throw new TypeError('url')
    if (!popup || !box) {
      // A page that comes back out of the browser's memory would wait for ever.
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

/** In the middle of the page that asks. */
const openPopup = (url: string) =>
  open(
    url,
    '_blank',
    `popup,width=520,height=700,left=${screenX + (outerWidth - 520) / 2},top=${screenY + 60}`,
  )

/** The server keeps a result for an hour after the end. */
const KEPT = 3_600_000

const gone: Outcome = {
  status: 'failed',
  problem: { code: 'not_found', detail: 'This sign-in is not known any more. Start again.' },
}

async function ending(
  statusUrl: string,
  waited: AbortSignal,
  onHint: (hint: Diagnosis) => void,
): Promise<Outcome> {
  let heard = Date.now()
  for (let pause = 1000; ; pause = Math.min(pause * 1.03, 3000)) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    waited.throwIfAborted()
    try {
      const response = await fetch(statusUrl, {
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(20_000),
      })
      if (response.status === 404 || response.status === 410) return gone
      if (response.ok) {
        const { status, problem, hint }: AuthorizationProgress = await response.json()
        heard = Date.now()
        if (status !== 'pending') return { status, ...(problem && { problem }) }
        if (hint) onHint(hint)
      }
    } catch {
      // The network comes and goes, and the sign-in does not depend on this page.
    }
    if (Date.now() - heard > KEPT) return gone
  }
}

/**
 * On the page of `return_url`: which authorization came back and how, or null. Takes both out of the
 * address. Anybody can write such an address: let the page's backend read the authorization.
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
