/**
 * The settings of your own server. The only file in api/ that reads the environment of the process, and `.env` in
 * the working directory, which fills what the environment lacks.
 */
import { accessSync, constants } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../schema/durations.ts'
import { CountSetting } from '../../schema/settings.ts'
import {
  BadEnvironment,
  checkTogether,
  list,
  listOf,
  parseOrThrow,
  toSettings,
  Variables,
} from '../env.ts'
import { hashSecret } from '../hash.ts'
import { readTextFile } from './data-folder.ts'

export type Environment = Record<string, string | undefined>

const port = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, 'must be a port number')
  .transform(Number)
  .pipe(z.int().max(65_535, 'must be a port number'))

const INTERVAL = 'must be minutes or hours, such as 15m or 6h, and at most 24h'

/** Minutes or hours, as milliseconds. */
const interval = z
  .string()
  .regex(/^[1-9]\d{0,3}[mh]$/, INTERVAL)
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('h') ? HOUR_MS : MINUTE_MS))
  .refine((ms) => ms <= DAY_MS, INTERVAL)

const path = z.string().transform((text) => resolve(text))

function parseNetwork(text: string): string | null {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return null
  if (prefix === undefined) return text
  const isPrefix = /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)
  return isPrefix ? text : null
}

/** Returns a host as `URL.hostname` writes it, without a trailing dot, or null for what is more or less than a host. */
function parseHost(text: string): string | null {
  const host = isIP(text) === 6 ? `[${text}]` : text
  const url = URL.parse(`http://${host}`)
  const isHost = /^(?:[^\s/:@?#\\[\]]+|\[[\d.:a-f]+\])$/i.test(host)
  return url && isHost ? url.hostname.replace(/\.+$/, '') : null
}

const proxyUrl = z.string().refine((text) => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/') return false
  try {
    // undici decodes both and would throw.
    return decodeURIComponent(url.username + url.password) !== null
  } catch {
    return false
  }
}, 'must be the http:// or https:// URL of the proxy, such as http://proxy.example.com:3128')

const DEFAULT_PORT = 8787
const CA_CERTS = 'NODE_EXTRA_CA_CERTS'
const SECRETS = [
  'ENCRYPTION_KEYS',
  'ROOT_API_KEY',
  'CHECKER_KEY',
  'HTTPS_PROXY',
  'DIAGNOSIS_MODEL_KEY',
]

function isReadable(file: string | undefined): boolean {
  try {
    if (file !== undefined) accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** `PUBLIC_URL` gets its default before this, since it depends on PORT. */
const OwnServer = z
  .object({
    ...Variables.shape,
    HOST: z.string().default('127.0.0.1'),
    PORT: port.default(DEFAULT_PORT),
    DATA_DIR: path.prefault('.data'),
    TRUSTED_PROXIES: listOf(parseNetwork, 'an IP address or a range such as 10.0.0.0/8'),
    HTTPS_PROXY: proxyUrl.optional(),
    NO_PROXY: list,
    BACKUP_DIR: path.optional(),
    BACKUP_EVERY: interval.prefault('24h'),
    BACKUP_KEEP: CountSetting.default(7),
    PROBES_AT_ONCE: CountSetting.optional(),
    PROBES_PER_HOST: CountSetting.optional(),
    WEBHOOK_PRIVATE_HOSTS: listOf(parseHost, 'a host name or an IP address without a port'),
    // Node only prints a warning for a file that it cannot read, and goes on without it.
    [CA_CERTS]: z.string().optional().refine(isReadable, 'is a file that this user cannot read'),
    // Node's switch to disable certificate checks. With it, any machine on the path could read tokens.
    NODE_TLS_REJECT_UNAUTHORIZED: z
      .string()
      .optional()
      .refine((value) => value !== '0', 'is 0: Mailgrant does not run without certificate checks'),
  })
  .superRefine(checkTogether)
  .superRefine(({ CHECKER_URL, CHECKER_KEY }, context) => {
    if ((CHECKER_URL === undefined) === (CHECKER_KEY === undefined)) return
    const [set, missing] =
      CHECKER_URL === undefined ? ['CHECKER_KEY', 'CHECKER_URL'] : ['CHECKER_URL', 'CHECKER_KEY']
    const message = `is set without ${missing}: set both, or remove this to run the checker inside`
    context.addIssue({ code: 'custom', path: [set], message })
  })

export type NodeSettings = ReturnType<typeof readSettings>['node']

/** Settings that the Worker has, too. Keys that are null are in DATA_DIR. */
export type SharedSettings = ReturnType<typeof readSettings>['shared']

/**
 * Returns the environment of the process, with what `.env` adds. Empty variables count as absent. `warn`: gets a
 * sentence, instead of an error, about a `.env` that cannot be read where DATA_DIR is set without it.
 */
export function readEnvironment(warn?: (text: string) => void): Environment {
  const own = withoutEmpty(process.env)
  try {
    return withProxy({ ...withoutEmpty(readEnvFile()), ...own })
  } catch (error) {
    if (!(error instanceof BadEnvironment && warn && own.DATA_DIR)) throw error
    warn(`${error.message} Only the environment of this command counts.`)
    return withProxy(own)
  }
}

/** Adds the settings of the proxy from their lower-case names, the only ones that many programs know. */
const withProxy = ({ https_proxy: proxy, no_proxy: direct, ...others }: Environment) => ({
  ...(proxy !== undefined && { HTTPS_PROXY: proxy }),
  ...(direct !== undefined && { NO_PROXY: direct }),
  ...others,
})

function readEnvFile(): Environment {
  try {
    return parseEnv(readTextFile('.env'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    throw new BadEnvironment(`The file .env cannot be read (${code}).`)
  }
}

/** Returns the names in `.env` that are no settings, and the one that Node reads from the environment only. */
export const findUnknownSettings = (): string[] =>
  Object.keys(withProxy(readEnvFile()))
    .filter((name) => !(name in OwnServer.shape) || name === CA_CERTS)
    .sort()

/** Returns a line with the settings in effect, without those that are or may contain secrets. */
export function describeSettings(
  environment: Environment,
  { host, port, dataDir }: NodeSettings,
): string {
  const effective = { ...environment, HOST: host, PORT: String(port), DATA_DIR: dataDir }
  const settings = Object.keys(OwnServer.shape).flatMap((name) => {
    const value = (effective as Environment)[name]
    if (value === undefined) return []
    return SECRETS.includes(name) ? `${name} (set)` : `${name}=${value}`
  })
  return `Settings: ${settings.join('; ')}`
}

/** Compose files pass variables that are not set as empty strings. */
const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()))

/** Throws BadEnvironment with one line per invalid setting. */
export function readSettings(environment: Environment) {
  const { data: listening = DEFAULT_PORT } = port.safeParse(environment.PORT)
  const env = parseOrThrow(OwnServer, {
    PUBLIC_URL: `http://localhost:${listening}`,
    ...environment,
  })
  const settings = toSettings(env)
  return {
    node: {
      host: env.HOST,
      port: env.PORT,
      dataDir: env.DATA_DIR,
      trustedProxies: env.TRUSTED_PROXIES,
      httpsProxy: env.HTTPS_PROXY ?? null,
      noProxy: env.NO_PROXY,
      backupDir: env.BACKUP_DIR ?? null,
      copyRules: { everyMs: env.BACKUP_EVERY, keep: env.BACKUP_KEEP },
      probesAtOnce: env.PROBES_AT_ONCE,
      probesPerHost: env.PROBES_PER_HOST,
    },
    shared: {
      ...settings,
      webhookPrivateHosts: [...settings.webhookPrivateHosts, ...env.WEBHOOK_PRIVATE_HOSTS],
      encryptionKeys: env.ENCRYPTION_KEYS ?? null,
      rootKeyHash: env.ROOT_API_KEY === undefined ? null : hashSecret(env.ROOT_API_KEY),
    },
  }
}
