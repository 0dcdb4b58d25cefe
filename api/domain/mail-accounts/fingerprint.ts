/**
 * One short text that stands for everything that a login depends on, so that a validation of the
 * same values is found again. It is keyed: people choose passwords, and a plain hash of one could be
 * guessed by whoever reads the database. With another newest key it is another text, and validations
 * made before are then simply not found.
 */
import type { KeyRing } from '../../../schema/settings.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import { keyedHash } from '../keyed-hash.ts'

type LoginValues = Pick<
  MailAccountValues,
  | 'protocol'
  | 'host'
  | 'port'
  | 'security'
  | 'username'
  | 'delegate'
  | 'authentication'
  | 'grantId'
  | 'tenant'
>

export async function fingerprint(
  ring: KeyRing,
  values: LoginValues,
  password: string | null,
): Promise<string> {
  const { protocol, host, port, security, username, delegate } = values
  const parts = [
    protocol,
    host,
    port,
    security,
    username,
    delegate,
    values.authentication,
    values.grantId,
    values.tenant,
    password,
  ]
  return keyedHash(ring[0], 'mailgrant validation fingerprint', JSON.stringify(parts))
}

/** Whether this is the login of the stored account. A password that does not open any more is not. */
export async function isLoginOf(
  ring: KeyRing,
  stored: LoadedMailAccount,
  print: string,
): Promise<boolean> {
  const password = await stored.openPassword().catch(() => null)
  return print === (await fingerprint(ring, stored, password))
}
