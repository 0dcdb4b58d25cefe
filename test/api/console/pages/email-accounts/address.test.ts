import { describe, expect, it } from 'vitest'
import {
  filtersOf,
  listHref,
  ownerKey,
  parseView,
  sortBy,
  wholeList,
} from '../../../../../api/console/pages/email-accounts/address.ts'

const parse = (query: string) => parseView(new URLSearchParams(query))

describe('the address of a list', () => {
  it('holds the view, and nothing that is as usual', () => {
    expect(listHref('imap', {})).toBe('#/email-accounts')
    const view = {
      q: 'a&b',
      health: 'failing,blocked',
      owner: 'department:Team: 7',
      customer: 'acme',
      duplicate: true,
      sort: '-health',
      page: 3,
    } as const
    const href = listHref('smtp', view)
    expect(href).toMatch(/^#\/outgoing-email\?/)
    expect(parse(href.split('?')[1] ?? '')).toEqual(view)
  })

  it('is read as far as it makes sense', () => {
    expect(parse('')).toEqual(wholeList)
    expect(parse('health=fine,toString,ok&sort=__proto__&page=-1')).toEqual({
      ...wholeList,
      health: 'ok',
    })
    expect(parse('page=x').page).toBe(1)
    expect(parse('page=2.7').page).toBe(2)
    expect(parse(`q=${'x'.repeat(200)}`).q).toHaveLength(100)
    expect(parse('sort=--health').sort).toBe('username')
  })

  it('becomes the filters of the API', () => {
    expect(filtersOf('imap', wholeList)).toEqual({ direction: 'read' })
    const owner = ownerKey({ type: 'department', id: 'Team: 7' })
    expect(filtersOf('imap', { ...wholeList, owner, q: 'x', duplicate: true })).toEqual({
      direction: 'read',
      q: 'x',
      owner_type: 'department',
      owner_id: 'Team: 7',
      duplicate: 'true',
    })
    expect(filtersOf('imap', { ...wholeList, customer: '' })).toEqual({
      direction: 'read',
      customer: '',
    })
    expect(listHref('imap', { customer: 'acme' })).toBe('#/email-accounts?customer=acme')
    expect(parse('customer=').customer).toBe('')
    expect(filtersOf('smtp', { ...wholeList, owner: ownerKey({ type: 'global' }) })).toEqual({
      direction: 'send',
      owner_type: 'global',
    })
  })
})

it('the heading of a column sorts by it, then in reverse', () => {
  expect(sortBy('health', wholeList)).toEqual({ next: 'health', direction: null })
  expect(sortBy('username', wholeList)).toEqual({ next: '-username', direction: 'ascending' })
  const reversed = { ...wholeList, sort: '-username' } as const
  expect(sortBy('username', reversed)).toEqual({ next: 'username', direction: 'descending' })
})
