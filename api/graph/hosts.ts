/** URLs at Microsoft Graph (https://learn.microsoft.com/en-us/graph/deployments). */
import { sameAddress } from '../../schema/common.ts'
import { type Cloud, microsoftMailServers } from '../../schema/mail-servers.ts'
import type { MailAccountValues } from '../model/mail-account.ts'

/** Returns the URL below which a cloud's Graph has its calls. `root` replaces its origin (`GRAPH_ROOT`, for tests). */
export const graphApiBase = (cloud: Cloud, root: string | null): string =>
  `${root ?? `https://${microsoftMailServers[cloud].graph_send[0].host}`}/v1.0`

type Mailbox = Pick<MailAccountValues, 'authentication' | 'username' | 'delegate'>

/** Returns true if the mailbox is that of the person who signed in, which Graph calls `/me`. */
export const isOwnMailbox = ({ authentication, username, delegate }: Mailbox): boolean =>
  authentication === 'oauth' && (delegate === null || sameAddress(delegate, username))

/** Returns the path of the mailbox below the base URL. The address is one segment, whatever characters it has. */
export const mailboxPath = (mailbox: Mailbox): string =>
  isOwnMailbox(mailbox) ? '/me' : `/users/${encodeURIComponent(mailbox.username)}`
