import { describe, expect, it } from 'vitest'
import { mergeValues, sameValues } from '../../../../api/console/ui/merge.ts'

const base = { client_id: 'a', cloud: 'global', tenant: 'common', home_tenant: '' }

describe('merging newer values into a form', () => {
  it('takes over what was not touched', () => {
    const newer = { ...base, client_id: 'b', home_tenant: 'contoso.com' }
    expect(mergeValues(base, base, newer)).toEqual({ values: newer, kept: [] })
  })

  it('keeps what was typed where only this side changed it', () => {
    const typed = { ...base, tenant: 'organizations' }
    expect(mergeValues(base, typed, base)).toEqual({ values: typed, kept: [] })
  })

  it('keeps what was typed where both changed it, and names the field', () => {
    const typed = { ...base, tenant: 'organizations' }
    const newer = { ...base, tenant: 'consumers', cloud: 'china' }
    expect(mergeValues(base, typed, newer)).toEqual({
      values: { ...base, tenant: 'organizations', cloud: 'china' },
      kept: ['tenant'],
    })
  })

  it('keeps a field that was emptied', () => {
    const before = { ...base, home_tenant: 'contoso.com' }
    const newer = { ...base, home_tenant: 'fabrikam.com' }
    const { values, kept } = mergeValues(before, { ...before, home_tenant: '' }, newer)
    expect(values.home_tenant).toBe('')
    expect(kept).toEqual(['home_tenant'])
  })

  it('compares what a field consists of', () => {
    const server = (port: string) => ({ server: { host: 'mail.test', port } })
    expect(sameValues(server('993'), server('993'))).toBe(true)
    expect(mergeValues(server('993'), server('993'), server('143'))).toEqual({
      values: server('143'),
      kept: [],
    })
  })

  it('names nothing where both made the same change', () => {
    const same = { ...base, client_id: 'b' }
    expect(mergeValues(base, same, same)).toEqual({ values: same, kept: [] })
  })
})

describe('comparing values', () => {
  it('sees a difference in any field', () => {
    expect(sameValues(base, { ...base })).toBe(true)
    for (const name of Object.keys(base)) {
      expect(sameValues(base, { ...base, [name]: 'other' }), name).toBe(false)
    }
  })
})
