/** Values of the account form, apart from secrets, and their meaning to the API. Pure. */
import type { MailAccount, MailAccountInput, Owner } from '../../../../schema/mail-account.ts'
import type { MailServer, Protocol, Security } from '../../../../schema/mail-servers.ts'

/** A server as typed. The port is text: it may not be a number yet. */
export type ServerDraft = { host: string; port: string; security: Security }

/** Never holds a password: a draft may be put aside while somebody signs in. */
export type Draft = {
  mailbox: string
  ownerType: Owner['type']
  ownerId: string
  name: string
  shared: boolean
  delegate: string
  from: string
  host: string
  port: string
  security: Security
  authentication: 'oauth' | 'app_only' | 'password'
  /** Of `app_only`. */
  tenant: string
}

/** An error of the form, by the JSON pointer that the API would name. */
export type Fault = { pointer: string; message: string }

const ADDRESS = /^[^\s@"(),:;<>[\]\\]+@[^\s@"(),:;<>[\]\\]+$/

export const sameAddress = (a: string, b: string) =>
  a.trim().toLowerCase() === b.trim().toLowerCase()

export const sameServer = (a: ServerDraft, b: ServerDraft) =>
  a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port && a.security === b.security

export const serverDraft = ({ host, port, security }: MailServer): ServerDraft => ({
  host,
  port: String(port),
  security,
})

/** `owner` and `mailbox` as the address of the page names them. */
export function emptyDraft(
  protocol: Protocol,
  servers: readonly MailServer[],
  asked: { owner?: string | null; mailbox?: string | null; delegate?: string | null },
): Draft {
  const [server] = servers
  return {
    mailbox: asked.mailbox ?? '',
    ownerType: protocol === 'imap' ? 'department' : asked.owner ? 'brand' : 'global',
    ownerId: asked.owner ?? (protocol === 'imap' ? ownerFor(asked.mailbox ?? '') : ''),
    name: '',
    shared: Boolean(asked.delegate),
    delegate: asked.delegate ?? '',
    from: '',
    ...(server
      ? serverDraft(server)
      : { host: '', port: protocol === 'imap' ? '993' : '587', security: securityFor(protocol) }),
    authentication: 'oauth',
    tenant: '',
  }
}

const securityFor = (protocol: Protocol): Security => (protocol === 'imap' ? 'tls' : 'starttls')

/** support@contoso.com is most likely the support department's. */
export const ownerFor = (mailbox: string): string => {
  const [local = ''] = mailbox.trim().split('@')
  return local === '' ? 'support' : local.toLowerCase()
}

export const draftOf = (account: MailAccount): Draft => ({
  mailbox: account.username,
  ownerType: account.owner.type,
  ownerId: account.owner.type === 'global' ? '' : account.owner.id,
  name: account.name ?? '',
  shared: account.delegate !== null,
  delegate: account.delegate ?? '',
  from: account.from ?? '',
  ...serverDraft(account),
  ...authenticationDraft(account.authentication),
})

const authenticationDraft = (
  authentication: MailAccount['authentication'],
): Pick<Draft, 'authentication' | 'tenant'> =>
  authentication.type === 'oauth' && authentication.flow === 'app_only'
    ? { authentication: 'app_only', tenant: authentication.tenant }
    : { authentication: authentication.type, tenant: '' }

/** Returns who is asked to sign in, or null where that is the mailbox itself. */
export const delegateOf = (draft: Draft): string | null =>
  (isShared(draft) && draft.delegate.trim()) || null

/** Nobody signs in where the app opens the mailbox by itself, so there is nobody to name. */
const isShared = ({ shared, authentication }: Draft) => shared && authentication !== 'app_only'

function ownerOf({ ownerType, ownerId }: Draft): Owner {
  return ownerType === 'global' ? { type: ownerType } : { type: ownerType, id: ownerId.trim() }
}

export function bodyOf(
  draft: Draft,
  protocol: Protocol,
  authentication: MailAccountInput['authentication'],
): MailAccountInput {
  const [name, from, delegate] = [draft.name.trim(), draft.from.trim(), delegateOf(draft)]
  return {
    ...(name && { name }),
    owner: ownerOf(draft),
    protocol,
    host: draft.host.trim(),
    port: Number(draft.port),
    security: draft.security,
    username: draft.mailbox.trim(),
    ...(delegate && { delegate }),
    ...(protocol === 'smtp' && from && { from }),
    authentication,
  }
}

const addressFault = (pointer: string, text: string, empty: string): Fault[] => {
  if (text.trim() === '') return [{ pointer, message: empty }]
  return ADDRESS.test(text.trim())
    ? []
    : [{ pointer, message: 'Enter an address such as name@example.com.' }]
}

/** Returns what is missing before anybody can sign in. */
export const signInFaults = (draft: Draft): Fault[] => [
  ...addressFault('/username', draft.mailbox, 'Enter the mailbox.'),
  ...(draft.shared ? addressFault('/delegate', draft.delegate, 'Enter who signs in.') : []),
]

/** Returns what is missing, but for the credential, before the mailbox can be logged in to or saved. */
export function faultsOf(draft: Draft): Fault[] {
  const port = Number(draft.port)
  return [
    ...addressFault('/username', draft.mailbox, 'Enter the mailbox.'),
    ...(draft.ownerType !== 'global' && draft.ownerId.trim() === ''
      ? [
          {
            pointer: '/owner/id',
            message: `Enter the ${draft.ownerType === 'other' ? 'owner' : draft.ownerType}.`,
          },
        ]
      : []),
    ...(isShared(draft) ? addressFault('/delegate', draft.delegate, 'Enter who signs in.') : []),
    ...(draft.from.trim() ? addressFault('/from', draft.from, '') : []),
    ...(draft.host.trim() === '' ? [{ pointer: '/host', message: 'Enter the host.' }] : []),
    ...(Number.isInteger(port) && port > 0 && port < 65_536
      ? []
      : [{ pointer: '/port', message: 'Enter a number from 1 to 65535.' }]),
  ]
}
