/** Validations: a real login, step by step. */
import { z } from 'zod'
import { MailAccountId, orNull, Time, ValidationId } from './common.ts'
import { Diagnosis } from './diagnosis.ts'
import { diagnosisExample, reportExample } from './diagnosis-example.ts'
import { mailAccountExample, mailAccountFields } from './mail-account.ts'
import { MailServer, Protocol } from './mail-servers.ts'
import { Outcome, Step } from './probe.ts'

export const ValidationInput = z
  .strictObject({
    ...mailAccountFields,
    mail_account_id: MailAccountId.optional().meta({
      description: 'The saved account that the form is about; lends its stored password.',
    }),
  })
  .meta({
    id: 'ValidationInput',
    description: 'The fields of a mail account, not yet saved.',
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
    mechanism: z.string().nullable().meta({
      description: 'The SASL mechanism that was used; null when no login was tried.',
    }),
    identity: z.string().meta({ description: 'Who logged in: the `user=` of XOAUTH2.' }),
    steps: z.array(Step).meta({
      description: 'All six steps in order; those that were not reached are `skipped`.',
    }),
    warnings: z.array(z.string()).meta({
      description: 'Sentences for a person about what works but may surprise.',
    }),
    diagnosis: orNull(Diagnosis).meta({
      description: 'Why it did not pass; null when it did.',
    }),
    duration_ms: z.int().meta({ description: 'Milliseconds from the call to the answer.' }),
    checked_at: Time.meta({ description: 'When the login was over.' }),
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
