/** The types of `/connect.js`, made from its source: `npm run test:browser -- connect-types -u`. */
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
    fixes: {
      text: string
      url?: string | undefined
      command?: string | undefined
    }[]
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
export type Links = {
  url: string
  status_url: string
}
/**
 * Call it in the click itself: a popup that opens later is blocked. Resolves when the sign-in has
 * ended or the person has cancelled; rejects with what `start` rejects with, or with the reason of
 * `signal`. A failed sign-in leaves the popup open, for its page says what to do.
 *
 * `start` is told whether there is a popup. If not (it was blocked), the whole page goes to the
 * sign-in and the promise stays pending: start the authorization with a `return_url` then, and call
 * `returned()` on the page that it names. To keep the page instead, throw in `start`.
 */
export declare function connect(
  start: (opened: { popup: boolean }) => Promise<Links>,
  options?: {
    signal?: AbortSignal | undefined
  },
): Promise<Outcome>
/**
 * On the page of `return_url`: which authorization came back and how, or null. Takes both out of the
 * address. Anybody can write such an address: let the page's backend read the authorization.
 */
export declare function returned(): {
  authorization: string
  status: 'completed' | 'failed' | 'expired'
} | null
