/** The response of `GET /sandbox/world`: what a journey must know about a running sandbox. */
import { secrets, tenants } from './personas.ts'
import type { WorldPorts } from './world.ts'

export type SandboxServer = { host: string; port: number; security: 'tls' | 'starttls' }

export type SandboxFacts = {
  client_id: string
  client_secret: string
  /** ID of that secret, which people paste by mistake instead of the value. */
  client_secret_id: string
  home_tenant: string
  mail: { imap: SandboxServer[]; smtp: SandboxServer[] }
  /** Origin of the simulated Microsoft Graph. */
  graph: string
  /** PEM of the CA that issued the certificates of the mail servers. */
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
    graph: `http://127.0.0.1:${ports.graph}`,
    ca,
  }
}
