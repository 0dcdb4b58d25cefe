/** A world whose Entra fails as a test says, and which remembers all its responses. */
import { vi } from 'vitest'
import { createEntra } from '../../api/entra/client.ts'
import { encodingsOf } from '../api/encodings.ts'
import { createMailWorld } from '../api/mail-world.ts'
import type { Control } from '../sandbox/entra/entra.ts'
import { jumpingPause } from './pause.ts'

/** The endpoints of Entra that the product calls. */
export type Endpoint = 'refresh' | 'exchange' | 'app_token' | 'keys'

/** Responds instead of Entra. `real` lets Entra process the request and returns its response. */
export type Respond = (real: () => Promise<Response>, control: Control) => Promise<Response>

/** Text in every faulty response, so that a leak of what Microsoft said is found. */
export const CANARY = 'canary-of-a-faulty-response'

const grantTypes: Record<string, Endpoint> = {
  refresh_token: 'refresh',
  authorization_code: 'exchange',
  client_credentials: 'app_token',
}

async function endpointOf(request: Request): Promise<Endpoint> {
  if (request.method === 'GET') return 'keys'
  const form = new URLSearchParams(await request.clone().text())
  return grantTypes[form.get('grant_type') ?? ''] ?? 'refresh'
}

export type FaultyWorld = Awaited<ReturnType<typeof createFaultyWorld>>

/** `timeoutMs` replaces the 10 s that the product waits, since these pass in real time. */
export async function createFaultyWorld({ timeoutMs }: { timeoutMs?: number | undefined } = {}) {
  vi.useFakeTimers({ toFake: ['Date'] })
  const world = await createMailWorld({
    outside: { pause: jumpingPause((seconds) => advance(seconds)) },
  })
  function advance(seconds: number): void {
    world.advance(seconds)
    vi.setSystemTime(world.clock.now)
  }
  vi.setSystemTime(world.clock.now)

  const fault: { at: Endpoint | null; respond: Respond } = {
    at: null,
    respond: (real) => real(),
  }
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const at = await endpointOf(request)
    const real = () => world.entra.fetch(request.clone())
    if (at !== fault.at) return real()
    return fault.respond(real, world.entra.control)
  }
  world.services.entra = createEntra({ fetch, ...(timeoutMs !== undefined && { timeoutMs }) })

  const responses: { request: string; status: number; text: string }[] = []
  const serve = world.app.fetch
  world.app.fetch = async (...args) => {
    const response = await serve(...args)
    const { method, url } = args[0]
    const text = await response.clone().text()
    const { pathname } = new URL(url)
    responses.push({ request: `${method} ${pathname}`, status: response.status, text })
    return response
  }

  return {
    ...world,
    advance,
    /** Makes calls of this endpoint fail. */
    inject(at: Endpoint, respond: Respond): void {
      Object.assign(fault, { at, respond })
    },
    heal: () => void Object.assign(fault, { at: null }),
    responses,
    /** Returns where a token, code or faulty response is readable that must not be. */
    async leaks(): Promise<string[]> {
      const places = {
        log: world.lines.join('\n'),
        database: await world.dump(),
        responses: responses
          // The one response that contains a token.
          .filter(({ request, status }) => !(request.endsWith('/access-token') && status === 200))
          .map(({ text }) => text)
          .join('\n'),
      }
      const secrets = [CANARY, ...world.entra.issuedSecrets()]
      return Object.entries(places).flatMap(([place, text]) =>
        secrets
          .filter((secret) => encodingsOf(secret).some((encoded) => text.includes(encoded)))
          .map((secret) => `${place} shows ${secret.slice(0, 30)}...`),
      )
    },
    /** Returns the responses with a status that no client can expect. */
    serverErrors: (): string[] =>
      responses
        .filter(({ status }) => status >= 500 && status !== 503)
        .map(({ request, status, text }) => `${request} returns ${status}: ${text.slice(0, 200)}`),
  }
}
