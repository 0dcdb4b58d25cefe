/**
 * Request and response between the API and the checker. Both bodies are compact JWEs (`dir`, A256GCM)
 * under the shared CHECKER_KEY ring, so that they stay confidential and authentic even through a proxy
 * that terminates TLS. Request header: `kid`, `iat` and `exp` (seconds, 30 s apart), `jti`, `sub` (optional:
 * id of the API key for which the login is made, so that one key cannot take all places), `typ: "probe+jwe"`. Response header: the same `kid` and `jti`, `typ: "report+jwe"`. A response with
 * another `jti` is rejected. A readiness check is sealed in the same way, with other types.
 */
import { z } from 'zod'
import { count, hasNoControls, NO_CONTROLS, object } from './common.ts'
import { SECOND_MS } from './durations.ts'
import { Cloud, MailProtocol, Security } from './mail-servers.ts'
import { PlainAddress } from './plain-address.ts'

export const PROBE_PATH = '/probe'
export const PROBE_TYP = 'probe+jwe'
export const REPORT_TYP = 'report+jwe'
/** GET asks whether the process accepts work. POST, which is sealed, also asks whether key and clock are right. */
export const READINESS_PATH = '/readyz'
export const READINESS_TYP = 'readiness+jwe'
/** The response to a sealed POST: an empty object, since only the holder of the key can seal one. */
export const READY_TYP = 'ready+jwe'
/** Lifetime of a sealed request, seconds. */
export const PROBE_LIFETIME_S = 30
/** Shared time budget of all steps from DNS to the last one, milliseconds. */
export const PROBE_DEADLINE_MS = 15 * SECOND_MS

/**
 * Milliseconds that the API waits for a report: longer than the time of a probe and the wait for a place,
 * shorter than the 20 s promised to callers.
 */
export const PROBE_TIMEOUT_MS = PROBE_DEADLINE_MS + 3 * SECOND_MS

/** Text that goes into a SASL message. */
const SaslText = z.string().refine(hasNoControls, NO_CONTROLS)

export const ProbeRequest = z
  .strictObject({
    protocol: MailProtocol,
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65535),
    security: Security,
    /** The XOAUTH2 `user=`, or the login name of a password account. */
    identity: SaslText.min(1).max(320),
    credential: z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('oauth'),
        access_token: SaslText.min(1).max(16_384),
        /** The cloud that issued the token, which decides the servers that may receive it. */
        cloud: Cloud,
      }),
      z.strictObject({ type: z.literal('password'), password: SaslText.min(1).max(1024) }),
    ]),
    /** A message to send after the login, over SMTP: a test message, whose text is fixed, or an alert. */
    message: z
      .strictObject({
        from: PlainAddress,
        to: PlainAddress,
        /** Makes the Message-ID, so that copies of one message can be recognised. Default: a random one. */
        id: z
          .string()
          .regex(/^[a-z0-9]{16,64}$/)
          .optional(),
        /** Subject, and text with LF at the end of lines, of a message about mailboxes that need attention. */
        alert: z
          .strictObject({
            subject: z.string().min(1).max(200).refine(hasNoControls, NO_CONTROLS),
            text: z.string().min(1).max(20_000),
          })
          .optional(),
      })
      .optional(),
  })
  .refine(({ protocol, message }) => protocol === 'smtp' || !message, {
    path: ['message'],
    message: 'is for SMTP only',
  })
export type ProbeRequest = z.infer<typeof ProbeRequest>

export const StepName = z
  .enum(['dns', 'connect', 'tls', 'greeting', 'authenticate', 'mailbox', 'permission', 'send'])
  .meta({
    id: 'ValidationStepName',
    'x-extensible': true,
    description:
      'Name of the step. `mailbox`: IMAP opens INBOX read-only. `permission`: Microsoft Graph says whether it would send. `send`: a test message is sent; validations do not have this step.',
  })
export type StepName = z.infer<typeof StepName>

/** The steps of a login, in order. */
export const LOGIN_STEPS: readonly StepName[] = [
  'dns',
  'connect',
  'tls',
  'greeting',
  'authenticate',
  'mailbox',
]
/** The steps of a login that sends a message. No other report has `send`, which an older API does not know. */
export const SENDING_STEPS: readonly StepName[] = [...LOGIN_STEPS, 'send']
/** The steps of a request to Microsoft Graph. For `fetch`, name, connection and TLS are one step. */
export const GRAPH_STEPS: readonly StepName[] = ['connect', 'authenticate', 'permission']

/** The test message, whose text is fixed. Lines end in LF. */
export const TEST_MESSAGE = {
  subject: 'Test message from Mailgrant',
  text: `This is a test message. It was sent from Mailgrant to check that email can
be sent from the address above. It has arrived, so sending works.

You do not have to do anything, and you can delete this message.
`,
}

export const Outcome = z.enum(['passed', 'failed', 'inconclusive']).meta({
  id: 'Outcome',
  description:
    '`inconclusive`: the server was unreachable, throttling or failing, which says nothing about the credential.',
})
export type Outcome = z.infer<typeof Outcome>

export const Step = object('ValidationStep', {
  name: StepName,
  outcome: z.enum(['passed', 'failed', 'inconclusive', 'skipped']).meta({
    description:
      'Result of the step; `skipped` after a step that did not pass, or if no login was tried.',
  }),
  duration_ms: count('Duration in milliseconds.', 24),
  detail: z.string().max(1000).nullable().meta({
    description: "What happened, to show to people; quotes the server's reply.",
  }),
})
export type Step = z.infer<typeof Step>

/** Facts about a probe that did not pass, for the diagnosis; people read `detail`. */
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
    /** The server cut or refused the line with the credential, because of its length. */
    'line_too_long',
    'rejected',
    'throttled',
    'unavailable',
    'not_connected',
  ]),
  /** Node's error code, if any: ENOTFOUND, ECONNREFUSED, DEPTH_ZERO_SELF_SIGNED_CERT... */
  code: z.string().max(100).nullable(),
  /** The server's reply, printable characters only. */
  reply: z.string().max(1000).nullable(),
  smtp_code: z.int().nullable(),
  /** Enhanced status code (RFC 3463), such as `5.7.139`. */
  smtp_enhanced: z.string().max(20).nullable(),
  imap_status: z.enum(['NO', 'BAD', 'BYE']).nullable(),
  imap_response_code: z.string().max(100).nullable(),
  /** The decoded XOAUTH2 error challenge, if the server sent one. */
  challenge: z.string().max(1000).nullable(),
  /** Issuer of the failed certificate, which distinguishes an intercepting proxy from a missing CA. */
  certificate_issuer: z.string().max(300).nullable(),
})
export type ProbeFailure = z.infer<typeof ProbeFailure>

export const ProbeReport = z.object({
  outcome: Outcome,
  /** The SASL mechanism used; null if no login was tried. */
  mechanism: z.string().max(40).nullable(),
  steps: z.array(Step).max(10),
  failure: ProbeFailure.nullable(),
  /**
   * Only for a request with a message. Null: it may have been sent, since the connection ended before the
   * server confirmed it.
   */
  sent: z.boolean().nullable().optional(),
  duration_ms: z.int().min(0),
})
export type ProbeReport = z.infer<typeof ProbeReport>

/** The reason for which there is no report. */
export type CheckerFailure = {
  /** `failed`: a bug, reported only by a checker in the same process. */
  kind: 'unreachable' | 'timeout' | 'busy' | 'refused' | 'malformed' | 'failed'
  /** HTTP status, if there was a response. */
  status: number | null
  /** Seconds, if the checker stated them. */
  retryAfter: number | null
}

export type ProbeResult = { ok: true; value: ProbeReport } | { ok: false; error: CheckerFailure }
