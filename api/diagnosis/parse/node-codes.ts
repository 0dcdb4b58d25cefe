/** Meanings of Node's codes, for failures that the product itself observed. */

import type { MeaningName } from './source.ts'

const nodeCodes: Readonly<Record<string, MeaningName>> = {
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-lookup-temporary',
  ECONNREFUSED: 'connection-refused',
  ETIMEDOUT: 'connection-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connection-timeout',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-closed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-tls',
  EPROTO: 'not-tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-name',
  CERT_HAS_EXPIRED: 'certificate-date',
  CERT_NOT_YET_VALID: 'certificate-date',
  CERT_SIGNATURE_FAILURE: 'certificate-untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-untrusted',
  INVALID_PURPOSE: 'certificate-purpose',
  INVALID_CA: 'certificate-purpose',
  PATH_LENGTH_EXCEEDED: 'certificate-purpose',
  // OpenSSL's verification names these only in its message; the checker gives them a code.
  EE_KEY_TOO_SMALL: 'weak-encryption',
  CA_KEY_TOO_SMALL: 'weak-encryption',
  CA_MD_TOO_WEAK: 'weak-encryption',
  ERR_SSL_EE_KEY_TOO_SMALL: 'weak-encryption',
  ERR_SSL_CA_KEY_TOO_SMALL: 'weak-encryption',
  ERR_SSL_CA_MD_TOO_WEAK: 'weak-encryption',
  ERR_SSL_DH_KEY_TOO_SMALL: 'weak-encryption',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'weak-encryption',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'weak-encryption',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls-version',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'tls-version',
  PROXY_UNREACHABLE: 'proxy-failed',
  PROXY_REFUSED: 'proxy-refused',
}

/** Returns the name of a meaning. */
export const meaningOfCode = (code: string): MeaningName | undefined =>
  Object.hasOwn(nodeCodes, code) ? nodeCodes[code] : undefined
