import { expect, it } from 'vitest'
import {
  DOCUMENTED,
  forwardCalls,
  LATE,
  PACKAGES,
  withoutDocumentation,
  ZOD_SCHEMAS,
} from '../api/build-worker.ts'

const strip = (text: string) => withoutDocumentation(text, 'ts')

it('leaves out the descriptions of schemas, whatever they contain', () => {
  expect(strip("f(z.string().meta({ example: 'ö)' }).max(9).meta(text), 1)")).toBe(
    'f(z.string().max(9), 1)',
  )
})

it('keeps code that reads a description', () => {
  expect(strip('f(Id.meta()?.example)')).toBe('f(Id.meta()?.example)')
})

it('leaves out the members of a route that only document it', () => {
  const route = "({ method: 'get', tags, request: { query }, responses: { 200: ok('Yes.') } })"
  expect(strip(`createRoute${route}`)).toBe(
    "createRoute({ method: 'get', ...{}, request: { query }, ...{} })",
  )
})

it('keeps a description outside a route', () => {
  const row = 'const list = [{ id, description: row.description }]'
  expect(strip(row)).toBe(row)
})

it('lets esbuild drop constants that nothing uses', () => {
  expect(strip('export const A = z.object({ b })\nexport const f = () => g()')).toBe(
    'export const A = /* @__PURE__ */ (() => (z.object({ b })))()\nexport const f = () => g()',
  )
})

it('forwards calls to a module that is evaluated late', () => {
  const module =
    "export type A = 'a'\nconst b = 1\nexport function f() {}\nexport const g = () => b"
  expect(forwardCalls(module, '/x.ts')).toBe(
    ['f', 'g']
      .map((name) => `export const ${name} = (...values) => require("/x.ts").${name}(...values)\n`)
      .join(''),
  )
})

it.each(['export const a = [1]', "export { a } from './b.ts'", "export * from './b.ts'"])(
  'refuses to evaluate a module late if it exports a value: %s',
  (module) => {
    expect(() => forwardCalls(module, '/x.ts')).toThrow('exports a value')
  },
)

it.each([
  ['schema', '/home/me/mailgrant/schema/grant.ts', DOCUMENTED],
  ['route', '/home/me/mailgrant/api/routes/grants.ts', DOCUMENTED],
  ['package', '/home/me/mailgrant/node_modules/x/schema/x.ts', PACKAGES],
  ['part of zod', '/home/me/mailgrant/node_modules/zod/v4/classic/schemas.js', ZOD_SCHEMAS],
  ['late module', '/home/me/mailgrant/api/diagnosis/rank.ts', LATE],
  ['late module', '/home/me/mailgrant/api/diagnosis/parse/source.ts', LATE],
])('recognises a %s by its path, on Windows too: %s', (_kind, path, pattern) => {
  expect(path).toMatch(pattern)
  expect(`C:${path.replaceAll('/', '\\')}`).toMatch(pattern)
})

it.each([
  ['/home/me/mailgrant/schema/d1/tables.ts', DOCUMENTED],
  ['/home/me/mailgrant/api/domain/routes/x.ts', DOCUMENTED],
  ['/home/me/mailgrant/api/diagnosis/parse/rank.ts', LATE],
])('leaves %s as it is, on Windows too', (path, pattern) => {
  expect(path).not.toMatch(pattern)
  expect(`C:${path.replaceAll('/', '\\')}`).not.toMatch(pattern)
})
