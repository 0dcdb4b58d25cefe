/** A client of the running sandbox: its facts, its control API, and sign-ins on its pages. */
import { createBrowser, type Page } from '../sandbox/browser.ts'
import type { ControlRequest, ControlState } from '../sandbox/entra/control-schema.ts'
import type { SandboxFacts } from '../sandbox/facts.ts'
import { plainHttp } from '../sandbox/plain-http.ts'
import type { Api } from './api.ts'
import { check, fail } from './steps.ts'

export function createSandboxClient(origin: string) {
  async function control(change: ControlRequest): Promise<ControlState> {
    const response = await fetch(`${origin}/sandbox/control`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(change),
    })
    check(response.ok, `the sandbox at ${origin} rejects ${JSON.stringify(change)}`)
    return (await response.json()) as ControlState
  }

  return {
    control,

    async facts(): Promise<SandboxFacts> {
      const response = await fetch(`${origin}/sandbox/world`).catch(() =>
        fail(`no sandbox at ${origin}: is the demo running?`),
      )
      return (await response.json()) as SandboxFacts
    },

    async refreshes(): Promise<number> {
      return (await control({})).counts.token.refresh_token
    },
  }
}

export type SignInOptions = {
  returnWithoutConsent?: boolean
  /** Button to press on the consent page. */
  consent?: 'accept' | 'cancel'
}

/**
 * Signs in as a person with a browser would: the interstitial with its Continue button, the account
 * picker, the consent. Returns the browser and the page on which it ends, which is the page that asks
 * for an admin unless `returnWithoutConsent` is set.
 */
export async function signIn(
  url: string,
  as: string,
  { origin, onResponse }: Pick<Api, 'origin' | 'onResponse'>,
  { returnWithoutConsent = false, consent = 'accept' }: SignInOptions = {},
) {
  const browser = createBrowser({
    fetch: async (target, init) => {
      const response = await plainHttp(target, init)
      if (target.startsWith(origin)) {
        const headers = JSON.stringify([...response.headers])
        // Reports the path only, since the query string is meant for Entra.
        onResponse(new URL(target).pathname, `${headers}${await response.clone().text()}`)
      }
      return response
    },
  })
  let page: Page = await browser.visit(url, {
    from: { url: 'https://helpdesk.example/', headers: new Headers() },
  })
  for (let step = 0; step < 6; step += 1) {
    const form = page.forms.at(0)
    const buttons = form?.buttons.map((button) => button.value) ?? []
    if (!form || buttons.includes('discard')) return { browser, page }
    const needsAdmin = buttons.includes('return')
    if (needsAdmin && !returnWithoutConsent) return { browser, page }
    const values: Record<string, string> = needsAdmin
      ? { decision: 'return' }
      : buttons.includes('accept')
        ? { decision: consent }
        : form.fields.some((field) => field.name === 'account') || hasAccounts(page)
          ? { account: as }
          : {}
    page = await browser.submit(page, values)
  }
  return { browser, page }
}

const hasAccounts = (page: Page) =>
  page.forms.at(0)?.buttons.some((button) => button.name === 'account') ?? false
