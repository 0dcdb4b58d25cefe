/**
 * The body of `POST /sandbox/control`, where a test or a demo bends time and breaks the weather.
 * Every field is optional and they are applied together. Both GET and POST answer `ControlState`.
 *
 *   {"token_lifetime": 60}                                    the next access tokens live 60 s
 *   {"token_lifetime": null}                                  back to 60 to 90 minutes
 *   {"faults": [{"kind": "outage", "times": 3}]}              the next 3 token calls answer 503
 *   {"faults": [{"kind": "rate_limit", "retry_after": 7}]}    the next one 429 with Retry-After: 7
 *   {"clear_faults": true}
 *   {"revoke": "alice@contoso.test"}                          her refresh tokens end (AADSTS50173)
 *   {"tenant_consent": {"tenant": "contoso.test", "granted": true}}
 *   {"app_consent": {"tenant": "contoso.test", "granted": false}}   the app's own token has no roles
 *   {"exchange": {"tenant": "contoso.test", "registered": false}}   Exchange forgets the app
 *   {"exchange": {"tenant": "contoso.test", "mailbox": "bob@contoso.test", "granted": true}}
 *   {"upload_certificate": "-----BEGIN CERTIFICATE-----..."}  the app registration knows it from now on
 *   {"reset_counts": true}                                    answers the counts, then sets them to 0
 */
import { z } from 'zod'

export const GrantType = z.enum(['authorization_code', 'refresh_token', 'client_credentials'])
export type GrantType = z.infer<typeof GrantType>

export const Fault = z.strictObject({
  kind: z.enum([
    /** 503 with an AADSTS90033 JSON body; nothing is consumed. */
    'outage',
    /** 200 with an HTML page, as a captive portal or a broken proxy answers; nothing is consumed. */
    'html',
    /** 429 with `Retry-After` and a plain-text body, as Entra throttles; nothing is consumed. */
    'rate_limit',
    /** 500 without a body; nothing is consumed. */
    'server_error',
    /** The real answer cut in half: the code is redeemed, the refresh token rotated. */
    'truncated',
    /** The real answer after `delay_ms`. */
    'slow',
    /** A good answer without `refresh_token`. */
    'no_refresh_token',
    /** A good answer for `scopes` (permission names) only; default: none but SMTP.Send. */
    'fewer_scopes',
    /** Tokens of `account` in place of the one who signed in. */
    'other_account',
    /** The id_token's claims are overwritten with `claims`; null removes one. */
    'id_token_claims',
  ]),
  /** How many calls it hits; one by default. */
  times: z.int().min(1).max(1_000_000).default(1),
  /** Only calls of this grant type; any by default. */
  grant_type: GrantType.optional(),
  /** Seconds, for `rate_limit` (default 60) and, where given, `outage`. */
  retry_after: z.int().min(0).optional(),
  /** Milliseconds, for `slow`; 30 s by default. */
  delay_ms: z.int().min(0).max(600_000).default(30_000),
  account: z.string().default('bob@contoso.test'),
  scopes: z.array(z.string()).default(['SMTP.Send']),
  claims: z.record(z.string(), z.unknown()).default({}),
})
export type Fault = z.infer<typeof Fault>
/** As a caller writes it: all but `kind` may be left out. */
export type FaultInput = z.input<typeof Fault>

export const ControlRequest = z.strictObject({
  /** Lifetime of access tokens from now on, seconds; null restores the default. */
  token_lifetime: z.int().min(0).max(86_400).nullable().optional(),
  faults: z.array(Fault).max(100).optional(),
  clear_faults: z.literal(true).optional(),
  /** Ends every refresh token of this account. Access tokens live on until they expire. */
  revoke: z.string().optional(),
  tenant_consent: z.strictObject({ tenant: z.string(), granted: z.boolean() }).optional(),
  /** To the application permissions, for access without a person. */
  app_consent: z.strictObject({ tenant: z.string(), granted: z.boolean() }).optional(),
  /** The service principal in Exchange Online, and what it was given. */
  exchange: z
    .strictObject({
      tenant: z.string(),
      registered: z.boolean().optional(),
      mailbox: z.string().optional(),
      /** True when left out. */
      granted: z.boolean().optional(),
    })
    .optional(),
  /** PEM, as an admin uploads it under "Certificates & secrets". */
  upload_certificate: z.string().optional(),
  reset_counts: z.literal(true).optional(),
})
export type ControlRequest = z.infer<typeof ControlRequest>

/** Calls since the start or the last reset. Refused and faulty ones count too. */
export type Counts = {
  authorize: number
  admin_consent: number
  keys: number
  metadata: number
  token: Record<GrantType | 'other', number>
}

export type ControlState = {
  token_lifetime: number | null
  /** Faults still to come, `times` being what is left. */
  faults: Fault[]
  counts: Counts
}
