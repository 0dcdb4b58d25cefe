/**
 * Fingerprint of a login: a keyed hash of the customer and of every value that the login depends on, so that
 * the customer's validation of the same values can be found. Keyed, because a plain hash would let a reader
 * of the database guess the password. Validations from before a change of the newest encryption key are not found.
 */
import type { KeyRing } from '../../../schema/settings.ts'
import { keyedHash } from '../../hash.ts'
import type { StoredMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'

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

export const fingerprint = (
  ring: KeyRing,
  values: LoginValues & Pick<MailAccountValues, 'customer'>,
  password: string | null,
): string =>
  keyedHash(
    ring[0],
    'mailgrant validation fingerprint',
    JSON.stringify([values.customer, textOf(values, password)]),
  )

/** Compares with the login of the stored account. Returns false if its password cannot be decrypted. */
export async function isLoginOf(
  stored: StoredMailAccount,
  { values, password }: { values: LoginValues; password: { text: string } | null },
): Promise<boolean> {
  const storedPassword = await stored.openPassword().catch(() => null)
  return textOf(values, password?.text ?? null) === textOf(stored, storedPassword)
}

function textOf(values: LoginValues, password: string | null): string {
  const { protocol, host, port, security, username, delegate } = values
  return JSON.stringify([
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
  ])
}
