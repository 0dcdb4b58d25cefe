/** Sign-in and consent forms of the strict server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { html } from 'hono/html'
import type { Provider } from 'oidc-provider'
import { accounts } from './people.ts'

export type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Serves `<anything>/interaction/<uid>`: GET shows the current form, POST submits it. */
export function createPages(provider: Provider): Pages {
  return async (request, response) => {
    const interaction = await provider.interactionDetails(request, response)
    const { prompt, params } = interaction
    if (request.method !== 'POST') {
      const form = prompt.name === 'login' ? signInForm(params.login_hint) : consentForm(params)
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(String(await form))
      return
    }
    const filled = new URLSearchParams(await text(request))
    const account = accounts.find(({ username }) => username === filled.get('username'))
    const result = filled.has('decline')
      ? { error: 'access_denied' }
      : prompt.name === 'login'
        ? { login: { accountId: account?.oid } }
        : { consent: { grantId: await consent(provider, interaction) } }
    await provider.interactionFinished(request, response, result)
  }
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

async function consent(provider: Provider, { session, params }: Interaction): Promise<string> {
  const grant = new provider.Grant({
    accountId: session?.accountId ?? '',
    clientId: params.client_id,
  })
  grant.addOIDCScope(params.scope)
  return grant.save()
}

const page = (title: string, body: unknown) =>
  html`<!doctype html><html lang="en"><head><title>${title}</title></head><body>${body}</body></html>`

const signInForm = (hint: string | undefined) =>
  page(
    'Sign in',
    html`<form method="post">
      <input name="username" value="${hint ?? ''}" /><button>Sign in</button>
    </form>`,
  )

const consentForm = ({ scope }: { scope: string }) =>
  page(
    'Permissions requested',
    html`<form method="post">
      <ul>
        ${scope.split(' ').map((name) => html`<li>${name}</li>`)}
      </ul>
      <button>Accept</button><button name="decline" value="yes">Decline</button>
    </form>`,
  )
