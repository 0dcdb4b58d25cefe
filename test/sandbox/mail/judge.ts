/**
 * What Exchange decides about a login, from the token and the name beside it. IMAP and SMTP differ:
 * a shared mailbox is named to IMAP, but SMTP wants the person who signed in.
 */
import { type Person, passwordAccount } from '../cast.ts'
import { isMailResource } from '../entra/scopes.ts'
import type { IssuedToken } from '../entra/state.ts'

export type MailWorld = {
  people: readonly Person[]
  checkToken: (token: string) => IssuedToken | null
  /** Milliseconds since the epoch. */
  now: () => number
}

export type ImapVerdict = 'ok' | 'refused' | 'not_connected'
export type SmtpVerdict = 'ok' | 'refused' | 'disabled_for_tenant' | 'basic_disabled'

const same = (a: string | null, b: string) => a !== null && a.toLowerCase() === b.toLowerCase()

/** `user=` and token of the SASL blob; null for what is none. */
export function readXoauth2(base64: string): { user: string; token: string } | null {
  const blob = Buffer.from(base64, 'base64').toString('utf8')
  // The fields end in 0x01 and the blob in two: user=..^Aauth=Bearer ..^A^A
  const [user, auth, ...rest] = blob.split('\u0001')
  if (!user?.startsWith('user=') || !auth?.startsWith('auth=Bearer ')) return null
  if (rest.length !== 2 || rest.some((part) => part !== '')) return null
  return { user: user.slice('user='.length), token: auth.slice('auth=Bearer '.length) }
}

/** The person behind a token that is good for this permission here and now. */
function holder(world: MailWorld, token: string, permission: string): Person | null {
  const issued = world.checkToken(token)
  if (!issued || issued.expiresAt <= world.now()) return null
  if (!isMailResource(issued.audience) || !issued.permissions.includes(permission)) return null
  return issued.person
}

export function judgeImap(world: MailWorld, user: string, token: string): ImapVerdict {
  const person = holder(world, token, 'IMAP.AccessAsUser.All')
  if (!person) return 'refused'
  const open = [person.mailbox, ...person.sharedMailboxes]
  if (!open.some((address) => same(address, user))) return 'not_connected'
  const owner = world.people.find((other) => same(other.mailbox, user)) ?? person
  return owner.imap
}

export function judgeSmtp(world: MailWorld, user: string, token: string): SmtpVerdict {
  const person = holder(world, token, 'SMTP.Send')
  if (!person || person.mailbox === null) return 'refused'
  if (!same(person.username, user) && !same(person.mailbox, user)) return 'refused'
  return person.smtp
}

/** Passwords work for the one account that has one; for everybody else they are switched off. */
export function judgePassword(
  world: MailWorld,
  user: string,
  password: string,
): 'ok' | 'refused' | 'basic_disabled' {
  if (same(passwordAccount.username, user)) {
    return password === passwordAccount.password ? 'ok' : 'refused'
  }
  const known = world.people.some((person) => same(person.username, user))
  return known ? 'basic_disabled' : 'refused'
}

/** Addresses that may stand in MAIL FROM after this login: the own one and those with Send As. */
export function sendersOf(world: MailWorld, user: string): readonly string[] {
  const person = world.people.find(
    (other) => same(other.username, user) || same(other.mailbox, user),
  )
  return [
    user,
    person?.username ?? user,
    person?.mailbox ?? user,
    ...(person?.sharedMailboxes ?? []),
  ]
}

/** `[authzid] NUL authcid NUL password`, RFC 4616. */
export function readPlain(base64: string): { user: string; password: string } | null {
  const parts = Buffer.from(base64, 'base64').toString('utf8').split('\0')
  const [, user, password] = parts
  return parts.length === 3 && user && password !== undefined ? { user, password } : null
}
