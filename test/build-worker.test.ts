import { expect, it } from 'vitest'
import { DOCUMENTED, PACKAGES, withoutDocumentation, ZOD_SCHEMAS } from '../api/build-worker.ts'

const strip = (text: string) => withoutDocumentation(text, 'ts')

it('leaves out the descriptions of schemas, whatever they contain', () => {
  expect(strip("f(z.string().meta({ example: 'ö)' }).max(9).meta(text), 1)")).toBe(
    'f(z.string().max(9), 1)',
  )
})

it('keeps code that reads a description', () => {
  expect(strip('f(Id.meta()?.example)')).toBe('f(Id.meta()?.example)')
})

it('leaves out the texts of members', () => {
  expect(
    strip("({ name: text('Its name.', 'Ada'), of: orNull(A, 'Whose.'), c: c.text('Yes.') })"),
  ).toBe("({ name: text(), of: orNull(A), c: c.text('Yes.') })")
})

it('leaves out the names of objects', () => {
  expect(strip("object('A', { a: text('Its name.') })")).toBe("object('', { a: text() })")
})

it('leaves out the members of an operation that only document it', () => {
  const operation =
    "({ operationId: 'a', summary: 'A', returns: A, problems: ['b'], run: () => a() })"
  expect(strip(`operation${operation}`)).toBe(
    'operation({ ...{}, ...{}, ...{}, ...{}, run: () => a() })',
  )
})

it('leaves out the members of a route that only document it', () => {
  const route = "({ method: 'get', tags, request: { query }, responses: { 200: ok('Yes.') } })"
  expect(strip(`createRoute${route}`)).toBe(
    "createRoute({ method: 'get', ...{}, request: { query }, ...{} })",
  )
})

it('leaves out the words of a row that only documentation shows', () => {
  const row = "{ title: 'Not found', help: 'No such id.' }"
  expect(strip(`f(${row})`)).toBe("f({ title: 'Not found', ...{} })")
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

it.each([
  ['schema', '/home/me/mailgrant/schema/grant.ts', DOCUMENTED],
  ['route', '/home/me/mailgrant/api/routes/grants.ts', DOCUMENTED],
  ['package', '/home/me/mailgrant/node_modules/x/schema/x.ts', PACKAGES],
  ['part of zod', '/home/me/mailgrant/node_modules/zod/v4/classic/schemas.js', ZOD_SCHEMAS],
])('recognises a %s by its path, on Windows too: %s', (_kind, path, pattern) => {
  expect(path).toMatch(pattern)
  expect(`C:${path.replaceAll('/', '\\')}`).toMatch(pattern)
})

it.each([
  ['/home/me/mailgrant/schema/d1/tables.ts', DOCUMENTED],
  ['/home/me/mailgrant/api/domain/routes/x.ts', DOCUMENTED],
])('leaves %s as it is, on Windows too', (path, pattern) => {
  expect(path).not.toMatch(pattern)
  expect(`C:${path.replaceAll('/', '\\')}`).not.toMatch(pattern)
})
