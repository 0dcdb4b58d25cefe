/**
 * Starts TLS on a connected socket and verifies the certificate: it must chain to a trusted authority
 * and be valid for the host. No setting disables this.
 */
import { constants } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import {
  type Certificate,
  connect,
  createSecureContext,
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
    let issuer: string | null = null
    // Reads the issuer before Node's own `secure` listener verifies the certificate and discards it: the
    // issuer distinguishes an intercepting proxy from an incomplete chain.
    function readIssuer() {
      // Not getPeerX509Certificate: after it, Node 24 finds no name in the certificate.
      issuer = formatIssuer(socket.getPeerCertificate().issuer)
    }
    function settle(error: Error | null) {
      socket.off('secure', readIssuer)
      socket.off('secureConnect', finish)
      socket.off('error', settle)
      socket.off('close', finish)
      resolve(socket.authorized ? ok(socket) : fail(tlsFault(error, host, issuer)))
    }
    const finish = () => settle(null)
    socket.prependListener('secure', readIssuer)
    socket.on('secureConnect', finish)
    socket.on('error', ignoreError)
    socket.on('error', settle)
    socket.on('close', finish)
  })
}

const DETAILS: Record<string, (host: string) => string> = {
  CERT_HAS_EXPIRED: () => "The server's certificate has expired.",
  CERT_NOT_YET_VALID: () => "The server's certificate is not valid yet.",
  DEPTH_ZERO_SELF_SIGNED_CERT: () => "The server's certificate is self-signed.",
  SELF_SIGNED_CERT_IN_CHAIN: () =>
    "The server's certificate was issued by an authority that is not trusted here.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () =>
    "The server's certificate was issued by an authority that is not trusted here.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () =>
    'The server does not send the intermediate certificates up to a trusted authority.',
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `The server's certificate is not for ${host}.`,
  ERR_SSL_WRONG_VERSION_NUMBER: () =>
    'The server did not answer with TLS; this port may require STARTTLS.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () =>
    'The server did not answer with TLS; this port may require STARTTLS.',
  ERR_SSL_UNSUPPORTED_PROTOCOL: () => 'The server does not support TLS 1.2 or later.',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: () => 'The server does not support TLS 1.2 or later.',
}

/** Codes of a broken connection. That is no fault of the certificate, and may be temporary. */
const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
])

/** Explains why the handshake failed. `error` is null if the connection closed without one. */
export function tlsFault(error: Error | null, host: string, issuer: string | null): Fault {
  const code = errorCode(error)
  if (error === null || CONNECTION_ERRORS.has(code ?? '')) {
    return {
      kind: 'unavailable',
      code,
      detail: 'The server closed the connection during the TLS handshake.',
    }
  }
  return {
    kind: 'tls',
    code,
    detail: DETAILS[code ?? '']?.(host) ?? `The TLS handshake failed (${code ?? error.name}).`,
    certificate_issuer: issuer,
  }
}

/** Formats the issuer as certificate viewers do (`CN=..., O=...`); null without a certificate. */
function formatIssuer(issuer: Certificate | undefined): string | null {
  const parts = Object.entries(issuer ?? {}).map(([key, value]) => `${key}=${value}`)
  return parts.join(', ') || null
}
