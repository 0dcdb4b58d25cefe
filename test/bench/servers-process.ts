/**
 * A separate process for the servers on the other side, so that their work is not measured: Dovecot,
 * Postfix and oidc-provider where they are installed, otherwise the sandbox. Arguments: the origin of the
 * Worker, and `sandbox` to force the sandbox.
 */
import { startMailWorld } from '../interop/mail-world.ts'
import { olga } from '../interop/people.ts'
import { requireMailServers } from '../interop/requirements.ts'
import { signIn } from '../interop/sign-in.ts'
import { obtainCode, redeem } from '../sandbox/entra/test-client.ts'
import { alice, secrets } from '../sandbox/personas.ts'
import { startWorld } from '../sandbox/world.ts'
import type { Servers } from './servers.ts'

const [publicUrl = '', mode] = process.argv.slice(2)

type Started = { servers: Servers; stop: () => Promise<void> }

async function startMailServers(): Promise<Started> {
  const callback = `${publicUrl}/oauth/microsoft/callback`
  const { oidc, servers, extraMailHosts, caFile, stop } = await startMailWorld([callback])
  return {
    stop,
    servers: {
      sandboxReason: null,
      entra: oidc.origin,
      app: { client_id: oidc.app.id, client_secret: oidc.app.secret, tenant: oidc.tenant },
      forms: [{ username: olga.username }, {}],
      username: olga.username,
      accessToken: await signIn(oidc, olga),
      imap: servers.imapTls,
      smtp: servers.smtpStarttls,
      extraMailHosts,
      caFile,
    },
  }
}

async function startSandbox(sandboxReason: string): Promise<Started> {
  const world = await startWorld({ publicUrl })
  const redirect = { redirect_uri: `${publicUrl}/oauth/microsoft/callback` }
  const code = await obtainCode(world.entra, alice.username, redirect)
  const tokens = await redeem(world.entra, code, redirect)
  const server = (protocol: 'imap' | 'smtp', port: number, security: 'tls' | 'starttls') => ({
    protocol,
    host: 'localhost',
    port,
    security,
  })
  return {
    stop: world.stop,
    servers: {
      sandboxReason,
      entra: world.entraUrl,
      app: { client_id: world.app.clientId, client_secret: secrets.current, tenant: 'common' },
      forms: [{ account: alice.username }, { decision: 'accept' }],
      username: alice.username,
      accessToken: String(tokens.body.access_token),
      imap: server('imap', world.ports.imapTls, 'tls'),
      smtp: server('smtp', world.ports.smtpStarttls, 'starttls'),
      extraMailHosts: world.extraMailHosts,
      caFile: world.caFile,
    },
  }
}

function findSandboxReason(): string | null {
  if (mode === 'sandbox') return 'It was requested.'
  try {
    requireMailServers()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

// Silences oidc-provider's warning about its in-memory store, which is intended.
console.warn = () => {}

const reason = findSandboxReason()
const { servers, stop } = await (reason === null ? startMailServers() : startSandbox(reason))
process.once('disconnect', async () => {
  await stop()
  process.exit(0)
})
process.send?.(servers)
