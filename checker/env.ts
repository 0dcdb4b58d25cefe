/**
 * The only reader of the environment. Every problem is reported at once, one readable line each,
 * and none repeats a value that may be secret.
 */
import { z } from 'zod'
import { ExtraServersSetting, FlagSetting, KeyRingSetting } from '../schema/settings.ts'

const Settings = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  // Not `coerce` alone: it takes an empty text for 0, any port that is free.
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a number')
    .default('8788')
    .transform(Number)
    .pipe(z.int().max(65535)),
  CHECKER_KEY: z
    .string('is missing: kid:base64 with 32 random bytes, the same as the Worker has')
    .pipe(KeyRingSetting),
  EXTRA_OAUTH_MAIL_HOSTS: ExtraServersSetting,
  ALLOW_PRIVATE_HOSTS: FlagSetting,
  // Node's own switch against certificate checks: with it, any machine on the path gets the tokens.
  NODE_TLS_REJECT_UNAUTHORIZED: z
    .string()
    .optional()
    .refine((value) => value !== '0', 'is 0: this service does not run with TLS checks turned off'),
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
