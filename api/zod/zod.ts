/**
 * zod without its fifty languages and its conversion into JSON Schema, bundled in place of zod. @hono/zod-openapi keeps
 * the whole object `z`, so that a bundler would keep all of zod, which adds 60 KiB of gzip. It uses private paths of the
 * package, hence zod is pinned to one version. `test/journeys/` sends valid and invalid requests to the Worker as it is
 * bundled for deployment; other tests and the checker use the whole of zod.
 */
export * from '../../node_modules/zod/v4/classic/checks.js'
export * as coerce from '../../node_modules/zod/v4/classic/coerce.js'
export * from '../../node_modules/zod/v4/classic/compat.js'
export * from '../../node_modules/zod/v4/classic/errors.js'
export * as iso from '../../node_modules/zod/v4/classic/iso.js'
export {
  ZodISODate,
  ZodISODateTime,
  ZodISODuration,
  ZodISOTime,
} from '../../node_modules/zod/v4/classic/iso.js'
export * from '../../node_modules/zod/v4/classic/parse.js'
export * from '../../node_modules/zod/v4/classic/schemas.js'
export {
  clone,
  config,
  globalRegistry,
  NEVER,
  registry,
} from '../../node_modules/zod/v4/core/index.js'
export * as z from './zod.ts'
