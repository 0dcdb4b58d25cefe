/**
 * A person at the pages of the simulated Entra, for tests that are about what comes after: picks the
 * account, answers the consent, and stops where Entra sends the browser elsewhere.
 */
import { type Document, fillForm, readDocument } from '../forms.ts'

type Fetch = (input: Request | URL | string, init?: RequestInit) => Promise<Response>

export type SignInOptions = {
  /** Who picks: a user name of the cast. */
  as: string
  /** The button on a consent page, if there is one. */
  consent?: 'accept' | 'cancel'
  /** On "Need admin approval": go back to the app. By default the person stays there. */
  returnWithoutConsent?: boolean
}

export type SignInResult =
  /** The redirect to the app: with `code`, with `admin_consent`, or with `error`. */
  | { ok: true; url: URL }
  /** The person stands before a page of Entra's own and the app hears nothing. */
  | { ok: false; status: number; aadsts: number | null; page: Document }

export function createSignIn(fetch: Fetch) {
  async function trySignIn(url: string | URL, options: SignInOptions): Promise<SignInResult> {
    let place = String(url)
    let response = await fetch(place, { redirect: 'manual' })
    // Picker, consent: two pages at most, and one to spare.
    for (let step = 0; step < 4; step += 1) {
      const location = response.headers.get('location')
      if (location !== null) return { ok: true, url: new URL(location, place) }
      const page = readDocument(await response.text(), place)
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
      place = submission.url
      response = await fetch(place, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: submission.body.toString(),
      })
    }
    throw new Error(`the pages at ${place} do not come to an end`)
  }

  return {
    trySignIn,
    /** The same for tests that expect an answer: throws where Entra keeps the person. */
    async signIn(url: string | URL, options: SignInOptions): Promise<URL> {
      const result = await trySignIn(url, options)
      if (result.ok) return result.url
      throw new Error(`Entra keeps ${options.as} (AADSTS${result.aadsts}): ${result.page.text}`)
    },
  }
}
