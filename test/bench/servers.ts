/** Entra, an IMAP and an SMTP server, and a person with a mailbox, for all figures. */
import type { MailProtocol, MailServer } from '../../schema/mail-servers.ts'
import { startChild } from './child.ts'

export type Server = MailServer & { protocol: MailProtocol }

export type Servers = {
  /** Reason for using the sandbox; null with Dovecot and Postfix. */
  sandboxReason: string | null
  /** Origin, the value of ENTRA_AUTHORITY. */
  entra: string
  app: { client_id: string; client_secret: string; tenant: string }
  /** Values that the person enters to sign in, one form after the other. */
  forms: readonly Record<string, string>[]
  username: string
  /** Access token of the same person, for logins without the Worker. */
  accessToken: string
  imap: Server
  smtp: Server
  /** Value of EXTRA_OAUTH_MAIL_HOSTS. */
  extraMailHosts: string
  /** PEM file for NODE_EXTRA_CA_CERTS. */
  caFile: string
}

/** Starts the servers. `publicUrl` is the origin of the Worker, to which a sign-in redirects. */
export async function startServers(publicUrl: string, { sandbox }: { sandbox?: true } = {}) {
  const args = [publicUrl, ...(sandbox ? ['sandbox'] : [])]
  const child = startChild('servers-process.ts', { args })
  try {
    return { servers: (await child.firstMessage) as Servers, stop: child.stop }
  } catch (error) {
    await child.stop()
    throw error
  }
}
