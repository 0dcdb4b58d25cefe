/**
 * A scripted browser over HTTP, for tests and the smoke test: keeps cookies, follows redirects and
 * meta refreshes, submits forms, and sends the headers of a real browser. It runs no scripts.
 */
import { CookieJar } from 'tough-cookie'
import { type Document, fillForm, parseDocument } from './forms.ts'
import { cookieContext, type Initiator, navigationHeaders } from './navigation.ts'

type Fetch = (url: string, init: RequestInit) => Promise<Response>

export type Page = Document & {
  /** Final URL after all redirects. */
  url: string
  status: number
  headers: Headers
  body: string
  /** Every URL requested on the way, `url` last. */
  visited: readonly string[]
}

export type BrowserOptions = {
  /** Must honour `redirect: 'manual'`. */
  fetch?: Fetch
}

export type VisitOptions = {
  /** The page whose link or script starts the navigation; by default the address was typed. */
  from?: Pick<Page, 'url' | 'headers'>
  /** Redirects to matching URLs are not followed, so the returned page is the redirect itself. */
  stopBefore?: (url: URL) => boolean
}

type Request = { url: string; method: 'GET' | 'POST'; body: string | null; initiator: Initiator }

const initiatorOf = (page: Pick<Page, 'url' | 'headers'>): Initiator => ({
  url: page.url,
  // With several policies the last recognised one wins; the product and the sandbox send one.
  referrerPolicy: page.headers.get('referrer-policy') ?? 'strict-origin-when-cross-origin',
})

export function createBrowser({ fetch = globalThis.fetch }: BrowserOptions = {}) {
  const jar = new CookieJar()

  async function send(request: Request, chain: [URL, ...URL[]]): Promise<Response> {
    const target = chain.at(-1) ?? chain[0]
    const { initiator, method, body } = request
    const cookies = await jar.getCookieString(target.href, {
      sameSiteContext: cookieContext(initiator, target, method),
    })
    const response = await fetch(target.href, {
      method,
      redirect: 'manual',
      headers: {
        ...navigationHeaders(initiator, chain, method),
        ...(cookies === '' ? {} : { cookie: cookies }),
        ...(body === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === null ? {} : { body }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      await jar.setCookie(cookie, target.href, { ignoreError: true })
    }
    return response
  }

  async function navigate(request: Request, stopBefore: VisitOptions['stopBefore']): Promise<Page> {
    const visited: string[] = []
    let current = request
    let chain: [URL, ...URL[]] = [new URL(request.url)]
    for (let hop = 0; hop < 20; hop += 1) {
      const here = (chain.at(-1) ?? chain[0]).href
      visited.push(here)
      const response = await send(current, chain)
      const location = response.headers.get('location')
      const redirects = location !== null && response.status >= 300 && response.status < 400
      const next = redirects ? new URL(location, here) : null
      if (next && !stopBefore?.(next)) {
        await response.body?.cancel()
        // After a 303, and after a 301 or 302 to a POST, the next request is a GET without a body (Fetch standard).
        if (response.status < 307) current = { ...current, method: 'GET', body: null }
        chain = [...chain, next]
        continue
      }
      const body = await response.text()
      const document = parseDocument(body, here)
      const page = {
        ...document,
        url: here,
        status: response.status,
        headers: response.headers,
        body,
        visited,
      }
      if (document.refresh === null || stopBefore?.(new URL(document.refresh))) return page
      // A page that navigates on is the initiator of what follows.
      current = { url: document.refresh, method: 'GET', body: null, initiator: initiatorOf(page) }
      chain = [new URL(document.refresh)]
    }
    throw new Error(`${request.url} redirects in a loop: ${visited.join(' ')}`)
  }

  const visit = (url: string | URL, options: VisitOptions = {}): Promise<Page> => {
    const initiator = options.from ? initiatorOf(options.from) : null
    const request: Request = { url: String(url), method: 'GET', body: null, initiator }
    return navigate(request, options.stopBefore)
  }

  return {
    jar,
    visit,

    /** Fills in and posts the first form: `submit(page, { account: '...' })`. See `fillForm`. */
    submit(
      page: Page,
      values: Record<string, string> = {},
      options: Pick<VisitOptions, 'stopBefore'> = {},
    ) {
      const [form] = page.forms
      if (!form) throw new Error(`no form on ${page.url}: ${page.text}`)
      const { url, body } = fillForm(form, values)
      const initiator = initiatorOf(page)
      const request: Request = { url, method: 'POST', body: body.toString(), initiator }
      return navigate(request, options.stopBefore)
    },
  }
}

export type Browser = ReturnType<typeof createBrowser>
