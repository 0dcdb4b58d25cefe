/** API keys and what they may do. */
import { z } from 'zod'

export const Scope = z.enum(['read', 'write', 'tokens', 'admin']).meta({
  description:
    '`read` sees, `write` includes `read`, `tokens` is handed access tokens and includes neither, `admin` has all.',
})
export type Scope = z.infer<typeof Scope>
