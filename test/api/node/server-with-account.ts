/** The app on its HTTP server, until the test ends, with a simulated Entra, an app-only email account and a key for its tokens. */
import { onTestFinished } from 'vitest'
import type { RuntimeDependencies } from '../../../api/services.ts'
import { createEntra } from '../../sandbox/entra/entra.ts'
import { app, secrets } from '../../sandbox/personas.ts'
import { ROOT_KEY, startInProcess } from './in-process-server.ts'

type Created = { id: string; key: string }

export async function startWithAccount(outside: Partial<RuntimeDependencies> = {}) {
  const entra = createEntra()
  const server = await startInProcess({
    outside: { fetch: (input, init) => entra.fetch(new Request(input, init)), ...outside },
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  /** Calls with the root key. Throws for everything but success. */
  async function call(method: string, path: string, body?: object): Promise<Created> {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${ROOT_KEY}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return response.json() as Promise<Created>
  }
  await call('POST', '/v1/integrations/microsoft/activate')
  await call('PUT', '/v1/integrations/microsoft/settings', {
    client_id: app.clientId,
    credential: { type: 'client_secret', client_secret: secrets.current },
  })
  const { id } = await call('POST', '/v1/mail-accounts', {
    owner: { type: 'department', id: 'dep_1' },
    protocol: 'imap',
    username: 'support@contoso.test',
    authentication: {
      type: 'oauth',
      provider: 'microsoft',
      flow: 'app_only',
      tenant: 'contoso.test',
    },
  })
  const { key } = await call('POST', '/v1/api-keys', { name: 'Mailer', scopes: ['tokens'] })
  return { server, entra, id, key, call }
}
