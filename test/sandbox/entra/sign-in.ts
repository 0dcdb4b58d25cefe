/**
 * Signs a person in on the pages of the simulated Entra, for tests of what comes afterwards: picks the
 * account, completes the consent page, and stops where Entra redirects to the app.
 */
import { type Document, fillForm, parseDocument } from '../forms.ts'

type Fetch = (input: Request | URL | string, init?: RequestInit) => Promise<Response>

export type SignInOptions = {
  /** Username from the cast. */
  as: string
  /** Button to press on a consent page, if one appears. */
  consent?: 'accept' | 'cancel'
  /** True to return to the app from "Need admin approval"; by default the person stays there. */
  returnWithoutConsent?: boolean
}

export type SignInResult =
  /** Redirect to the app, with `code`, `admin_consent` or `error`. */
  | { ok: true; url: URL }
  /** Page of Entra on which the person stays; the app gets no response. */
  | { ok: false; status: number; aadsts: number | null; page: Document }

export function createSignIn(fetch: Fetch) {
  async function trySignIn(url: string | URL, options: SignInOptions): Promise<SignInResult> {
    let current = String(url)
    let response = await fetch(current, { redirect: 'manual' })
    // Account picker and consent: at most two pages, with a margin.
    for (let step = 0; step < 4; step += 1) {
      const location = response.headers.get('location')
      if (location !== null) return { ok: true, url: new URL(location, current) }
      const page = parseDocument(await response.text(), current)
      const form = page.forms.at(0)
      const has = (name: string, value?: string) =>
        form?.buttons.some((b) => b.name === name && (value === undefined || b.value === value))
      const stuck = has('decision', 'return') && options.returnWithoutConsent !== true
      if (!form || stuck) {
        const number = /AADSTS(\d+)/.exec(page.text)?.[1]
        return {
          ok: false,
          status: response.status,
          aadsts: number === undefined ? null : Number(number),
          page,
        }
      }
      const decision = has('decision', 'return') ? 'return' : (options.consent ?? 'accept')
      const values = has('decision') ? { decision } : { account: options.as }
      const submission = fillForm(form, values as Record<string, string>)
      current = submission.url
      response = await fetch(current, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: submission.body.toString(),
      })
    }
    throw new Error(`too many pages at ${current}`)
  }

  return {
    trySignIn,
    /** Signs in and returns the redirect to the app. Throws if the person stays on a page of Entra. */
    async signIn(url: string | URL, options: SignInOptions): Promise<URL> {
      const result = await trySignIn(url, options)
      if (result.ok) return result.url
      throw new Error(
        `${options.as} is stuck on a page of Entra (AADSTS${result.aadsts}): ${result.page.text}`,
      )
    },
  }
}
