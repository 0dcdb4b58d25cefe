/** Liveness and readiness, for load balancers and operators. */
import { z } from 'zod'

export const Alive = z.object({ status: z.literal('ok') }).meta({ id: 'Alive' })

const Check = z.object({ status: z.enum(['ok', 'failed']), detail: z.string().optional() })

export const Readiness = z
  .object({
    status: z.enum(['ok', 'failed']),
    checks: z.object({ database: Check, key_ring: Check, checker: Check }),
  })
  .meta({ id: 'Readiness' })
export type Readiness = z.infer<typeof Readiness>
