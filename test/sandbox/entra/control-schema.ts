/**
 * The body of `POST /sandbox/control`, which changes token lifetimes and injects faults during a test or
 * demo. Every field is optional; all are applied together. GET and POST return `ControlState`.
 *
 *   {"token_lifetime": 60}                                    the next access tokens live 60 s
 *   {"token_lifetime": null}                                  back to 60 to 90 minutes
 *   {"faults": [{"kind": "outage", "times": 3}]}              the next 3 token calls return 503
 *   {"faults": [{"kind": "rate_limit", "retry_after": 7}]}    the next one 429 with Retry-After: 7
 *   {"clear_faults": true}
 *   {"revoke": "alice@contoso.test"}                          revokes her refresh tokens (AADSTS50173)
 *   {"tenant_consent": {"tenant": "contoso.test", "granted": true, "resource": "graph"}}   Outlook by default
 *   {"app_consent": {"tenant": "contoso.test", "granted": false, "resource": "graph"}}
 *   {"withdraw_consent": {"username": "alice@contoso.test", "resource": "graph"}}
 *   {"exchange": {"tenant": "contoso.test", "registered": false}}   removes the app from Exchange
 *   {"exchange": {"tenant": "contoso.test", "mailbox": "bob@contoso.test", "granted": true}}
 *   {"exchange": {"tenant": "contoso.test", "mailbox": "bob@contoso.test", "role": "Application Mail.Send"}}
 *   {"exchange": {"tenant": "contoso.test", "policy": ["alice@contoso.test"]}}   the app sends from no others; null ends it
 *   {"mail_fault": {"username": "alice@contoso.test", "kind": "dropped"}}   her logins fail; null ends it
 *   {"graph_fault": {"mailbox": "alice@contoso.test", "kind": "ApplicationThrottled"}}   so do calls of Graph
 *   {"roles": {"username": "admin@contoso.test", "assigned": []}}   takes her app roles away
 *   {"upload_certificate": "-----BEGIN CERTIFICATE-----..."}  adds it to the app registration
 *   {"former_product": {"username": "grace@outlook.test"}}    issues a refresh token as another product holds it
 *   {"add_federated_credential": {"issuer": "https://...", "subject": "...", "audience": "..."}}
 *   {"remove_federated_credentials": true}                   the app trusts no other issuer any more
 *   {"reset_counts": true}                                    returns the counts, then sets them to 0
 */
import { z } from 'zod'
import { MAIL_FAULTS, SENDING_ROLES } from '../exchange.ts'
import { GRAPH_FAULTS } from '../graph/errors.ts'

export const GrantType = z.enum(['authorization_code', 'refresh_token', 'client_credentials'])
export type GrantType = z.infer<typeof GrantType>

const ResourceName = z.enum(['outlook', 'graph'])

export const Fault = z.strictObject({
  kind: z.enum([
    /** 503 with a JSON body (AADSTS90033); consumes nothing. */
    'outage',
    /** 200 with an HTML page, like a captive portal or a broken proxy; consumes nothing. */
    'html',
    /** 429 with `Retry-After` and a plain-text body, as Entra throttles; consumes nothing. */
    'rate_limit',
    /** 400 `invalid_grant` with AADSTS50196, the other way in which Entra throttles; consumes nothing. */
    'loop_detected',
    /** 500 without a body; consumes nothing. */
    'server_error',
    /** The real response cut in half; the code is redeemed and the refresh token rotated. */
    'truncated',
    /** The real response after `delay_ms`. */
    'slow',
    /** A successful response without `refresh_token`. */
    'no_refresh_token',
    /** A successful response without `id_token`. */
    'no_id_token',
    /** A successful response for only `scopes` (permission names), by default SMTP.Send. */
    'fewer_scopes',
    /** Tokens of `account` instead of the person who signed in. */
    'other_account',
    /** An id_token whose claims are overwritten with `claims`; null removes a claim. */
    'id_token_claims',
  ]),
  /** Number of calls it affects. */
  times: z.int().min(1).max(1_000_000).default(1),
  /** Grant type of the affected calls; any by default. */
  grant_type: GrantType.optional(),
  /** Resource of the affected calls; any by default. */
  resource: ResourceName.optional(),
  /** Seconds, for `rate_limit` (default 60) and, if set, `outage`. */
  retry_after: z.int().min(0).optional(),
  /** Milliseconds, for `slow`. */
  delay_ms: z.int().min(0).max(600_000).default(30_000),
  account: z.string().default('bob@contoso.test'),
  scopes: z.array(z.string()).default(['SMTP.Send']),
  claims: z.record(z.string(), z.unknown()).default({}),
})
export type Fault = z.infer<typeof Fault>
/** A fault as callers write it. Only `kind` is required. */
export type FaultInput = z.input<typeof Fault>

export const FormerProduct = z.strictObject({
  username: z.string(),
  /** Permission names that the person consented to; those for IMAP and SMTP by default. */
  permissions: z.array(z.string()).optional(),
  /** The app registration of the other product, if it is another one. */
  client_id: z.string().optional(),
})
export type FormerProduct = z.infer<typeof FormerProduct>

const Consent = z.strictObject({
  tenant: z.string(),
  granted: z.boolean(),
  resource: ResourceName.optional(),
})

export const ControlRequest = z.strictObject({
  /** Lifetime in seconds of access tokens issued from now on; null restores the default. */
  token_lifetime: z.int().min(0).max(86_400).nullable().optional(),
  faults: z.array(Fault).max(100).optional(),
  clear_faults: z.literal(true).optional(),
  /** Username whose refresh tokens are revoked. Access tokens stay valid until they expire. */
  revoke: z.string().optional(),
  tenant_consent: Consent.optional(),
  /** Consent to the application permissions. */
  app_consent: Consent.optional(),
  /** A person removes the app's permissions, under "My Apps". */
  withdraw_consent: z.strictObject({ username: z.string(), resource: ResourceName }).optional(),
  /** Service principal in Exchange Online and its mailbox permissions. */
  exchange: z
    .strictObject({
      tenant: z.string(),
      registered: z.boolean().optional(),
      mailbox: z.string().optional(),
      /** Defaults to true. */
      granted: z.boolean().optional(),
      /** Role for sending with the mailbox in its scope, in place of Full Access. */
      role: z.enum(SENDING_ROLES).optional(),
      /** Mailboxes of an application access policy; null removes it. */
      policy: z.array(z.string()).nullable().optional(),
    })
    .optional(),
  /** Fault with which the mail servers fail the logins of a user name; null ends it. */
  mail_fault: z
    .strictObject({ username: z.string(), kind: z.enum(MAIL_FAULTS).nullable() })
    .optional(),
  /** Failure of all calls of Graph for a mailbox; null ends it. */
  graph_fault: z
    .strictObject({ mailbox: z.string(), kind: z.enum(GRAPH_FAULTS).nullable() })
    .optional(),
  /** App roles of a person, in place of those of the cast. */
  roles: z.strictObject({ username: z.string(), assigned: z.array(z.string()) }).optional(),
  /** PEM certificate, as an admin uploads it under "Certificates & secrets". */
  upload_certificate: z.string().optional(),
  /** A person has signed in to another product with this app registration; returns its `refresh_token`. */
  former_product: FormerProduct.optional(),
  /** Federated credential, as an admin adds it under "Certificates & secrets". */
  add_federated_credential: z
    .strictObject({ issuer: z.string(), subject: z.string(), audience: z.string() })
    .optional(),
  remove_federated_credentials: z.literal(true).optional(),
  reset_counts: z.literal(true).optional(),
})
export type ControlRequest = z.infer<typeof ControlRequest>

/** Numbers of calls since the start or the last reset, including refused and faulty ones. */
export type Counts = {
  authorize: number
  admin_consent: number
  keys: number
  metadata: number
  token: Record<GrantType | 'other', number>
}

export type ControlState = {
  token_lifetime: number | null
  /** Pending faults; `times` is the remaining number. */
  faults: Fault[]
  counts: Counts
  /** Refresh token of `former_product`. */
  refresh_token?: string
}
