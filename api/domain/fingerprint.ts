/**
 * One short text that stands for everything that a login depends on, so that a validation of the
 * same values is found again. It is keyed: people choose passwords, and a plain hash of one could be
 * guessed by whoever reads the database. With another newest key it is another text, and validations
 * made before are then simply not found.
 */
import type { KeyRing } from '../../schema/settings.ts'
import type { MailAccountInHand, MailAccountValues } from '../store/mail-accounts.ts'
import { base64url } from './secrets.ts'

type LoginValues = Pick<
  MailAccountValues,
  'protocol' | 'host' | 'port' | 'security' | 'username' | 'delegate' | 'authentication' | 'grantId'
>

const utf8 = new TextEncoder()

export async function fingerprint(
  ring: KeyRing,
  values: LoginValues,
  password: string | null,
): Promise<string> {
  const { protocol, host, port, security, username, delegate, authentication, grantId } = values
  const parts = [
    protocol,
    host,
    port,
    security,
    username,
    delegate,
    authentication,
    grantId,
    password,
  ]
  const key = await keyOf(ring)
  const mac = await crypto.subtle.sign('HMAC', key, utf8.encode(JSON.stringify(parts)))
  return base64url(new Uint8Array(mac))
}

/** A key of its own, by HKDF (RFC 5869): the ring's keys encrypt, and do nothing else. */
async function keyOf(ring: KeyRing): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey('raw', ring[0].key, 'HKDF', false, ['deriveKey'])
  const info = utf8.encode('mailgrant validation fingerprint')
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    root,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign'],
  )
}

/** Whether this is the login of the stored account. A password that does not open any more is not. */
export async function isLoginOf(
  ring: KeyRing,
  stored: MailAccountInHand,
  print: string,
): Promise<boolean> {
  const password = await stored.openPassword().catch(() => null)
  return print === (await fingerprint(ring, stored, password))
}
