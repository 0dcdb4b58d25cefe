import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import { microsoftCodes, publicReports, type Report, type Row } from './rows.ts'

const judged = (rows: readonly Report[]) => rows.map((row) => ({ row, ...verdictOn(row) }))

function verdictOn({ protocol, stage, error, evidence }: Row) {
  const { verdict, candidates } = diagnose({ protocol, stage, error, evidence })
  return { verdict, causes: candidates.map(({ cause }) => cause) }
}

const share = <Item>(items: readonly Item[], holds: (item: Item) => boolean) =>
  items.filter(holds).length / items.length

describe('real reports', () => {
  const all = judged(publicReports)
  const open = all.filter(({ row }) => row.cause === 'undetermined')
  const settled = all.filter(
    ({ row }) => row.cause !== 'undetermined' && row.confidence !== 'guess',
  )
  const certain = settled.filter(({ verdict }) => verdict === 'certain')

  it('are 78 with a settled cause and 17 without', () => {
    expect([settled.length, open.length]).toEqual([78, 17])
  })

  it('have their true cause first in at least 85 of 100', () => {
    expect(share(settled, ({ row, causes }) => causes[0] === row.cause)).toBeGreaterThan(0.85)
  })

  it('have it among the first three in at least 95 of 100', () => {
    const near = share(settled, ({ row, causes }) => causes.slice(0, 3).includes(row.cause))
    expect(near).toBeGreaterThan(0.95)
  })

  it('stay open where nobody could tell, in at least 90 of 100', () => {
    const hedged = share(open, ({ verdict }) => verdict === 'ambiguous' || verdict === 'unknown')
    expect(hedged).toBeGreaterThan(0.9)
  })

  it('are certain in a third, and then right in at least 98 of 100', () => {
    expect(certain.length / settled.length).toBeGreaterThan(1 / 3)
    expect(share(certain, ({ row, causes }) => causes[0] === row.cause)).toBeGreaterThan(0.98)
  })
})

describe("Microsoft's table of numbers", () => {
  it('is understood in at least 95 of its 70 rows in 100', () => {
    const rows = judged(microsoftCodes)
    expect(rows).toHaveLength(70)
    expect(share(rows, ({ row, causes }) => causes[0] === row.cause)).toBeGreaterThan(0.95)
  })
})
