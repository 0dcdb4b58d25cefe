import { expect, it } from 'vitest'
import { withoutDocumentation } from '../api/build-worker.ts'

const strip = (text: string) => withoutDocumentation(text, 'ts')

it('leaves out the descriptions of schemas, whatever they contain', () => {
  expect(strip("f(z.string().meta({ example: 'ö)' }).max(9).meta(text), 1)")).toBe(
    'f(z.string().max(9), 1)',
  )
})

it('keeps what reads a description', () => {
  expect(strip('f(Id.meta()?.example)')).toBe('f(Id.meta()?.example)')
})

it('leaves out what a route says beside its rules', () => {
  const route = "({ method: 'get', tags, request: { query }, responses: { 200: ok('Yes.') } })"
  expect(strip(`createRoute${route}`)).toBe(
    "createRoute({ method: 'get', ...{}, request: { query }, ...{} })",
  )
})

it('keeps a description that is a value', () => {
  const row = 'const list = [{ id, description: row.description }]'
  expect(strip(row)).toBe(row)
})

it('lets constants go that nothing else needs', () => {
  expect(strip('export const A = z.object({ b })\nexport const f = () => g()')).toBe(
    'export const A = /* @__PURE__ */ (() => (z.object({ b })))()\nexport const f = () => g()',
  )
})
