/** Generates `test/.tmp/openapi.d.ts`, the types that a client in TypeScript would use. */
import { mkdir, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const folder = new URL('../.tmp/', import.meta.url)
const types = await openapiTS(new URL('../../schema/openapi.json', import.meta.url))
await mkdir(folder, { recursive: true })
await writeFile(new URL('openapi.d.ts', folder), astToString(types))
