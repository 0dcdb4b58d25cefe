/** Authorizations: "Get Access Token", from the link to the grant. */
import { z } from 'zod'
import { Address, AuthorizationId, MailAccountId, Provider, Time } from './common.ts'
import { Diagnosis } from './diagnosis.ts'
import { Grant } from './grant.ts'
import { Protocol } from './mail-servers.ts'
import { StateProblem } from './problem.ts'

export const AuthorizationStatus = z
  .enum(['pending', 'completed', 'failed', 'expired'])
  .meta({ id: 'AuthorizationStatus' })
export type AuthorizationStatus = z.infer<typeof AuthorizationStatus>

export const AuthorizationInput = z
  .strictObject({
    provider: Provider,
    username: Address.optional().meta({
      description: 'The mailbox. Needed unless `mail_account_id` says it.',
    }),
    delegate: Address.optional().meta({
      description: 'Who signs in, when that is not the mailbox (a shared mailbox).',
    }),
    protocols: z
      .array(Protocol)
      .min(1)
      .max(2)
      .refine((list) => new Set(list).size === list.length, 'names a protocol twice')
      .optional()
      .meta({ description: 'Both by default. Ask for no more than the form needs.' }),
    origin: z.string().max(300).optional().meta({
      description: 'The page that opens the popup; it may poll `status_url`.',
      example: 'https://helpdesk.example.com',
    }),
    return_url: z.string().max(2000).optional(),
    mail_account_id: MailAccountId.optional(),
    apply: z.enum(['on_save', 'at_once']).default('on_save').meta({
      description: '`at_once` reconnects the grant of `mail_account_id` without a form.',
    }),
    expires_in: z.int().min(60).max(86_400).default(600).meta({
      description: 'Seconds until the link must have been opened.',
    }),
  })
  .meta({ id: 'AuthorizationInput' })
export type AuthorizationInput = z.infer<typeof AuthorizationInput>

export const AuthorizationCreated = z
  .object({
    id: AuthorizationId,
    status: z.literal('pending'),
    url: z.string().meta({ description: 'For the person who signs in. Holds its own secret.' }),
    status_url: z.string().meta({ description: 'For the page that waits. Holds its own secret.' }),
    expires_at: Time,
  })
  .meta({ id: 'AuthorizationCreated' })
export type AuthorizationCreated = z.infer<typeof AuthorizationCreated>

export const Authorization = z
  .object({
    id: AuthorizationId,
    status: AuthorizationStatus,
    username: z.string(),
    delegate: z.string().nullable(),
    protocols: z.array(Protocol),
    apply: z.enum(['on_save', 'at_once']),
    mail_account_id: MailAccountId.nullable(),
    created_at: Time,
    expires_at: Time,
    grant: Grant.optional(),
    problem: StateProblem.optional(),
    hint: Diagnosis.optional(),
  })
  .meta({ id: 'Authorization' })
export type Authorization = z.infer<typeof Authorization>

export const AuthorizationProgress = z
  .object({
    status: AuthorizationStatus,
    problem: StateProblem.optional(),
    hint: Diagnosis.optional(),
  })
  .meta({ id: 'AuthorizationProgress', description: 'What the waiting page may know.' })
export type AuthorizationProgress = z.infer<typeof AuthorizationProgress>
