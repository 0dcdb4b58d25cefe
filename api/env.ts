/** The only reader of bindings and variables. Errors name a setting but never show its value. */
import { z } from 'zod'
import type { SignInMethods } from '../schema/console-session.ts'
import { isGuid } from '../schema/integration.ts'
import {
  CountSetting,
  ExtraServersSetting,
  FlagSetting,
  KeyRingSetting,
} from '../schema/settings.ts'
import { hashSecret } from './hash.ts'
import { urlsAt } from './paths.ts'

/** Parses a URL, or returns null for one that no request can be sent to. */
function parseHttpUrl(text: string): URL | null {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || /[?#]/.test(text)) return null
  return url.username === '' && url.password === '' ? url : null
}

/** Returns the schema of a setting, for which `parse` returns null if it is not valid. `message`: what it must be. */
const readBy = (parse: (text: string) => string | null, message: string) =>
  z.string().transform((text, context) => {
    const value = parse(text)
    if (value !== null) return value
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

/** The items of a list that is separated by commas or spaces. */
export const list = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))

/** Parses a list. The error gives the position of a wrong item instead of repeating it. */
export const listOf = (parseItem: (text: string) => string | null, what: string) =>
  list.transform((texts, context) =>
    texts.map((item, index) => {
      const value = parseItem(item)
      if (value !== null) return value
      context.addIssue({ code: 'custom', message: `item ${index + 1} is not ${what}` })
      return z.NEVER
    }),
  )

const origin = readBy((text) => {
  const url = parseHttpUrl(text)
  return url?.pathname === '/' ? url.origin : null
}, 'must be an origin such as https://mail.example.com, without path, query or credentials')

const LOCAL_ORIGIN = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

const publicOrigin = origin.refine(
  (text) => text.startsWith('https:') || LOCAL_ORIGIN.test(text),
  'must start with https://: only on localhost do browsers keep the sign-in cookie over http, and only there does Microsoft accept such a redirect URI',
)

/** Receives access tokens of Graph in its place, so it must be on this machine. */
const loopbackOrigin = origin.refine(
  (text) => LOCAL_ORIGIN.test(text),
  'must be on loopback, such as http://127.0.0.1:8791: it is for tests only',
)

const checkerUrl = readBy(
  (text) => parseHttpUrl(text)?.href.replace(/\/+$/, '') ?? null,
  'must be the http:// or https:// URL of the checker, such as https://checker.example.com, without query or credentials',
)

/** The endpoint of a language model, to which texts of callers go. */
const chatUrl = readBy((text) => {
  const url = parseHttpUrl(text)
  const isSafe = url?.protocol === 'https:' || LOCAL_ORIGIN.test(url?.origin ?? '')
  return url && isSafe && url.pathname.endsWith('/chat/completions') ? url.href : null
}, 'must be the https:// URL of chat completions, such as https://models.example.com/v1/chat/completions, without query or credentials (http:// only on localhost)')

/** Object IDs of the people who are administrators of the console regardless of their roles in Entra. */
const objectIds = listOf(
  (item) => (isGuid(item) ? item.toLowerCase() : null),
  'an object ID, a GUID that Entra shows for each user',
)

const binding = <Type>() =>
  z.custom<Type>((value) => typeof value === 'object' && value !== null, 'is not bound')

/** Hours between the scheduled validations of an account; null while they are off. */
const validationPeriod = z
  .string()
  .regex(/^(?:off|[1-9]\d{0,4})$/, 'must be a whole number of hours, or off')
  .default('24')
  .transform((text) => (text === 'off' ? null : Number(text)))

const headerValue = z
  .string()
  .regex(
    /^[\x21-\x7e]*$/,
    'must have printable ASCII characters only, without spaces or line breaks',
  )

const rootKey = headerValue.min(32, 'must have at least 32 characters')

/** Part of everything that gives access. A text, so that it can be the date of its last change. */
const accessEpoch = z
  .string()
  .regex(/^[\w.-]{1,32}$/, 'must have 1 to 32 letters, digits, dots, hyphens or underscores')

/** The product name on the hosted pages, so that people see a name that they know. */
const brandName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(40, 'must have at most 40 characters')
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must have printable characters only')

const modelName = z
  .string()
  .regex(/^[\x21-\x7e]{1,100}$/, 'must have 1 to 100 printable ASCII characters without spaces')

/** The logo, in a form without credentials: browsers load it from the hosted pages. */
const logoUrl = readBy((text) => {
  const url = URL.parse(text)
  const isSafe = url?.protocol === 'https:' || LOCAL_ORIGIN.test(url?.origin ?? '')
  return url && isSafe && url.username === '' && url.password === '' ? url.href : null
}, 'must be the https:// URL of an image, such as https://www.example.com/logo.svg, without credentials (http:// only on localhost)')

/** The variables of both runtimes. Your own server may lack some that the Worker must have. */
export const Variables = z.object({
  PUBLIC_URL: publicOrigin,
  ENCRYPTION_KEYS: KeyRingSetting.optional(),
  ROOT_API_KEY: rootKey.optional(),
  CHECKER_URL: checkerUrl.optional(),
  CHECKER_KEY: KeyRingSetting.optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(origin)),
  ENTRA_AUTHORITY: origin.optional(),
  GRAPH_ROOT: loopbackOrigin.optional(),
  EXTRA_OAUTH_MAIL_HOSTS: ExtraServersSetting,
  ALLOW_PRIVATE_HOSTS: FlagSetting,
  ALLOW_LOOPBACK_WEBHOOKS: FlagSetting,
  EVENT_RETENTION_DAYS: CountSetting.default(400),
  VALIDATE_EVERY_HOURS: validationPeriod,
  BRAND_NAME: brandName.optional(),
  BRAND_LOGO_URL: logoUrl.optional(),
  CONSOLE_ADMINS: objectIds,
  CONSOLE_KEYS: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  ACCESS_EPOCH: accessEpoch.default('1'),
  DIAGNOSIS_MODEL_URL: chatUrl.optional(),
  DIAGNOSIS_MODEL_KEY: headerValue.optional(),
  DIAGNOSIS_MODEL_NAME: modelName.optional(),
})

const Bindings = z.object({
  DB: binding<D1Database>(),
  ASSETS: binding<Fetcher>(),
  RATE_FAILED_AUTHENTICATION: binding<RateLimit>().optional(),
  RATE_AUTHORIZATIONS: binding<RateLimit>().optional(),
  RATE_VALIDATIONS: binding<RateLimit>().optional(),
  ...Variables.shape,
  ENCRYPTION_KEYS: KeyRingSetting,
  ROOT_API_KEY: rootKey,
  CHECKER_URL: checkerUrl,
  CHECKER_KEY: KeyRingSetting,
})

/** Refuses settings that are incomplete or contradict each other. */
export function checkTogether(env: z.infer<typeof Variables>, context: z.RefinementCtx): void {
  const refuse = (name: keyof typeof env, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message })

  if (env.CHECKER_URL === env.PUBLIC_URL)
    refuse('CHECKER_URL', 'must be the URL of the checker, not PUBLIC_URL')
  if (env.BRAND_LOGO_URL !== undefined) {
    if (env.BRAND_NAME === undefined)
      refuse('BRAND_LOGO_URL', 'is set without BRAND_NAME: set the name of the product too')
    // The logo's server sees who signs in.
    const allowed = [env.PUBLIC_URL, ...env.ALLOWED_ORIGINS]
    if (!allowed.includes(new URL(env.BRAND_LOGO_URL).origin))
      refuse(
        'BRAND_LOGO_URL',
        'must have the origin of PUBLIC_URL or one of those in ALLOWED_ORIGINS',
      )
  }
  // An incomplete second reader would be off without a warning.
  const required = ['DIAGNOSIS_MODEL_URL', 'DIAGNOSIS_MODEL_NAME'] as const
  const used = [...required, 'DIAGNOSIS_MODEL_KEY' as const].filter((name) => env[name])
  for (const name of required) {
    if (used.length > 0 && !used.includes(name))
      refuse(name, `is missing: ${used.join(' and ')} would have no effect`)
  }
}

export type Settings = ReturnType<typeof toSettings> & {
  encryptionKeys: z.infer<typeof KeyRingSetting>
  /** SHA-256 of ROOT_API_KEY in base64url. */
  rootKeyHash: string
}

/** Counters per minute: failures by client address, the others by API key. */
export type RateName = 'failed_authentication' | 'authorizations' | 'validations'

export class BadEnvironment extends Error {}

/** Parses the bindings of the Worker. Throws BadEnvironment with one line per invalid setting. */
export function readBindings(bindings: unknown) {
  const env = parseOrThrow(Bindings.superRefine(checkTogether), bindings)
  return {
    db: env.DB,
    assets: env.ASSETS,
    /** Counters. An unbound one does not limit. */
    rates: {
      failed_authentication: env.RATE_FAILED_AUTHENTICATION,
      authorizations: env.RATE_AUTHORIZATIONS,
      validations: env.RATE_VALIDATIONS,
    } satisfies Record<RateName, RateLimit | undefined>,
    settings: {
      ...toSettings(env),
      encryptionKeys: env.ENCRYPTION_KEYS,
      rootKeyHash: hashSecret(env.ROOT_API_KEY),
    },
  }
}

/** Parses settings. Throws BadEnvironment with one line per invalid setting. */
export function parseOrThrow<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new BadEnvironment(`These settings are missing or invalid:\n${lines.join('\n')}`)
}

/** Hosts as `URL.hostname` writes them. */
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/** Returns the settings without the keys, which may come from elsewhere. */
export const toSettings = (env: z.infer<typeof Variables>) => ({
  publicUrl: env.PUBLIC_URL,
  urls: urlsAt(env.PUBLIC_URL),
  /** The place of the root key that the console shows on its sign-in page. */
  rootKeyPlace: 'setting' as SignInMethods['root_key'],
  /** Null: the checker runs in this process. */
  checkerUrl: env.CHECKER_URL ?? null,
  checkerKeys: env.CHECKER_KEY ?? null,
  /** Exact origins, including that of PUBLIC_URL. */
  allowedOrigins: [env.PUBLIC_URL, ...env.ALLOWED_ORIGINS],
  entraAuthority: env.ENTRA_AUTHORITY,
  /** Origin of the simulated Graph; null for Microsoft's. */
  graphRoot: env.GRAPH_ROOT ?? null,
  extraMailServers: env.EXTRA_OAUTH_MAIL_HOSTS,
  allowPrivateHosts: env.ALLOW_PRIVATE_HOSTS,
  /**
   * Hosts that webhooks may reach on a private network, without TLS and on any port; as `URL.hostname` writes
   * them, without a trailing dot.
   */
  webhookPrivateHosts: env.ALLOW_LOOPBACK_WEBHOOKS ? LOOPBACK_HOSTS : [],
  eventRetentionDays: env.EVENT_RETENTION_DAYS,
  /** Null: saved accounts are validated on request only. */
  validateEveryHours: env.VALIDATE_EVERY_HOURS,
  /** Null: the hosted pages show Mailgrant's own name. */
  brand: env.BRAND_NAME ? { name: env.BRAND_NAME, logoUrl: env.BRAND_LOGO_URL ?? null } : null,
  /** Object ids, in lower case, of people in the home tenant who are administrators of the console. */
  consoleAdmins: env.CONSOLE_ADMINS,
  /** The API keys that open the console. */
  consoleKeys: env.CONSOLE_KEYS === 'off' ? ('root' as const) : ('all' as const),
  /** API keys, sessions and links of other epochs are not accepted. */
  accessEpoch: env.ACCESS_EPOCH,
  /** A language model and its endpoint. Null: no text leaves for one. */
  diagnosisModel:
    env.DIAGNOSIS_MODEL_URL && env.DIAGNOSIS_MODEL_NAME
      ? {
          url: env.DIAGNOSIS_MODEL_URL,
          key: env.DIAGNOSIS_MODEL_KEY ?? null,
          name: env.DIAGNOSIS_MODEL_NAME,
        }
      : null,
})
