/**
 * zod without its fifty languages, bundled in place of zod. @hono/zod-openapi keeps
 * the whole object `z`, so that a bundler would keep all of zod, which adds 60 KiB of gzip. It uses
 * private paths of the package, hence zod is pinned to one version. `test/journeys/` sends valid and
 * invalid requests to the Worker as it is bundled for deployment; other tests and the checker use the
 * whole of zod.
 */
import * as z from './members.ts'

export * from './members.ts'
export { z }
