/**
 * What the Worker asks of the checker and what it hears back. Both bodies travel as one compact JWE
 * (`dir`, A256GCM) under the shared CHECKER_KEY ring, so that they are confidential and authentic
 * even through a proxy that ends TLS. Header of the request: `kid`, `iat` and `exp` (seconds, 30 s
 * apart), `jti`, `typ: "probe+jwe"`. Header of the answer: the same `kid` and `jti`,
 * `typ: "report+jwe"`. An answer for another `jti` is not believed.
 */
import { z } from 'zod'
import { hasNoControls, NO_CONTROLS } from './common.ts'
import { Cloud, Protocol, Security } from './mail-servers.ts'

export const PROBE_PATH = '/probe'
export const PROBE_TYP = 'probe+jwe'
export const REPORT_TYP = 'report+jwe'
/** How long a sealed request may be used, seconds. */
export const PROBE_LIFETIME = 30
/** One budget for DNS, connect, TLS, greeting, login and mailbox, milliseconds. */
export const PROBE_DEADLINE = 15_000

/** What goes into a SASL message. */
const SaslText = z.string().refine(hasNoControls, NO_CONTROLS)

export const ProbeRequest = z.strictObject({
  protocol: Protocol,
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65535),
  security: Security,
  /** The XOAUTH2 `user=`, or the login name of a password account. */
  identity: SaslText.min(1).max(320),
  credential: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('oauth'),
      access_token: SaslText.min(1).max(16_384),
      /** The cloud that issued the token: it says which servers may be sent it. */
      cloud: Cloud,
    }),
    z.strictObject({ type: z.literal('password'), password: SaslText.min(1).max(1024) }),
  ]),
})
export type ProbeRequest = z.infer<typeof ProbeRequest>

export const StepName = z
  .enum(['dns', 'connect', 'tls', 'greeting', 'authenticate', 'mailbox'])
  .meta({ description: 'What was done. `mailbox`: IMAP opens INBOX read-only.' })
export type StepName = z.infer<typeof StepName>

export const Outcome = z.enum(['passed', 'failed', 'inconclusive']).meta({
  id: 'Outcome',
  description:
    '`inconclusive` when an unreachable, throttling or failing server says nothing about the credential.',
})
export type Outcome = z.infer<typeof Outcome>

export const Step = z
  .object({
    name: StepName,
    outcome: z.enum(['passed', 'failed', 'inconclusive', 'skipped']).meta({
      description:
        'How this step went; `skipped` after one that did not pass, or when nothing was tried.',
    }),
    duration_ms: z.int().min(0).meta({ description: 'Milliseconds.', example: 24 }),
    detail: z.string().max(1000).nullable().meta({
      description: 'One sentence for a person: what happened, with the words of the server.',
    }),
  })
  .meta({ id: 'ValidationStep' })
export type Step = z.infer<typeof Step>

/** Why a probe did not pass, as facts: the diagnosis weighs them, a person reads `detail`. */
export const ProbeFailure = z.object({
  step: StepName,
  kind: z.enum([
    'host_not_allowed',
    'private_address',
    'dns',
    'connect',
    'timeout',
    'tls',
    'starttls_refused',
    'starttls_injection',
    'protocol',
    'mechanism_missing',
    'rejected',
    'throttled',
    'unavailable',
    'not_connected',
  ]),
  /** Node's code where there is one: ENOTFOUND, ECONNREFUSED, DEPTH_ZERO_SELF_SIGNED_CERT... */
  code: z.string().max(100).nullable(),
  /** The server's own words, printable characters only. */
  reply: z.string().max(1000).nullable(),
  smtp_code: z.int().nullable(),
  /** RFC 3463, such as `5.7.139`. */
  smtp_enhanced: z.string().max(20).nullable(),
  imap_status: z.enum(['NO', 'BAD', 'BYE']).nullable(),
  imap_response_code: z.string().max(100).nullable(),
  /** The decoded error challenge of XOAUTH2, where the server sent one. */
  challenge: z.string().max(1000).nullable(),
  /** Issuer of the certificate that failed: it tells an intercepting proxy from a missing CA. */
  certificate_issuer: z.string().max(300).nullable(),
})
export type ProbeFailure = z.infer<typeof ProbeFailure>

export const ProbeReport = z.object({
  outcome: Outcome,
  /** The SASL mechanism that was really used; null when no login was tried. */
  mechanism: z.string().max(40).nullable(),
  steps: z.array(Step).max(10),
  failure: ProbeFailure.nullable(),
  duration_ms: z.int().min(0),
})
export type ProbeReport = z.infer<typeof ProbeReport>
