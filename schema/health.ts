/** Liveness and readiness, for load balancers and operators. */
import { z } from 'zod'

export const Alive = z
  .object({ status: z.literal('ok').meta({ description: 'Always `ok`.' }) })
  .meta({ id: 'Alive' })

const Status = z.enum(['ok', 'failed'])

const check = (description: string) =>
  z
    .object({
      status: Status.meta({ description: 'Whether this part works.' }),
      detail: z.string().optional().meta({ description: 'What is wrong and where to look.' }),
    })
    .meta({ description })

export const Readiness = z
  .object({
    status: Status.meta({ description: '`ok` when every part is.' }),
    checks: z
      .object({
        database: check('D1 answers and its tables are there.'),
        key_ring: check('The newest encryption key seals and opens.'),
        checker: check('The service that logs in to mail servers answers.'),
      })
      .meta({ description: 'Part by part.' }),
  })
  .meta({ id: 'Readiness' })
export type Readiness = z.infer<typeof Readiness>
