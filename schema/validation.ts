/** Validations: a real login, step by step. */
import { z } from 'zod'
import { MailAccountId, Time, ValidationId } from './common.ts'
import { Diagnosis } from './diagnosis.ts'
import { mailAccountFields } from './mail-account.ts'
import { Protocol, Security } from './mail-servers.ts'
import { Outcome, Step } from './probe.ts'

export const ValidationInput = z
  .strictObject({ ...mailAccountFields, mail_account_id: MailAccountId.optional() })
  .meta({ id: 'ValidationInput', description: 'The fields of a mail account, not yet saved.' })
export type ValidationInput = z.infer<typeof ValidationInput>

export const Validation = z
  .object({
    id: ValidationId,
    outcome: Outcome,
    protocol: Protocol,
    host: z.string(),
    port: z.int(),
    security: Security,
    mechanism: z.string().nullable().meta({ example: 'XOAUTH2' }),
    identity: z.string().meta({ description: 'Who logged in: the `user=` of XOAUTH2.' }),
    steps: z.array(Step),
    warnings: z.array(z.string()),
    diagnosis: Diagnosis.nullable(),
    duration_ms: z.int(),
    checked_at: Time,
  })
  .meta({ id: 'Validation' })
export type Validation = z.infer<typeof Validation>
