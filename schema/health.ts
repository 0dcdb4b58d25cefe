/** Liveness and readiness, for load balancers and operators. */
import { z } from 'zod'
import { object, optionalText, text } from './common.ts'

export const Alive = object('Alive', {
  status: z.literal('ok').meta({ description: 'Always `ok`.' }),
  version: text('The version that runs.', '1.2.3'),
})

const Status = z
  .enum(['ok', 'degraded', 'failed'])
  .meta({ id: 'ReadinessStatus', description: 'Status of a part, or the worst of all.' })

const Check = object('ReadinessCheck', {
  status: Status.meta({
    description:
      'Status of this part. `degraded`: it serves calls, but your Mailgrant administrator must act before something is lost.',
  }),
  detail: optionalText('What is wrong and where to look.'),
})

const check = (description: string) => Check.meta({ description })

export const Readiness = object('Readiness', {
  status: Status.meta({
    description: 'The worst status of a part. `degraded` has HTTP status 200, `failed` 503.',
  }),
  checks: z
    .object({
      database: check(
        'The database responds and has its tables. `degraded`: there is little space left for it.',
      ),
      key_ring: check('The newest encryption key encrypts and decrypts; no key is missing.'),
      checker: check(
        'The checker, which logs in to mail servers, responds. Never `failed`: tokens are issued without it.',
      ),
      maintenance: check(
        'Maintenance runs and keeps up with its work: refreshing idle grants, scheduled validations, re-encryption, deletion of expired data. Never `failed`.',
      ),
      microsoft: check(
        'Microsoft responds to requests for tokens. `degraded`: it has not for 15 minutes. Never `failed`: stored tokens are issued until they expire.',
      ),
    })
    .meta({ description: 'Status of each part.' }),
})
export type Readiness = z.infer<typeof Readiness>

export const Metrics = text(
  'The text format of Prometheus, version 0.0.4. Labels are statuses and outcomes only: never an address or an id.',
  [
    '# HELP mailgrant_grants Grants by status.',
    '# TYPE mailgrant_grants gauge',
    'mailgrant_grants{status="active"} 210',
    '',
  ].join('\n'),
)
