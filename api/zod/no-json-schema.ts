/** Bundled in place of zod's conversion into JSON Schema, which only the OpenAPI document needs. Saves 6 KiB of gzip. */
const convert = (): never => {
  throw new Error('The bundle cannot convert into JSON Schema.')
}

/** Throws. zod calls its own for limits such as `schema.maxLength`, which nothing here reads. */
export const aggregateChecks = convert
export const createToJSONSchemaMethod = () => convert
export const createStandardJSONSchemaMethod = () => convert
