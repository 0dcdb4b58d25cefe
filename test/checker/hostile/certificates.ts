/** A test authority and the certificates that it, or somebody else, gave out. Made once per process. */
import { generate } from 'selfsigned'

export type Pair = { key: string; cert: string }

export const HOST = 'mail.test'

const DAY = 86_400_000
const days = (count: number) => new Date(Date.now() + count * DAY)

type Wish = {
  name?: string
  issuer?: Pair
  from?: Date
  until?: Date
  isCa?: boolean
  rsaBits?: number
}

async function issue(wish: Wish): Promise<Pair> {
  const { name = HOST, issuer, isCa = false, rsaBits } = wish
  const made = await generate([{ name: 'commonName', value: name }], {
    ...(rsaBits ? { keyType: 'rsa', keySize: rsaBits } : { keyType: 'ec', curve: 'P-256' }),
    algorithm: 'sha256',
    notBeforeDate: wish.from ?? days(-1),
    notAfterDate: wish.until ?? days(30),
    ...(issuer ? { ca: issuer } : {}),
    extensions: isCa
      ? [
          { name: 'basicConstraints', cA: true, critical: true },
          { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        ]
      : [
          { name: 'basicConstraints', cA: false },
          { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
        ],
  })
  return { key: made.private, cert: made.cert }
}

async function makeAll() {
  const ca = await issue({ name: 'Mailgrant Test CA', isCa: true })
  const stranger = await issue({ name: 'Somebody Else CA', isCa: true })
  // The issuer's kind of key decides how a certificate is signed, so RSA needs an authority of its own.
  const rsaCa = await issue({ name: 'RSA Test CA', isCa: true, rsaBits: 2048 })
  const middle = await issue({ name: 'Middle CA', isCa: true, issuer: ca })
  return {
    authorities: [ca.cert, rsaCa.cert],
    good: await issue({ issuer: ca }),
    selfSigned: await issue({}),
    stranger: await issue({ issuer: stranger }),
    otherName: await issue({ name: 'other.test', issuer: ca }),
    expired: await issue({ issuer: ca, from: days(-10), until: days(-1) }),
    future: await issue({ issuer: ca, from: days(1), until: days(10) }),
    weak: await issue({ issuer: rsaCa, rsaBits: 1024 }),
    noChain: await issue({ issuer: middle }),
  }
}

let made: ReturnType<typeof makeAll> | undefined

export function certificates() {
  made ??= makeAll()
  return made
}
