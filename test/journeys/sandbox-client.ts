/** What a journey asks of a running sandbox: its facts, its switches, and sign-ins at its pages. */
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
    check(response.ok, `the sandbox at ${origin} does not take ${JSON.stringify(change)}`)
    return (await response.json()) as ControlState
  }

  return {
    control,

    async facts(): Promise<SandboxFacts> {
      const response = await fetch(`${origin}/sandbox/world`).catch(() =>
        fail(`no sandbox answers at ${origin}: is the demo running?`),
      )
      return (await response.json()) as SandboxFacts
    },

    async refreshes(): Promise<number> {
      return (await control({})).counts.token.refresh_token
    },
  }
}

/**
 * Goes through a sign-in as a person with a browser would: the interstitial and its Continue, the
 * account picker, the consent. Returns the page on which it ends, and the browser that stands there:
 * before a page that asks for an admin, unless this person goes back without consent.
 */
export async function signIn(
  url: string,
  as: string,
  { origin, hear }: Pick<Api, 'origin' | 'hear'>,
  { goesBack = false }: { goesBack?: boolean } = {},
) {
  const browser = createBrowser({
    fetch: async (place, init) => {
      const response = await plainHttp(place, init)
      if (place.startsWith(origin)) {
        const headers = JSON.stringify([...response.headers])
        // The way to Entra leads through its own address; what it holds is meant for Entra.
        hear(new URL(place).pathname, `${headers}${await response.clone().text()}`)
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
    if (needsAdmin && !goesBack) return { browser, page }
    const values: Record<string, string> = needsAdmin
      ? { decision: 'return' }
      : buttons.includes('accept')
        ? { decision: 'accept' }
        : form.fields.some((field) => field.name === 'account') || hasAccounts(page)
          ? { account: as }
          : {}
    page = await browser.submit(page, values)
  }
  return { browser, page }
}

const hasAccounts = (page: Page) =>
  page.forms.at(0)?.buttons.some((button) => button.name === 'account') ?? false
