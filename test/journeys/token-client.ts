/** A program that knows OAuth: it finds the token endpoint by discovery, and its refresh token is an API key. */
import type { Api } from './api.ts'

export function createTokenClient(api: Api, key: string) {
  let endpoint = ''

  return {
    /** Returns the token endpoint that the issuer names (RFC 8414). */
    async discover(): Promise<string> {
      const metadata = await api.expect(200, 'GET', '/.well-known/oauth-authorization-server')
      endpoint = String(metadata.token_endpoint)
      return endpoint
    },
    async refresh(clientId: string): Promise<{ status: number; body: Record<string, unknown> }> {
      const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: key }
      const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) })
      const text = await response.text()
      api.onResponse('POST /oauth/token', text)
      return { status: response.status, body: JSON.parse(text) }
    },
  }
}
