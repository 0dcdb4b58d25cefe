/** Liveness and readiness, for load balancers and operators. */
import { z } from 'zod'

export const Alive = z
  .object({ status: z.literal('ok').meta({ description: 'Always `ok`.' }) })
  .meta({ id: 'Alive' })

const Status = z.enum(['ok', 'failed'])

const check = (description: string) =>
  z
    .object({
      status: Status.meta({ description: 'Status of this part.' }),
      detail: z.string().optional().meta({ description: 'What failed and where to look.' }),
    })
    .meta({ description })

export const Readiness = z
  .object({
    status: Status.meta({ description: '`ok` if every part is.' }),
    checks: z
      .object({
        database: check('The database answers and has its tables.'),
        key_ring: check('The newest encryption key encrypts and decrypts; no key is missing.'),
        checker: check('The checker, which logs in to mail servers, answers.'),
      })
      .meta({ description: 'Status of each part.' }),
  })
  .meta({ id: 'Readiness' })
export type Readiness = z.infer<typeof Readiness>
