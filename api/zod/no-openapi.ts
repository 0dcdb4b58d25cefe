/**
 * A registry that stores nothing, bundled in place of @asteasolutions/zod-to-openapi: @hono/zod-openapi describes every
 * route to it, and only the tests and `npm run openapi` ask for the document. Saves 8 KiB of gzip and the work of
 * describing at each start.
 */

export class OpenAPIRegistry {
  readonly definitions: readonly never[] = []
  registerPath(): void {}
  registerComponent(): void {}
  registerWebhook(): void {}
  registerParameter(): void {}
  register(): void {}
}

class MissingGenerator {
  generateDocument(): never {
    throw new Error('The bundle has no generator of OpenAPI documents: schema/openapi.json is one.')
  }
}

export { MissingGenerator as OpenApiGeneratorV3, MissingGenerator as OpenApiGeneratorV31 }

/** Leaves zod as it is: schemas describe themselves with `.meta()`. */
export function extendZodWithOpenApi(): void {}

export const getOpenApiMetadata = () => ({})
