/** The types of `/connect.js`, served as `/connect.d.ts`. They stand alone, so they import nothing. */
/** Causes of a failure, most likely first, as in the API, which has more details of each. */
export type Diagnosis = {
  verdict: 'certain' | 'likely' | 'ambiguous' | 'unknown'
  candidates: {
    cause: string
    url: string
    title: string
    explanation: string
    responsible: 'user' | 'tenant_admin' | 'app_owner' | 'operator' | 'microsoft'
    fixes: { text: string; url?: string | undefined; command?: string | undefined }[]
  }[]
}
export type Outcome = {
  /** `cancelled`: the user stopped waiting. The sign-in itself may still complete without this page. */
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
export type RedirectResult = {
  authorization: string
  status: 'completed' | 'failed' | 'expired'
}
/**
 * The two URLs of a new authorization, as the API returned them to the page's own backend. Create it with
 * the `origin` of this page; otherwise the page cannot read the status, and `connect` rejects.
 */
export type Links = {
  url: string
  status_url: string
}
/**
 * Opens the sign-in in a popup and waits for its outcome. Call it directly in the click handler: browsers
 * block popups that open later. Resolves when the sign-in has ended or the user has cancelled; rejects
 * with the rejection of `start`, the reason of `signal`, or an `Error` within seconds if this page isn't allowed to
 * read the status. After a failed sign-in the popup stays open, since its page says what to do.
 *
 * The dialog that waits is in English, or in the `lang` of the `html` element if that is German, French,
 * Spanish or Japanese.
 *
 * `start` receives whether there is a popup. If the popup was blocked, the whole page navigates to the
 * sign-in and the promise stays pending: create the authorization with a `return_url` then, and call
 * `getRedirectResult()` on that page. To stay on the page instead, throw in `start`.
 */
export declare function connect(
  start: (opened: { popup: boolean }) => Promise<Links>,
  options?: {
    signal?: AbortSignal | undefined
  },
): Promise<Outcome>
/**
 * Returns the authorization and status in the URL of a `return_url` page and removes both from the URL, or
 * null if there are none. Later calls return the same until the page is loaded again. Anyone can write such
 * a URL, so let the page's backend read the authorization.
 */
export declare function getRedirectResult(): RedirectResult | null
