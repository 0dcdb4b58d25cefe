/**
 * TLS on a connected socket, always verified: there is no switch to turn that off. What comes out is
 * a socket whose certificate chains to a trusted authority and names the host.
 */
import { isIP, type Socket } from 'node:net'
import {
  type Certificate,
  connect,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import { codeOf, ignore } from './dial.ts'
import { type Fault, fail, ok, type Result } from './verdict.ts'

/**
 * Built once and shared by all probes, since reading the root certificates is slow. Without `ca` the
 * roots are Node's own and those of NODE_EXTRA_CA_CERTS; with it, only these.
 */
export function createTrust(ca?: string[]): SecureContext {
  return createSecureContext({ minVersion: 'TLSv1.2', ...(ca ? { ca } : {}) })
}

/** The socket is the caller's to close, whatever comes out. */
export function secure(
  raw: Socket,
  host: string,
  trust: SecureContext,
): Promise<Result<TLSSocket>> {
  return new Promise((resolve) => {
    const socket = connect({
      socket: raw,
      host,
      // SNI carries names only (RFC 6066, section 3).
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext: trust,
      rejectUnauthorized: true,
    })
    let issuer: string | null = null
    // Node verifies in its own listener of this event and has let go of the certificate when the
    // error comes; the issuer tells an intercepting proxy from an incomplete chain.
    function shaken() {
      // (Not getPeerX509Certificate: after it, Node 24 finds no name in the certificate.)
      issuer = nameOf(socket.getPeerCertificate().issuer)
    }
    function settle(error: Error | null) {
      socket.off('secure', shaken)
      socket.off('secureConnect', secured)
      socket.off('error', settle)
      socket.off('close', closed)
      const good = error === null && socket.authorized
      resolve(good ? ok(socket) : fail(describe(error, host, issuer)))
    }
    const secured = () => {
      socket.disableRenegotiation()
      settle(null)
    }
    const closed = () => settle(null)
    socket.prependListener('secure', shaken)
    socket.on('secureConnect', secured)
    socket.on('error', ignore)
    socket.on('error', settle)
    socket.on('close', closed)
  })
}

const SENTENCES: Record<string, (host: string) => string> = {
  CERT_HAS_EXPIRED: () => "The server's certificate has expired.",
  CERT_NOT_YET_VALID: () => "The server's certificate is not valid yet.",
  DEPTH_ZERO_SELF_SIGNED_CERT: () => "The server's certificate is self-signed.",
  SELF_SIGNED_CERT_IN_CHAIN: () =>
    "The server's certificate comes from an authority that is not trusted here.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () =>
    "The server's certificate comes from an authority that is not trusted here.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () =>
    'The server does not send the certificates between its own and a trusted authority.',
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `The server's certificate is not for ${host}.`,
  ERR_SSL_WRONG_VERSION_NUMBER: () =>
    'The server does not answer with TLS here; the port may be one for STARTTLS.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () =>
    'The server does not answer with TLS here; the port may be one for STARTTLS.',
  ERR_SSL_UNSUPPORTED_PROTOCOL: () => 'The server offers no TLS version from 1.2 on.',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: () => 'The server offers no TLS version from 1.2 on.',
}

/** A connection that broke is not a certificate that is wrong: it may work a minute later. */
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED'])

function describe(error: Error | null, host: string, issuer: string | null): Fault {
  const code = codeOf(error)
  if (error === null || (code !== null && BROKEN.has(code))) {
    return {
      kind: 'unavailable',
      code,
      detail: 'The server ended the connection while TLS was being set up.',
    }
  }
  const sentence = code === null ? undefined : SENTENCES[code]
  return {
    kind: 'tls',
    code,
    detail: sentence?.(host) ?? `TLS could not be set up (${code ?? error.name}).`,
    certificate_issuer: issuer,
  }
}

/** `CN=..., O=...`, as certificate viewers write it. Null when there was no certificate. */
function nameOf(issuer: Certificate | undefined): string | null {
  const parts = Object.entries(issuer ?? {}).map(([key, value]) => `${key}=${value}`)
  return parts.length > 0 ? parts.join(', ') : null
}
