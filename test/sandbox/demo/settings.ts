/** Settings of the server and the checker in the demo, and their keys. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DemoPorts } from './ports.ts'

export type DemoKeys = { encryptionKeys: string; checkerKey: string; rootApiKey: string }

const newKeyRing = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`

/** Returns the key if it fits into a header and an env file unchanged. Throws a readable message. */
function validRootKey(key: string): string {
  if (/^[A-Za-z0-9!#$%&()*+,./:;<=>?@[\]^_{|}~-]{32,}$/.test(key)) return key
  throw new Error('ROOT_API_KEY must have at least 32 characters and no spaces or quotes.')
}

/**
 * Returns the keys for this run. With `keep` they are stored in a file beside the database, which can
 * only be decrypted with the same keys.
 */
export async function demoKeys(
  folder: string,
  keep: boolean,
  rootApiKey: string | undefined,
): Promise<DemoKeys> {
  const file = join(folder, 'keys.json')
  const stored = keep ? await readFile(file, 'utf8').catch(() => null) : null
  const keys: DemoKeys =
    stored === null
      ? {
          encryptionKeys: newKeyRing('demo-1'),
          checkerKey: newKeyRing('demo-1'),
          rootApiKey: `mg_root_${randomBytes(24).toString('base64url')}`,
        }
      : (JSON.parse(stored) as DemoKeys)
  if (rootApiKey !== undefined) keys.rootApiKey = validRootKey(rootApiKey)
  if (keep) {
    await mkdir(folder, { recursive: true })
    await writeFile(file, JSON.stringify(keys, null, 2), { mode: 0o600 })
  }
  return keys
}

/** The four mail servers as a value of EXTRA_OAUTH_MAIL_HOSTS. */
const mailHosts = (ports: DemoPorts): string =>
  [
    `imap:localhost:${ports.imapTls}:tls`,
    `imap:localhost:${ports.imapStarttls}:starttls`,
    `smtp:localhost:${ports.smtpStarttls}:starttls`,
    `smtp:localhost:${ports.smtpTls}:tls`,
  ].join(',')

/** Settings of the product on either runtime, apart from its checker. */
export const serverSettings = (
  ports: DemoPorts,
  keys: DemoKeys,
  allowedOrigins = '',
): Record<string, string> => ({
  PUBLIC_URL: `http://localhost:${ports.api}`,
  ENCRYPTION_KEYS: keys.encryptionKeys,
  ROOT_API_KEY: keys.rootApiKey,
  ALLOWED_ORIGINS: `http://127.0.0.1:${ports.thirdParty}${allowedOrigins && `,${allowedOrigins}`}`,
  ENTRA_AUTHORITY: `http://127.0.0.1:${ports.entra}`,
  GRAPH_ROOT: `http://127.0.0.1:${ports.graph}`,
  EXTRA_OAUTH_MAIL_HOSTS: mailHosts(ports),
  ALLOW_PRIVATE_HOSTS: 'true',
  ALLOW_LOOPBACK_WEBHOOKS: 'true',
})

/** Settings of a product whose checker is a process of its own. */
export const remoteChecker = (ports: DemoPorts, keys: DemoKeys): Record<string, string> => ({
  CHECKER_URL: `http://127.0.0.1:${ports.checker}`,
  CHECKER_KEY: keys.checkerKey,
})

/** Environment of a Node process that must reach the mail servers of the sandbox. */
export const mailClientSettings = (caFile: string): Record<string, string> => ({
  NODE_EXTRA_CA_CERTS: caFile,
  // `localhost` resolves to ::1 first on some systems, but the sandbox listens on 127.0.0.1.
  NODE_OPTIONS: '--dns-result-order=ipv4first',
})

export const checkerSettings = (
  ports: DemoPorts,
  keys: DemoKeys,
  caFile: string,
): Record<string, string> => ({
  HOST: '127.0.0.1',
  PORT: String(ports.checker),
  CHECKER_KEY: keys.checkerKey,
  DRAIN_SECONDS: '0',
  EXTRA_OAUTH_MAIL_HOSTS: mailHosts(ports),
  ALLOW_PRIVATE_HOSTS: 'true',
  ...mailClientSettings(caFile),
})

/** Formats an env file. Values are quoted and `$` is escaped, since wrangler expands variables. */
export const envFile = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}='${value.replaceAll('$', '\\$')}'\n`)
    .join('')
