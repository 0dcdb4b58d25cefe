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

const Settings = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(65535, '8788'),
  DRAIN_SECONDS: wholeNumber(3600, '5'),
  CHECKER_KEY: z
    .string('is missing: set it to kid:base64 (32 random bytes), the same value as in the Worker')
    .pipe(KeyRingSetting),
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

export type Settings = z.infer<typeof Settings>

export function readSettings(
  environment: Record<string, string | undefined> = process.env,
): { ok: true; settings: Settings } | { ok: false; problems: string[] } {
  const parsed = Settings.safeParse(environment)
  if (parsed.success) return { ok: true, settings: parsed.data }
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.')} ${issue.message.replace(/^Invalid input: /, '')}`,
  )
  return { ok: false, problems }
}
