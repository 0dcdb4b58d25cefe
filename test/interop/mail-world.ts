/** Starts the third-party servers together: oidc-provider, Dovecot and Postfix. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MailProtocol, Security } from '../../schema/mail-servers.ts'
import { createAuthority } from '../sandbox/mail/certificates.ts'
import { createTemporaryFolder } from './cleanup.ts'
import { type Dovecot, startDovecot } from './dovecot.ts'
import { type OidcServer, startOidcServer } from './oidc-server.ts'
import { type Postfix, startPostfix } from './postfix.ts'
import { requireMailServers } from './requirements.ts'

export type Server = { protocol: MailProtocol; host: string; port: number; security: Security }

export type MailWorld = {
  oidc: OidcServer
  dovecot: Dovecot
  postfix: Postfix
  servers: { imapTls: Server; imapStarttls: Server; smtpStarttls: Server }
  /** Value for EXTRA_OAUTH_MAIL_HOSTS. */
  extraMailHosts: string
  /** PEM file for NODE_EXTRA_CA_CERTS. */
  caFile: string
  /** Stops everything and removes its files. */
  stop: () => Promise<void>
}

/** Starts the servers. `redirectUris` are registered for the app at the authorization server. */
export async function startMailWorld(
  redirectUris: readonly string[] = ['http://localhost:8787/oauth/microsoft/callback'],
): Promise<MailWorld> {
  requireMailServers()
  const { path: folder, remove } = await createTemporaryFolder()
  // Stops in reverse order, so that no server calls one that has already stopped.
  await using parts = new AsyncDisposableStack()
  parts.defer(remove)
  const ca = await createAuthority('Mailgrant interop CA')
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, ca.ca)
  const certificate = await ca.issue(['localhost', 'outlook.office365.com', 'smtp.office365.com'])

  const oidc = await startOidcServer(redirectUris)
  parts.defer(oidc.stop)
  const folders = { dovecot: join(folder, 'dovecot'), postfix: join(folder, 'postfix') }
  await Promise.all(Object.values(folders).map((each) => mkdir(each)))
  const { introspectionUrl } = oidc
  const dovecot = await startDovecot({ folder: folders.dovecot, certificate, introspectionUrl })
  parts.defer(dovecot.stop)
  const { saslSocket } = dovecot
  const postfix = await startPostfix({ folder: folders.postfix, certificate, saslSocket })
  parts.defer(postfix.stop)

  const at = (protocol: MailProtocol, port: number, security: Security): Server => ({
    protocol,
    host: 'localhost',
    port,
    security,
  })
  const servers = {
    imapTls: at('imap', dovecot.imapTls, 'tls'),
    imapStarttls: at('imap', dovecot.imapStarttls, 'starttls'),
    smtpStarttls: at('smtp', postfix.submission, 'starttls'),
  }
  const extraMailHosts = Object.values(servers)
    .map(({ protocol, host, port, security }) => [protocol, host, port, security].join(':'))
    .join(',')
  const started = parts.move()
  const stop = () => started.disposeAsync()
  return { oidc, dovecot, postfix, servers, extraMailHosts, caFile, stop }
}
