import { describe, expect, it } from 'vitest'
import {
  errorsOf,
  mergeValues,
  sameValues,
  withValues,
} from '../../../../api/console/ui/form-state.ts'

const base = { client_id: 'a', cloud: 'global', tenant: 'common', home_tenant: '' }

describe('merging newer values into a form', () => {
  const organizations = { ...base, tenant: 'organizations' }
  const home = { ...base, home_tenant: 'contoso.com' }
  const server = (port: string) => ({ server: { host: 'mail.test', port } })

  it.each([
    ['takes over what was not touched', base, base, { ...home, client_id: 'b' }, {}, []],
    ['keeps what only this side changed', base, organizations, base, organizations, []],
    [
      'keeps what both changed, and reports the field',
      base,
      organizations,
      { ...base, tenant: 'consumers', cloud: 'china' },
      { tenant: 'organizations' },
      ['tenant'],
    ],
    [
      'keeps a field that was emptied',
      home,
      base,
      { ...base, home_tenant: 'fabrikam.com' },
      { home_tenant: '' },
      ['home_tenant'],
    ],
    ['names nothing where both did the same', base, organizations, organizations, {}, []],
  ])('%s', (_what, before, typed, newer, changes, kept) => {
    expect(mergeValues(before, typed, newer)).toEqual({ values: { ...newer, ...changes }, kept })
  })

  it('makes the changes of both sides to a list', () => {
    const list = (...items: string[]) => ({ items })
    const merged = mergeValues(list('a', 'x', 'z'), list('a', 'x', 'y'), list('a', 'z', 'n'))
    expect(merged).toEqual({ values: list('a', 'n', 'y'), kept: ['items'] })
  })

  it('compares what a field consists of', () => {
    expect(sameValues(server('993'), server('993'))).toBe(true)
    expect(mergeValues(server('993'), server('993'), server('143'))).toEqual({
      values: server('143'),
      kept: [],
    })
  })
})

describe('the errors of a form', () => {
  const shownOf = ({ name, server }: { name: string; server: { host: string; port: string } }) => ({
    '/name': name,
    '/host': server.host,
    '/port': server.port,
  })
  const values = { name: '', server: { host: '', port: '' } }
  const state = { values, stored: values, errors: { '/name': 'A', '/host': 'B', '/other': 'C' } }

  it('go with a change of the value that they are about, and of no other', () => {
    const changed = withValues(state, { server: { host: 'mail.test', port: '' } }, shownOf)
    expect(changed.values.server.host).toBe('mail.test')
    expect(changed.errors).toEqual({ '/name': 'A', '/other': 'C' })
    expect(withValues(state, { server: { host: '', port: '993' } }, shownOf).errors).toEqual(
      state.errors,
    )
  })

  it('are those of a refusal that a field shows, as sentences', () => {
    const refusal = (...pointers: string[]) => ({
      title: 'Refused',
      detail: 'Refused.',
      errors: pointers.map((pointer) => ({ pointer, message: 'must be right' })),
    })
    const shown = shownOf(values)
    const errors = { '/port': 'Must be right' }
    expect(errorsOf(refusal('/port'), shown)).toEqual({ errors, isWhole: true })
    expect(errorsOf(refusal('/port', '/elsewhere'), shown)).toEqual({ errors, isWhole: false })
    expect(errorsOf(refusal(), shown)).toEqual({ errors: {}, isWhole: false })
  })
})
