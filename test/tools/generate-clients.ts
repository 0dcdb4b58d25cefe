/**
 * Generates clients from the OpenAPI document as integrators do, with three generators at their defaults, and compiles
 * a program that does the whole job with each (`generators/`). The compiler runs with `exactOptionalPropertyTypes` off
 * and on, since people have either. Not tried: openapi-generator, which needs Java.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installTools, run, toolPath } from './install.ts'

const root = join(import.meta.dirname, '../..')
const document = join(root, 'schema/openapi.json')
const generated = join(import.meta.dirname, '.tmp')

/** Files that @hey-api/openapi-ts adds to every client. They do not compile with exact optional properties. */
const RUNTIME_OF_HEY_API = /\.tmp\/hey-api\/(?:client|core)\//

/** Returns the compiler's errors in the generated clients and in the programs that use them. */
function compile(exact: boolean): string[] {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const project = join(import.meta.dirname, 'generators')
  const args = ['--pretty', 'false', '--exactOptionalPropertyTypes', `${exact}`]
  const { stdout, status, error } = spawnSync(
    process.execPath,
    [compiler, '-p', project, ...args],
    {
      encoding: 'utf8',
    },
  )
  if (error) throw error
  const errors = stdout.split('\n').filter((line) => /error TS\d+/.test(line))
  if (status !== 0 && errors.length === 0) throw new Error(`the compiler failed: ${stdout}`)
  return errors.filter((line) => !(exact && RUNTIME_OF_HEY_API.test(line)))
}

/** Copies the program that reads responses, with the types of another client. */
function copyReader(client: string, types: string): void {
  const reader = readFileSync(join(import.meta.dirname, 'generators/read-responses.ts'), 'utf8')
  const copy = reader.replace("'../.tmp/orval.ts'", `'${types}'`)
  writeFileSync(join(generated, `read-responses-${client}.ts`), copy)
}

installTools()
run(join(root, 'test/openapi-types/generate.ts'))
run(toolPath('@hey-api/openapi-ts/bin/run.js'), '-i', document, '-o', join(generated, 'hey-api'))
run(
  toolPath('orval/dist/bin/orval.mjs'),
  '--input',
  document,
  '--output',
  join(generated, 'orval.ts'),
)
copyReader('hey-api', './hey-api/index.ts')
copyReader('openapi-typescript', '../generators/openapi-typescript.ts')
const errors = [false, true].flatMap((exact) =>
  compile(exact).map((line) => `exactOptionalPropertyTypes ${exact}: ${line}`),
)
console.log(errors.length === 0 ? 'All clients compile.' : errors.join('\n'))
process.exitCode = errors.length === 0 ? 0 : 1
