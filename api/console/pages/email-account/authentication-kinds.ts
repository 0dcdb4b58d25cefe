/** Kinds of authentication: what each requires, and its part of the request. Pure. */
import type { AuthenticationInput, MailAccount } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { Errors } from '../../ui/form-state.ts'
import { type Draft, delegateOf, sameAddress, sameServer, serverDraft } from './draft.ts'

export const kinds: { value: Draft['authentication']; label: string }[] = [
  { value: 'oauth', label: 'OAuth' },
  { value: 'app_only', label: 'OAuth (app-only)' },
  { value: 'password', label: 'Password' },
]

/** Secrets of the form, which its draft never holds. The password is as typed; blank keeps the stored one. */
export type Credential = { grantId: string | null; password: string }

/**
 * Returns true if the stored passwords can be kept, because neither server nor mailbox has changed. Each password is
 * used only for those that it was entered for.
 */
const keepsPassword = (draft: Draft, saved: readonly MailAccount[]): boolean =>
  draft.protocols.every((protocol) =>
    saved.some(
      (account) =>
        account.protocol === protocol &&
        account.authentication.type === 'password' &&
        sameServer(draft.servers[protocol], serverDraft(account)) &&
        sameAddress(draft.mailbox, account.username),
    ),
  )

/** Returns an error for each server to which the password of the saved accounts would go, though it is another one's. */
function otherServerErrors(draft: Draft, [first]: readonly MailAccount[]): Errors {
  if (first?.authentication.type !== 'password') return {}
  const hostOf = (protocol: Protocol) => draft.servers[protocol].host.trim()
  const host = hostOf(first.protocol)
  const message = `The password is only for ${host}. Add another server as a separate mailbox.`
  return Object.fromEntries(
    draft.protocols
      .filter((protocol) => hostOf(protocol).toLowerCase() !== host.toLowerCase())
      .map((protocol) => [`/${protocol}/host`, message]),
  )
}

/** Returns what is missing, by JSON pointer. */
export function credentialErrors(
  draft: Draft,
  { grantId, password }: Credential,
  saved: readonly MailAccount[],
): Errors {
  if (draft.authentication === 'oauth') {
    return grantId === null
      ? { '/authentication/grant_id': 'Sign in first with "Get Access Token".' }
      : {}
  }
  if (draft.authentication === 'app_only') {
    const isBlank = draft.tenant.trim() === ''
    return isBlank ? { '/authentication/tenant': "Enter the mailbox's tenant." } : {}
  }
  const elsewhere = otherServerErrors(draft, saved)
  if (Object.keys(elsewhere).length > 0) return elsewhere
  if (password !== '' || keepsPassword(draft, saved)) return {}
  const message =
    saved[0]?.authentication.type === 'password'
      ? 'Enter the password again: the stored one is used only for the server and the mailbox that it was entered for.'
      : 'Enter the password.'
  return { '/authentication/password': message }
}

/**
 * Returns everything on which the result of a login depends, for comparison. The password is represented by the number
 * of its edits, so that it is not kept.
 */
export function loginOf(
  draft: Draft,
  protocol: Protocol,
  grantId: string | null,
  passwordEdits: number,
): string {
  const { mailbox, servers, authentication, tenant } = draft
  const { host, port, security } = servers[protocol]
  const credential = { oauth: grantId, app_only: tenant, password: passwordEdits }[authentication]
  return JSON.stringify([
    mailbox.toLowerCase(),
    delegateOf(draft)?.toLowerCase(),
    host.toLowerCase(),
    port,
    security,
    authentication,
    credential,
  ])
}

/** Requires that `credentialErrors` finds nothing. */
export const authenticationOf = (
  draft: Draft,
  { grantId, password }: Credential,
): AuthenticationInput => {
  const microsoft = { type: 'oauth', provider: 'microsoft' } as const
  switch (draft.authentication) {
    case 'oauth':
      return { ...microsoft, flow: 'delegated', grant_id: grantId ?? '' }
    case 'app_only':
      return { ...microsoft, flow: 'app_only', tenant: draft.tenant.trim() }
    case 'password':
      return { type: 'password', ...(password !== '' && { password }) }
  }
}
