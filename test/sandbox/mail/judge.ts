/**
 * Exchange's decision on a login, from the token and the user name. IMAP and SMTP differ: IMAP expects
 * the name of a shared mailbox, SMTP that of the person who signed in. An app-only login contains the
 * mailbox in both.
 */

import { isMailResource } from '../entra/scopes.ts'
import type { IssuedToken } from '../entra/state.ts'
import type { Exchange } from '../exchange.ts'
import { type Person, passwordAccount } from '../personas.ts'
import type { LineServerOptions } from './line-server.ts'

export type MailWorld = {
  people: readonly Person[]
  checkToken: (token: string) => IssuedToken | null
  exchange: Exchange
  /** Milliseconds since the epoch. */
  now: () => number
}

/** Options of both mail servers. */
export type MailServerOptions = MailWorld & Omit<LineServerOptions, 'session'> & { port: number }

export type ImapVerdict = 'ok' | 'refused' | 'not_connected'
export type SmtpVerdict = Person['smtp'] | 'refused' | 'basic_disabled'

const sameAddress = (a: string | null, b: string) =>
  a !== null && a.toLowerCase() === b.toLowerCase()

/** Parses user and token of the SASL response; null if it is malformed. */
export function readXoauth2(base64: string): { user: string; token: string } | null {
  const blob = Buffer.from(base64, 'base64').toString('utf8')
  // The fields end in 0x01 and the blob in two: user=..^Aauth=Bearer ..^A^A
  const [user, auth, ...rest] = blob.split('\u0001')
  if (!user?.startsWith('user=') || !auth?.startsWith('auth=Bearer ')) return null
  if (rest.length !== 2 || rest.some((part: string) => part !== '')) return null
  return { user: user.slice('user='.length), token: auth.slice('auth=Bearer '.length) }
}

const imapOf = ({ exchange }: MailWorld, { imap, mailbox }: Person): Person['imap'] =>
  exchange.isOff(mailbox, 'imap') ? 'not_connected' : imap

const smtpOf = ({ exchange }: MailWorld, { smtp, mailbox }: Person): Person['smtp'] =>
  exchange.isOff(mailbox, 'smtp') ? 'disabled_for_mailbox' : smtp

/** Returns the rights of a token, or null unless it can be used for mail now. */
function usableToken(world: MailWorld, token: string): IssuedToken | null {
  const issued = world.checkToken(token)
  if (!issued || issued.expiresAt <= world.now()) return null
  return isMailResource(issued.audience) ? issued : null
}

type AppVerdict = 'refused' | 'no_permission' | Person

/**
 * Decides on an app-only token. Consent in Entra is not enough, since Exchange must have registered the app and granted
 * it the mailbox.
 */
function judgeApp(world: MailWorld, issued: IssuedToken, user: string, role: string): AppVerdict {
  const { tenantId, permissions } = issued
  if (!permissions.includes(role) || !world.exchange.hasServicePrincipal(tenantId)) return 'refused'
  const owner = world.people.find(
    (person) => person.tenantId === tenantId && sameAddress(person.mailbox, user),
  )
  return owner && world.exchange.mayOpenMailbox(tenantId, user) ? owner : 'no_permission'
}

const SENDING = 'SMTP.SendAsApp'

/**
 * Returns the mailbox that the app may send as under RBAC for Applications, or null. If the token also has the
 * permission SMTP.SendAsApp, Exchange checks the mailbox permission instead.
 */
function judgeSendingApp(world: MailWorld, issued: IssuedToken, user: string): Person | null {
  const { tenantId, permissions } = issued
  const { exchange, people } = world
  if (permissions.includes(SENDING) || !exchange.hasServicePrincipal(tenantId)) return null
  if (!exchange.maySendAs(tenantId, user)) return null
  return (
    people.find((person) => person.tenantId === tenantId && sameAddress(person.mailbox, user)) ??
    null
  )
}

export function judgeImap(world: MailWorld, user: string, token: string): ImapVerdict {
  const issued = usableToken(world, token)
  if (!issued) return 'refused'
  const { person } = issued
  if (!person) {
    const owner = judgeApp(world, issued, user, 'IMAP.AccessAsApp')
    if (owner === 'refused') return 'refused'
    return owner === 'no_permission' ? 'not_connected' : imapOf(world, owner)
  }
  if (!issued.permissions.includes('IMAP.AccessAsUser.All')) return 'refused'
  const mailboxes = [person.mailbox, ...person.sharedMailboxes]
  if (!mailboxes.some((address) => sameAddress(address, user))) return 'not_connected'
  const owner = world.people.find((other) => sameAddress(other.mailbox, user)) ?? person
  return imapOf(world, owner)
}

export function judgeSmtp(world: MailWorld, user: string, token: string): SmtpVerdict {
  const issued = usableToken(world, token)
  if (!issued) return 'refused'
  const { person } = issued
  if (!person) {
    const owner = judgeSendingApp(world, issued, user) ?? judgeApp(world, issued, user, SENDING)
    return typeof owner === 'string' ? 'refused' : smtpOf(world, owner)
  }
  if (!issued.permissions.includes('SMTP.Send') || person.mailbox === null) return 'refused'
  if (!sameAddress(person.username, user) && !sameAddress(person.mailbox, user)) return 'refused'
  return smtpOf(world, person)
}

/** Accepts the password of the one account that has one; basic authentication is off for all others. */
export function judgePassword(
  world: MailWorld,
  user: string,
  password: string,
): 'ok' | 'refused' | 'basic_disabled' {
  if (sameAddress(passwordAccount.username, user)) {
    return password === passwordAccount.password ? 'ok' : 'refused'
  }
  const exists = world.people.some((person) => sameAddress(person.username, user))
  return exists ? 'basic_disabled' : 'refused'
}

/** Lists the addresses allowed in MAIL FROM after this login: the person's own and those with Send As. */
export function sendersOf(world: MailWorld, user: string): readonly string[] {
  const person = world.people.find(
    (other) => sameAddress(other.username, user) || sameAddress(other.mailbox, user),
  )
  return [
    user,
    person?.username ?? user,
    person?.mailbox ?? user,
    ...(person?.sharedMailboxes ?? []),
  ]
}

/** Parses `[authzid] NUL authcid NUL password` (RFC 4616). */
export function readPlain(base64: string): { user: string; password: string } | null {
  const parts = Buffer.from(base64, 'base64').toString('utf8').split('\0')
  const [, user, password] = parts
  return parts.length === 3 && user && password !== undefined ? { user, password } : null
}
