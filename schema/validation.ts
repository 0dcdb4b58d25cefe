/** Validations: a real login, or a question to Microsoft Graph, step by step. */
import { z } from 'zod'
import {
  integer,
  MailAccountId,
  orNull,
  Time,
  text,
  textOrNull,
  time,
  ValidationId,
} from './common.ts'
import { Diagnosis } from './diagnosis.ts'
import { diagnosisExample, reportExample } from './diagnosis-example.ts'
import { mailAccountExample, mailAccountFields } from './mail-account.ts'
import { MailServer, Protocol } from './mail-servers.ts'
import { Outcome, Step } from './probe.ts'

export const ValidationInput = z
  .strictObject({
    ...mailAccountFields,
    mail_account_id: MailAccountId.optional().meta({
      description:
        'The saved email account that the form edits; its stored password is used if the form has none.',
    }),
  })
  .meta({
    id: 'ValidationInput',
    description: 'The fields of an email account, not yet saved.',
    example: {
      ...mailAccountExample,
      owner: { type: 'brand', id: 'brand_3' },
      protocol: 'smtp',
    },
  })
export type ValidationInput = z.infer<typeof ValidationInput>

const passed = (name: string, duration_ms: number) => ({
  name,
  outcome: 'passed',
  duration_ms,
  detail: null,
})

export const Validation = z
  .object({
    id: ValidationId,
    outcome: Outcome,
    protocol: Protocol,
    ...MailServer.shape,
    mechanism: textOrNull(
      'The SASL mechanism used, or `Bearer` for Microsoft Graph; null if no login was tried.',
    ),
    identity: text('The login name: the `user=` of XOAUTH2.'),
    steps: z.array(Step).meta({
      description:
        'All steps in order; steps that were not reached are `skipped`. IMAP and SMTP have six; Microsoft Graph has `connect`, `authenticate` and `permission`.',
    }),
    warnings: z.array(z.string()).meta({
      description: 'Sentences to show to people about things that work but may surprise them.',
    }),
    diagnosis: orNull(Diagnosis, 'Why the validation did not pass; null if it did.'),
    duration_ms: integer('Total duration in milliseconds.'),
    checked_at: time('When the login finished.'),
  })
  .meta({
    id: 'Validation',
    example: {
      id: ValidationId.meta()?.example,
      outcome: 'failed',
      protocol: 'smtp',
      host: 'smtp.office365.com',
      port: 587,
      security: 'starttls',
      mechanism: 'XOAUTH2',
      identity: 'alice@contoso.com',
      steps: [
        passed('dns', 12),
        passed('connect', 24),
        passed('greeting', 30),
        passed('tls', 61),
        {
          name: 'authenticate',
          outcome: 'failed',
          duration_ms: 410,
          detail: `The server rejected the login: ${reportExample.error}`,
        },
        { name: 'mailbox', outcome: 'skipped', duration_ms: 0, detail: null },
      ],
      warnings: [],
      diagnosis: diagnosisExample,
      duration_ms: 537,
      checked_at: Time.meta()?.example,
    },
  })
export type Validation = z.infer<typeof Validation>
