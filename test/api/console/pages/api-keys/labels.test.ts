import { describe, expect, it } from 'vitest'
import {
  endOfDay,
  keyPrefix,
  scopeLabel,
  scopes,
  today,
} from '../../../../../api/console/pages/api-keys/labels.ts'
import { isImplied } from '../../../../../api/console/rights.ts'
import { Scope } from '../../../../../schema/api-key.ts'

describe('the words for what a key may do', () => {
  it('are different for each scope', () => {
    const labels = Object.values(scopes).map(({ label }) => label)
    expect(new Set(labels).size).toBe(Scope.options.length)
  })

  it('leave out scopes that another one includes', () => {
    expect(scopeLabel(['read', 'write'])).toBe('Manage email accounts')
    expect(scopeLabel(['write', 'tokens', 'admin'])).toBe('Full access')
  })

  it('are in one order, however the key lists its scopes', () => {
    expect(scopeLabel(['read', 'tokens'])).toBe('Fetch access tokens, read')
    expect(scopeLabel(['tokens', 'read'])).toBe('Fetch access tokens, read')
  })

  it('include tokens only in full access', () => {
    expect(isImplied('tokens', ['write'])).toBe(false)
    expect(isImplied('tokens', ['admin'])).toBe(true)
    expect(isImplied('admin', ['admin'])).toBe(false)
  })
})

it('a key is recognised by its beginning, without its secret', () => {
  expect(keyPrefix('key_mwiq4wgd7u5x2l3k7777777777')).toBe('mg_key_mwiq4wgd7u…')
})

it('a key works until the last second of its last day, where the reader is', () => {
  const end = new Date(endOfDay('2026-11-24'))
  expect([end.getDate(), end.getHours(), end.getMinutes()]).toEqual([24, 23, 59])
  expect(today(end)).toBe('2026-11-24')
})
