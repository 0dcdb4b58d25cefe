import { describe, expect, it } from 'vitest'
import { findCauses } from '../../../../../api/console/pages/diagnosis/search.ts'
import { listCauses } from '../../../../../api/diagnosis/diagnose.ts'

const causes = listCauses()

describe('searching the catalogue', () => {
  it('finds everything for nothing, and nothing for nonsense', () => {
    expect(findCauses(causes, '  ')).toHaveLength(causes.length)
    expect(findCauses(causes, 'xylophone')).toEqual([])
  })

  it('finds the cause of a number of Entra, in any case', () => {
    const cause = causes.find(({ aadsts }) => aadsts.length > 0)
    const found = findCauses(causes, `AADsts${cause?.aadsts[0]}`)
    expect(found.map((each) => each.cause)).toContain(cause?.cause)
  })

  it('takes the words in any order, but wants all of them', () => {
    const both = findCauses(causes, 'smtp disabled')
    expect(both.length).toBeGreaterThan(0)
    expect(findCauses(causes, 'DISABLED smtp')).toEqual(both)
    expect(both.length).toBeLessThan(findCauses(causes, 'smtp').length)
  })
})
