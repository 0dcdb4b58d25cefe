/** Outgoing HTTP: undici's fetch with agents of its own, since Node's fetch does not accept them. */
import { Agent, type RequestInit, fetch as undiciFetch } from 'undici'

export type Outgoing = {
  /** For the addresses that the operator or Microsoft chose. */
  fetch: typeof fetch
  /** For the addresses that a caller of the API chose. */
  fetchWebhook: typeof fetch
  close: () => Promise<void>
}

export function createOutgoing(): Outgoing {
  const agent = new Agent()
  // undici's own types of Request and Response differ in name only from those of the app.
  const send = ((url: string, init: RequestInit) =>
    undiciFetch(url, { ...init, dispatcher: agent })) as unknown as typeof fetch
  return { fetch: send, fetchWebhook: send, close: () => agent.destroy() }
}
