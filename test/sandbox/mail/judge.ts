/**
 * What Exchange decides about a login, from the token and the name beside it. IMAP and SMTP differ:
 * a shared mailbox is named to IMAP, but SMTP wants the person who signed in. An app that logs in by
 * itself names the mailbox to both.
 */
import { type Person, passwordAccount } from '../cast.ts'
import { isMailResource } from '../entra/scopes.ts'
import type { IssuedToken } from '../entra/state.ts'
import type { Exchange } from '../exchange.ts'

export type MailWorld = {
  people: readonly Person[]
  checkToken: (token: string) => IssuedToken | null
  exchange: Exchange
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
  if (rest.length !== 2 || rest.some((part: string) => part !== '')) return null
  return { user: user.slice('user='.length), token: auth.slice('auth=Bearer '.length) }
}

/** What a token is good for here and now; null for one that is not. */
function valid(world: MailWorld, token: string): IssuedToken | null {
  const issued = world.checkToken(token)
  if (!issued || issued.expiresAt <= world.now()) return null
  return isMailResource(issued.audience) ? issued : null
}

type AppVerdict = 'refused' | 'not_given' | Person

/** Consent in Entra is not enough: Exchange must know the app, and give it each mailbox. */
function judgeApp(world: MailWorld, issued: IssuedToken, user: string, role: string): AppVerdict {
  const { tenantId, permissions } = issued
  if (!permissions.includes(role) || !world.exchange.knowsApp(tenantId)) return 'refused'
  const owner = world.people.find(
    (person) => person.tenantId === tenantId && same(person.mailbox, user),
  )
  return owner && world.exchange.mayOpen(tenantId, user) ? owner : 'not_given'
}

export function judgeImap(world: MailWorld, user: string, token: string): ImapVerdict {
  const issued = valid(world, token)
  if (!issued) return 'refused'
  const { person } = issued
  if (!person) {
    const owner = judgeApp(world, issued, user, 'IMAP.AccessAsApp')
    if (owner === 'refused') return 'refused'
    return owner === 'not_given' ? 'not_connected' : owner.imap
  }
  if (!issued.permissions.includes('IMAP.AccessAsUser.All')) return 'refused'
  const open = [person.mailbox, ...person.sharedMailboxes]
  if (!open.some((address) => same(address, user))) return 'not_connected'
  const owner = world.people.find((other) => same(other.mailbox, user)) ?? person
  return owner.imap
}

export function judgeSmtp(world: MailWorld, user: string, token: string): SmtpVerdict {
  const issued = valid(world, token)
  if (!issued) return 'refused'
  const { person } = issued
  if (!person) {
    const owner = judgeApp(world, issued, user, 'SMTP.SendAsApp')
    return typeof owner === 'string' ? 'refused' : owner.smtp
  }
  if (!issued.permissions.includes('SMTP.Send') || person.mailbox === null) return 'refused'
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
