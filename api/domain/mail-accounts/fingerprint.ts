/**
 * Fingerprint of a login, by which a customer's validation of the same values is found. The hash is keyed, because a
 * plain one would let a reader of the database guess the password.
 */
import type { KeyRing } from '../../../schema/settings.ts'
import { keyedHash } from '../../hash.ts'
import type { StoredMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'

/** The values that a login depends on beside the password, in the order in which they are hashed. */
const LOGIN_VALUES = [
  'protocol',
  'host',
  'port',
  'security',
  'username',
  'delegate',
  'authentication',
  'grantId',
  'tenant',
] as const
type LoginValues = Pick<MailAccountValues, (typeof LOGIN_VALUES)[number]>

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

const textOf = (values: LoginValues, password: string | null): string =>
  JSON.stringify([...LOGIN_VALUES.map((name) => values[name]), password])
