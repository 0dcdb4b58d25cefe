/** Why something fails, who must act, and the exact fix. */
import { z } from 'zod'

export const Diagnosis = z
  .object({
    verdict: z.enum(['certain', 'likely', 'ambiguous', 'unknown']),
    candidates: z
      .array(
        z.object({
          cause: z.string().meta({ example: 'smtp-auth-disabled-tenant' }),
          likelihood: z.number().min(0).max(1),
          title: z.string(),
          explanation: z.string(),
          responsible: z.enum(['user', 'tenant_admin', 'app_owner', 'operator', 'microsoft']),
          retryable: z.boolean(),
          fixes: z.array(
            z.object({
              text: z.string(),
              url: z.string().optional(),
              command: z.string().optional(),
            }),
          ),
          docs: z.array(z.string()),
        }),
      )
      .meta({ description: 'Best first.' }),
    ask: z.array(z.string()).meta({
      description: 'The facts or tests that would separate the candidates.',
    }),
  })
  .meta({ id: 'Diagnosis' })
export type Diagnosis = z.infer<typeof Diagnosis>
