/** Node's codes as they are. OpenSSL's verify results come under its own names. */
import type { NetworkError } from './network-errors.ts'

export const nodeCodes: Readonly<Record<string, NetworkError>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'connection refused',
  ETIMEDOUT: 'connection timeout',
  EHOSTUNREACH: 'no route',
  ENETUNREACH: 'no route',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not tls',
  EPROTO: 'not tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate name',
  CERT_HAS_EXPIRED: 'certificate date',
  CERT_NOT_YET_VALID: 'certificate date',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate untrusted',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls version',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'tls version',
}
