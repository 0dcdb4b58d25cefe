/**
 * Starts TLS on a connected socket and verifies the certificate: it must chain to a trusted authority
 * and be valid for the host. No setting disables this.
 */
import { constants } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import {
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import { errorCode, ignoreError } from './dial.ts'
import { type Fault, fail, ok, type Result } from './verdict.ts'

/**
 * Creates the TLS settings, shared by all probes because loading root certificates is slow. Trusts only
 * `ca` if given, otherwise Node's root certificates and those of NODE_EXTRA_CA_CERTS. Renegotiation is
 * disabled here, because `socket.disableRenegotiation()` has no effect on a client in Node 24.
 */
export function createTlsContext(ca?: string[]): SecureContext {
  return createSecureContext({
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ...(ca ? { ca } : {}),
  })
}

/** Performs the handshake. The caller owns `raw`, and closes it in any case. */
export function secure(
  raw: Socket,
  host: string,
  tlsContext: SecureContext,
): Promise<Result<TLSSocket>> {
  return new Promise((resolve) => {
    const socket = connect({
      socket: raw,
      host,
      // SNI allows names only (RFC 6066, section 3).
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext: tlsContext,
      rejectUnauthorized: true,
    })
    let certificate: CertificateFacts = NO_CERTIFICATE
    // Reads the certificate before Node's own `secure` listener verifies and discards it: its issuer
    // distinguishes an intercepting proxy from an incomplete chain.
    function readCertificate() {
      // Not getPeerX509Certificate: after it, Node 24 finds no name in the certificate.
      certificate = describeCertificate(socket.getPeerCertificate())
    }
    function settle(error: Error | null) {
      socket.off('secure', readCertificate)
      socket.off('secureConnect', finish)
      socket.off('error', settle)
      socket.off('close', finish)
      resolve(socket.authorized ? ok(socket) : fail(tlsFault(error, host, certificate)))
    }
    const finish = () => settle(null)
    socket.prependListener('secure', readCertificate)
    socket.on('secureConnect', finish)
    socket.on('error', ignoreError)
    socket.on('error', settle)
    socket.on('close', finish)
  })
}

type CertificateFacts = {
  /** Issuer as certificate viewers print it (`CN=..., O=...`); null without a certificate. */
  issuer: string | null
  isCa: boolean
  /** Extended key usages (OIDs); null if the certificate may be used for everything. */
  purposes: readonly string[] | null
}

const NO_CERTIFICATE: CertificateFacts = { issuer: null, isCa: false, purposes: null }
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'

function describeCertificate(certificate: PeerCertificate): CertificateFacts {
  const parts = Object.entries(certificate.issuer ?? {}).map(([key, value]) => `${key}=${value}`)
  return {
    issuer: parts.join(', ') || null,
    isCa: certificate.ca,
    purposes: certificate.ext_key_usage ?? null,
  }
}

/** Verification errors for which Node has only the code UNSPECIFIED, by OpenSSL's message. */
const CODES_BY_MESSAGE: Readonly<Record<string, string>> = {
  'EE certificate key too weak': 'EE_KEY_TOO_SMALL',
  'CA certificate key too weak': 'CA_KEY_TOO_SMALL',
  'CA signature digest algorithm too weak': 'CA_MD_TOO_WEAK',
}

type Explain = (host: string, certificate: CertificateFacts) => string

const RENEW = "The mail server's administrator must replace the certificate."
const TRUST =
  "Either the mail server's administrator must install a certificate from a public authority and send its intermediate certificates, or the operator of this checker must trust the authority (NODE_EXTRA_CA_CERTS)."
const MODERN = "The mail server's administrator must enable TLS 1.2 or 1.3 with current ciphers."

const untrusted: Explain = () =>
  `The server's certificate was issued by an authority that is not trusted here. ${TRUST}`
const incompleteChain: Explain = () =>
  `The server does not send the intermediate certificates up to a trusted authority. ${TRUST}`
const notTls: Explain = () => 'The server did not answer with TLS; this port may require STARTTLS.'
const oldVersion: Explain = () => `The server does not support TLS 1.2 or later. ${MODERN}`
const weakKey: Explain = () =>
  `The key of the server's certificate is too short (RSA requires 2048 bits). ${RENEW}`
const weakAuthority: Explain = () =>
  `An authority in the server's certificate chain has a key that is too short (RSA requires 2048 bits). ${RENEW}`
const weakSignature: Explain = () =>
  `The server's certificate chain is signed with an outdated algorithm (MD5 or SHA-1). ${RENEW}`
const weakKeyExchange: Explain = () =>
  `The server's Diffie-Hellman parameters are too short (2048 bits are required). The mail server's administrator must replace them or enable ECDHE.`
const noCommonCipher: Explain = () =>
  `The server and this checker found no cipher suite in common; the server may only offer outdated ones. ${MODERN}`
const wrongPurpose: Explain = (_host, { isCa, purposes }) => {
  if (purposes !== null && !purposes.includes(SERVER_AUTHENTICATION)) {
    return `The server's certificate was issued for another purpose than TLS servers (extended key usage). ${RENEW}`
  }
  if (isCa) return `The server shows the certificate of an authority instead of its own. ${RENEW}`
  return `The server's certificate, or an authority that issued it, may not be used for TLS servers (key usage). ${RENEW}`
}

const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  CERT_HAS_EXPIRED: () =>
    `The server's certificate has expired. The mail server's administrator must renew it.`,
  CERT_NOT_YET_VALID: () =>
    "The server's certificate is not valid yet. The mail server's administrator must replace it, unless the clock of this checker is wrong.",
  CERT_REVOKED: () => `The server's certificate was revoked. ${RENEW}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: () => `The server's certificate is self-signed. ${TRUST}`,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: incompleteChain,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: incompleteChain,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) =>
    `The server's certificate is not for ${host}. Use a host name that is in the certificate, or ask the mail server's administrator to add this one.`,
  INVALID_PURPOSE: wrongPurpose,
  INVALID_CA: wrongPurpose,
  PATH_LENGTH_EXCEEDED: wrongPurpose,
  EE_KEY_TOO_SMALL: weakKey,
  ERR_SSL_EE_KEY_TOO_SMALL: weakKey,
  CA_KEY_TOO_SMALL: weakAuthority,
  ERR_SSL_CA_KEY_TOO_SMALL: weakAuthority,
  CA_MD_TOO_WEAK: weakSignature,
  ERR_SSL_CA_MD_TOO_WEAK: weakSignature,
  ERR_SSL_DH_KEY_TOO_SMALL: weakKeyExchange,
  // One alert, under the names of OpenSSL 3.5 and of earlier versions.
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': noCommonCipher,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: noCommonCipher,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  ERR_SSL_UNSUPPORTED_PROTOCOL: oldVersion,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: oldVersion,
}

/** Codes of a broken connection. That is no fault of the certificate, and may be temporary. */
const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
])

/** Explains why the handshake failed. `error` is null if the connection closed without one. */
export function tlsFault(error: Error | null, host: string, certificate: CertificateFacts): Fault {
  const code = CODES_BY_MESSAGE[error?.message ?? ''] ?? errorCode(error)
  if (error === null || CONNECTION_ERRORS.has(code ?? '')) {
    return {
      kind: 'unavailable',
      code,
      detail: 'The server closed the connection during the TLS handshake.',
    }
  }
  const explain = EXPLANATIONS[code ?? '']
  return {
    kind: 'tls',
    code,
    detail: explain?.(host, certificate) ?? `The TLS handshake failed (${code ?? error.name}).`,
    certificate_issuer: certificate.issuer,
  }
}
