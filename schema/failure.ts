/**
 * Facts about a failed sign-in or refresh, without any text of Microsoft's response. They are stored
 * with the resource that failed, and the diagnosis is derived at each read, so that causes added to the
 * catalogue later apply to earlier failures too.
 */
import type { Stage } from './diagnosis.ts'

/**
 * Reasons for which a host could not be reached: codes of Node, OpenSSL and undici, and two for the proxy. The list is
 * closed, since the messages beside a code may contain the URL.
 */
export const NETWORK_CODES = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
  'EPERM',
  'EADDRNOTAVAIL',
  'EMFILE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  /** No connection to the proxy. */
  'PROXY_UNREACHABLE',
  /** The proxy responded to CONNECT with another status than 200. */
  'PROXY_REFUSED',
] as const

export type NetworkCode = (typeof NETWORK_CODES)[number] | 'unknown'

/** Defect of a response that came in place of Microsoft's. One of a fixed list, never a part of the body. */
export type MalformedResponse =
  | 'redirect'
  | 'content_type'
  | 'too_large'
  | 'truncated'
  | 'empty'
  | 'not_json'
  | 'not_an_object'
  | 'no_error_code'
  | 'access_token'
  | 'token_type'
  | 'expires_in'
  | 'refresh_token'
  | 'id_token'
  | 'scope'

/** Facts about a request to Microsoft Graph that failed. */
export type GraphFacts = {
  /** HTTP status; null without a response. */
  status: number | null
  /** Graph's `error.code` and `error.message`, printable and without tokens; null where there is none. */
  code: string | null
  message: string | null
  /** Microsoft's ID of the request. */
  request_id: string | null
  /** The reason why there is no response, or null. */
  reason: NetworkCode | 'timeout' | null
  /** The request: whether sending is permitted, or to send a message. */
  probe: 'permission' | 'send'
}

export type FailureFacts = {
  stage: Stage
  kind:
    | 'unreachable'
    | 'timeout'
    | 'throttled'
    | 'unavailable'
    | 'malformed'
    | 'refused'
    | 'no_return'
    | 'account_mismatch'
    | 'no_refresh_token'
    | 'no_mail_scope'
    | 'identity_not_proven'
    | 'clock_wrong'
    /** The stored refresh token cannot be decrypted. */
    | 'token_damaged'
  aadsts?: number | null
  /** Login host that was not reached, or whose response is malformed; with its port unless it is 443. */
  login_host?: string
  /** Reason for which it was not reached. */
  node_code?: NetworkCode
  /** The malformed response. */
  response?: { status: number; defect: MalformedResponse }
  oauth_error?: string | null
  suberror?: string | null
  /** True for a refusal that was seen once so far. It counts if the same token is refused again. */
  unconfirmed?: true
  /** Authentication method of the app, if it authenticated. */
  client_auth?: 'secret' | 'certificate' | 'federated'
  /** The user who signed in, if the wrong one did. */
  signed_in_as?: string
  /** The expected user, if not the one of the authorization. */
  expected?: string
}
