/** Entra, an IMAP and an SMTP server, and a person with a mailbox, for everything that is measured. */
import type { MailServer, Protocol } from '../../schema/mail-servers.ts'
import { startChild } from './child.ts'

export type Server = MailServer & { protocol: Protocol }

export type Servers = {
  /** Why the mail servers are those of the sandbox; null where they are Dovecot and Postfix. */
  whySandbox: string | null
  /** Origin: what ENTRA_AUTHORITY takes. */
  entra: string
  app: { client_id: string; client_secret: string; tenant: string }
  /** What the person fills in, form after form, to sign in. */
  forms: readonly Record<string, string>[]
  username: string
  /** Of the same person, for logins without the Worker. */
  accessToken: string
  imap: Server
  smtp: Server
  /** In the grammar of EXTRA_OAUTH_MAIL_HOSTS. */
  extraMailHosts: string
  /** PEM file for NODE_EXTRA_CA_CERTS. */
  caFile: string
}

/** `publicUrl` is the origin of the Worker to which a sign-in leads back. */
export async function startServers(publicUrl: string, { sandbox }: { sandbox?: true } = {}) {
  const args = [publicUrl, ...(sandbox ? ['sandbox'] : [])]
  const child = startChild('servers-process.ts', { args })
  try {
    return { servers: (await child.first) as Servers, stop: child.stop }
  } catch (error) {
    await child.stop()
    throw error
  }
}
