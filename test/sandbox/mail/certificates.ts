/**
 * A certificate authority in memory. Clients must trust its PEM (`NODE_EXTRA_CA_CERTS`, or `ca` of a
 * TLS client). Uses elliptic curves, since RSA keys are slow to generate.
 */
import { generate } from 'selfsigned'

export type Certificate = { key: string; cert: string }

export type Authority = {
  /** PEM of the CA certificate. */
  ca: string
  /** Issues a server certificate for these names; IPv4 addresses become IP entries. */
  issue: (names: readonly string[], validity?: { from: Date; to: Date }) => Promise<Certificate>
}

const DAY_MS = 86_400_000
const common = { keyType: 'ec', algorithm: 'sha256' } as const
const isAddress = (name: string) => /^[\d.]+$/.test(name)

export async function createAuthority(name = 'Mailgrant sandbox CA'): Promise<Authority> {
  const ca = await generate([{ name: 'commonName', value: name }], {
    ...common,
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + 30 * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return {
    ca: ca.cert,
    async issue(
      names,
      validity = { from: new Date(Date.now() - DAY_MS), to: new Date(Date.now() + 30 * DAY_MS) },
    ) {
      const issued = await generate([{ name: 'commonName', value: names[0] ?? 'unnamed' }], {
        ...common,
        notBeforeDate: validity.from,
        notAfterDate: validity.to,
        ca: { key: ca.private, cert: ca.cert },
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true },
          {
            name: 'subjectAltName',
            altNames: names.map((entry) =>
              isAddress(entry)
                ? { type: 7 as const, ip: entry }
                : { type: 2 as const, value: entry },
            ),
          },
        ],
      })
      return { key: issued.private, cert: issued.cert }
    },
  }
}
