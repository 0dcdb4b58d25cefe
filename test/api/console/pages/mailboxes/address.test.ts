import { describe, expect, it } from 'vitest'
import {
  filtersOf,
  listHref,
  parseView,
} from '../../../../../api/console/pages/mailboxes/address.ts'
import { ownerKey } from '../../../../../api/console/ui/mail-account.ts'

const parse = (query: string) => parseView(new URLSearchParams(query))
const whole = parse('')

describe('the address of the list', () => {
  it('holds the view, and nothing that is as usual', () => {
    expect(listHref(whole)).toBe('#/mailboxes')
    const view = {
      q: 'a&b',
      health: 'failing,blocked',
      owner: 'department:Team: 7',
      customer: 'acme',
      page: 3,
    }
    expect(parse(listHref(view).split('?')[1] ?? '')).toEqual(view)
  })

  it('is read as far as it makes sense', () => {
    expect(parse('health=fine,toString,ok&page=-1')).toEqual({ ...whole, health: 'ok' })
    expect(parse('page=x').page).toBe(1)
    expect(parse('page=2.7').page).toBe(2)
    expect(parse(`q=${'x'.repeat(200)}`).q).toHaveLength(100)
  })

  it('becomes the filters of the API', () => {
    const filters = (view: object) => Object.fromEntries(filtersOf({ ...whole, ...view }))
    expect(filters({})).toEqual({})
    const owner = ownerKey({ type: 'department', id: 'Team: 7' })
    expect(filters({ owner, q: 'x' })).toEqual({
      q: 'x',
      owner_type: 'department',
      owner_id: 'Team: 7',
    })
    expect(filters({ customer: '' })).toEqual({ customer: '' })
    expect(listHref({ customer: 'acme' })).toBe('#/mailboxes?customer=acme')
    expect(parse('customer=').customer).toBe('')
    expect(filters({ owner: ownerKey({ type: 'global' }) })).toEqual({ owner_type: 'global' })
  })
})
