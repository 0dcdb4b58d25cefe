/**
 * A certificate authority that lives as long as the process: its PEM is what a client must trust
 * (`NODE_EXTRA_CA_CERTS`, or `ca` of a TLS client). Elliptic curves, since RSA keys are slow to make.
 */
import { generate } from 'selfsigned'

export type Certificate = { key: string; cert: string }

export type Authority = {
  /** PEM of the CA certificate. */
  ca: string
  /** A server certificate for these names; IPv4 addresses become IP entries. */
  issue: (names: readonly string[], validity?: { from: Date; to: Date }) => Promise<Certificate>
}

const DAY = 86_400_000
const common = { keyType: 'ec', algorithm: 'sha256' } as const
const isAddress = (name: string) => /^[\d.]+$/.test(name)

export async function createAuthority(name = 'Mailgrant sandbox CA'): Promise<Authority> {
  const ca = await generate([{ name: 'commonName', value: name }], {
    ...common,
    notBeforeDate: new Date(Date.now() - DAY),
    notAfterDate: new Date(Date.now() + 30 * DAY),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return {
    ca: ca.cert,
    async issue(
      names,
      validity = { from: new Date(Date.now() - DAY), to: new Date(Date.now() + 30 * DAY) },
    ) {
      const issued = await generate([{ name: 'commonName', value: names[0] ?? 'nobody' }], {
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
