/** What a running sandbox says of itself at `GET /sandbox/world`: all that a journey must know. */
import { secrets, tenants } from './cast.ts'
import type { WorldPorts } from './world.ts'

export type SandboxServer = { host: string; port: number; security: 'tls' | 'starttls' }

export type SandboxFacts = {
  client_id: string
  client_secret: string
  /** The ID of that secret, which people paste in place of its value. */
  client_secret_id: string
  home_tenant: string
  mail: { imap: SandboxServer[]; smtp: SandboxServer[] }
  /** PEM of the authority that vouches for the mail servers. */
  ca: string
}

export function sandboxFacts(clientId: string, ports: WorldPorts, ca: string): SandboxFacts {
  const server = (port: number, security: 'tls' | 'starttls'): SandboxServer => ({
    host: 'localhost',
    port,
    security,
  })
  return {
    client_id: clientId,
    client_secret: secrets.current,
    client_secret_id: secrets.currentId,
    home_tenant: tenants.contoso.id,
    mail: {
      imap: [server(ports.imapTls, 'tls'), server(ports.imapStarttls, 'starttls')],
      smtp: [server(ports.smtpStarttls, 'starttls'), server(ports.smtpTls, 'tls')],
    },
    ca,
  }
}
