/** Certificates that clients must accept or refuse. Generated once per process. */
import {
  type Certificate,
  type CertificateOptions,
  issue,
} from '../../sandbox/mail/certificates.ts'

export const HOST = 'mail.test'

const DAY = 86_400_000
const days = (count: number) => new Date(Date.now() + count * DAY)

const issueForHost = (options: Omit<CertificateOptions, 'names'>) =>
  issue({ names: [HOST], ...options })

const withChain = ({ key, cert }: Certificate, issuer: Certificate): Certificate => ({
  key,
  cert: `${cert}\n${issuer.cert}`,
})

async function generateAll() {
  const ca = await issue({ names: ['Mailgrant Test CA'], isCa: true })
  const unknownCa = await issue({ names: ['Unknown CA'], isCa: true })
  // The issuer's key type determines the signature, so RSA needs its own authority.
  const rsaCa = await issue({ names: ['RSA Test CA'], isCa: true, rsaBits: 2048 })
  const intermediate = await issue({ names: ['Intermediate CA'], isCa: true, issuer: ca })
  const noCa = await issue({ names: ['No CA'], issuer: ca })
  const weakIntermediate = await issue({
    names: ['Weak CA'],
    isCa: true,
    issuer: rsaCa,
    rsaBits: 1024,
  })
  return {
    authorities: [ca.cert, rsaCa.cert],
    good: await issueForHost({ issuer: ca }),
    selfSigned: await issueForHost({}),
    untrusted: await issueForHost({ issuer: unknownCa }),
    localhost: await issue({ names: ['localhost'], issuer: ca }),
    loopback: await issue({ names: ['127.0.0.1'], issuer: ca }),
    otherName: await issue({ names: ['other.test'], issuer: ca }),
    expired: await issueForHost({ issuer: ca, from: days(-10), until: days(-1) }),
    future: await issueForHost({ issuer: ca, from: days(1), until: days(10) }),
    weak: await issueForHost({ issuer: rsaCa, rsaBits: 1024 }),
    rsa: await issueForHost({ issuer: rsaCa, rsaBits: 2048 }),
    sha1: await issueForHost({ issuer: rsaCa, rsaBits: 2048, hash: 'SHA-1' }),
    forClients: await issueForHost({ issuer: ca, purpose: 'clientAuth' }),
    forMail: await issueForHost({ issuer: ca, purpose: 'emailProtection' }),
    forServers: await issueForHost({ issuer: ca, purpose: 'serverAuth' }),
    signsOnly: await issueForHost({ issuer: ca, signsOnly: true }),
    asCa: await issueForHost({ issuer: ca, isCa: true }),
    weakIssuer: withChain(
      await issueForHost({ issuer: weakIntermediate, rsaBits: 2048 }),
      weakIntermediate,
    ),
    issuedByLeaf: withChain(await issueForHost({ issuer: noCa }), noCa),
    incompleteChain: await issueForHost({ issuer: intermediate }),
  }
}

let cached: ReturnType<typeof generateAll> | undefined

export function certificates() {
  cached ??= generateAll()
  return cached
}
