/**
 * How the app proves itself at the token endpoint, as a value: a request does not know which kind it
 * carries. Always in the body, never in the URL (RFC 6749 section 2.3.1).
 */

/** Adds what proves the client to a form. Throws nothing; signs anew for each request where it must. */
export type ClientAuth = (body: URLSearchParams, tokenEndpoint: string, now: Date) => Promise<void>

export function clientSecretPost(clientId: string, secret: string): ClientAuth {
  return async (body) => {
    body.set('client_id', clientId)
    body.set('client_secret', secret)
  }
}
