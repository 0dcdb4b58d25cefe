/**
 * zod without its fifty languages: `wrangler.toml` puts this in zod's place. @hono/zod-openapi holds the
 * whole object `z`, so that a bundler keeps all of it, a fifth of the Worker, for texts nobody sees.
 * Tests and the checker run zod as it is.
 */
import * as z from './members.ts'

export * from './members.ts'
export { z }
