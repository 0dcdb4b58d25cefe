/**
 * Starts TLS on a connected socket and verifies the certificate. It must chain to a trusted authority and be valid for
 * the host. No setting disables this.
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
import { err, type Fault, ok, type Result } from './verdict.ts'

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

/** Performs the handshake. The caller owns `raw` and must close it. */
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
    // Reads the certificate before Node's own `secure` listener verifies and discards it: its issuer
    // distinguishes an intercepting proxy from an incomplete chain.
    function readIssuer() {
      // Not getPeerX509Certificate: after it, Node 24 finds no name in the certificate.
      issuer = issuerOf(socket.getPeerCertificate())
    }
    function settle(error: Error | null) {
      socket.off('secure', readIssuer)
      socket.off('secureConnect', finish)
      socket.off('error', settle)
      socket.off('close', finish)
      resolve(socket.authorized ? ok(socket) : err(tlsFault(error, issuer)))
    }
    const finish = () => settle(null)
    socket.prependListener('secure', readIssuer)
    socket.on('secureConnect', finish)
    socket.on('error', ignoreError)
    socket.on('error', settle)
    socket.on('close', finish)
  })
}

/** Returns the issuer as certificate viewers print it (`CN=..., O=...`); null without a certificate. */
function issuerOf({ issuer }: PeerCertificate): string | null {
  const parts = Object.entries(issuer ?? {}).map(([key, value]) => `${key}=${value}`)
  return parts.join(', ') || null
}

/** Verification errors for which Node has only the code UNSPECIFIED, by OpenSSL's message. */
const CODES_BY_MESSAGE: Readonly<Record<string, string>> = {
  'EE certificate key too weak': 'EE_KEY_TOO_SMALL',
  'CA certificate key too weak': 'CA_KEY_TOO_SMALL',
  'CA signature digest algorithm too weak': 'CA_MD_TOO_WEAK',
}

/** Codes of a broken connection. That is no fault of the certificate, and may be temporary. */
const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
])

/**
 * Describes a handshake that failed, by the code that the diagnosis explains. `error` is null if the connection closed
 * without one.
 */
export function tlsFault(error: Error | null, issuer: string | null): Fault {
  const code = CODES_BY_MESSAGE[error?.message ?? ''] ?? errorCode(error)
  if (error === null || CONNECTION_ERRORS.has(code ?? '')) {
    return {
      kind: 'unavailable',
      code,
      detail: 'The server closed the connection during the TLS handshake.',
    }
  }
  const detail = `The TLS handshake failed (${code ?? error.name}).`
  return { kind: 'tls', code, detail, certificate_issuer: issuer }
}
