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

  it('are 123 with a known cause and 26 without', () => {
    expect([settled.length, open.length]).toEqual([123, 26])
  })

  it('have their true cause first in more than 85 %', () => {
    expect(share(settled, ({ row, causes }) => causes[0] === row.cause)).toBeGreaterThan(0.85)
  })

  it('have their true cause among the first three in more than 95 %', () => {
    const near = share(settled, ({ row, causes }) => causes.slice(0, 3).includes(row.cause))
    expect(near).toBeGreaterThan(0.95)
  })

  it('without a known cause stay undecided in more than 75 %', () => {
    const hedged = share(open, ({ verdict }) => verdict === 'ambiguous' || verdict === 'unknown')
    expect(hedged).toBeGreaterThan(0.75)
  })

  it('are diagnosed with certainty in more than a third, and then correctly in more than 98 %', () => {
    expect(certain.length / settled.length).toBeGreaterThan(1 / 3)
    expect(share(certain, ({ row, causes }) => causes[0] === row.cause)).toBeGreaterThan(0.98)
  })
})

describe("Microsoft's table of numbers", () => {
  it('is diagnosed correctly in more than 95 % of its 70 rows', () => {
    const rows = judged(microsoftCodes)
    expect(rows).toHaveLength(70)
    expect(share(rows, ({ row, causes }) => causes[0] === row.cause)).toBeGreaterThan(0.95)
  })
})
