/**
 * The checker's settings. This is the only file that reads the environment. All problems are reported
 * together, one line each, without repeating a value that may be secret.
 */
import { z } from 'zod'
import {
  CountSetting,
  ExtraServersSetting,
  FlagSetting,
  KeyRingSetting,
} from '../schema/settings.ts'
import { QUEUE_LIMITS } from './queue.ts'

/** A whole number in a setting. Not z.coerce, which turns an empty string into 0. */
const wholeNumber = (max: number, byDefault: string) =>
  z
    .string()
    .regex(/^\d{1,5}$/, 'must be a number')
    .default(byDefault)
    .transform(Number)
    .pipe(z.int().max(max))

const AllSettings = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(65535, '8788'),
  DRAIN_SECONDS: wholeNumber(3600, '5'),
  CHECKER_KEY: z.string().pipe(KeyRingSetting).optional(),
  CHECKER_API_KEY: z
    .string()
    .min(32, 'is too short: set it to 32 random characters or more')
    .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces, since it is sent in a header')
    .optional(),
  /** Declares that a proxy in front of the checker terminates TLS. */
  BEHIND_TLS: FlagSetting,
  PROBES_AT_ONCE: CountSetting.default(QUEUE_LIMITS.running),
  PROBES_PER_HOST: CountSetting.default(QUEUE_LIMITS.perHost),
  EXTRA_OAUTH_MAIL_HOSTS: ExtraServersSetting,
  ALLOW_PRIVATE_HOSTS: FlagSetting,
  // Node's switch to disable certificate checks. With it, any machine on the path could read tokens.
  NODE_TLS_REJECT_UNAUTHORIZED: z
    .string()
    .optional()
    .refine((value) => value !== '0', 'is 0: the checker does not run without certificate checks'),
})

const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|::1)$/.test(host)

const Settings = AllSettings.superRefine(
  ({ CHECKER_KEY, CHECKER_API_KEY, HOST, BEHIND_TLS }, context) => {
    const complain = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (CHECKER_KEY === undefined && CHECKER_API_KEY === undefined) {
      complain(
        'CHECKER_KEY',
        'is missing: set it to kid:base64 (32 random bytes), the same value as in the Worker. A checker without Mailgrant needs CHECKER_API_KEY instead',
      )
    }
    if (CHECKER_API_KEY !== undefined && !isLoopback(HOST) && !BEHIND_TLS) {
      complain(
        'HOST',
        'is not loopback, and callers with CHECKER_API_KEY send access tokens and passwords, which anyone on the way could read without TLS. Listen on 127.0.0.1, or put a proxy with TLS in front and set BEHIND_TLS=true',
      )
    }
  },
)

export type Settings = z.infer<typeof Settings>

/** Settings of the command that checks one mailbox. */
const CommandSettings = AllSettings.pick({
  EXTRA_OAUTH_MAIL_HOSTS: true,
  ALLOW_PRIVATE_HOSTS: true,
  NODE_TLS_REJECT_UNAUTHORIZED: true,
})

export const readSettings = (environment: Environment = process.env) => read(Settings, environment)

export const readCommandSettings = (environment: Environment = process.env) =>
  read(CommandSettings, environment)

type Environment = Record<string, string | undefined>

function read<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment,
): { ok: true; settings: z.output<Schema> } | { ok: false; problems: string[] } {
  const parsed = schema.safeParse(environment)
  if (parsed.success) return { ok: true, settings: parsed.data }
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.')} ${issue.message.replace(/^Invalid input: /, '')}`,
  )
  return { ok: false, problems }
}
