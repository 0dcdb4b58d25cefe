import { describe, expect, it } from 'vitest'
import { clean } from '../../../api/diagnosis/parse/clean.ts'
import { readSource } from '../../../api/diagnosis/parse/source.ts'
import { leftOutSentences, programSentences, type SentenceRow } from './rows.ts'

const read = (row: SentenceRow) => {
  const { source, stage } = readSource(clean(row.example))
  const isRight = source === row.source
  // An empty list requires that no stage is found, and null in a list allows it.
  const isAtStage = row.stage.length === 0 ? stage === null : row.stage.includes(stage)
  return { row, source, stage, isRight, isAtStage: isRight && isAtStage }
}

type Read = ReturnType<typeof read>

const describeRead = ({ row, source, stage }: Read) =>
  `${row.program}: ${row.example}\n    is of ${row.source} at ${row.stage.join(' or ')}, not of ${source} at ${stage}`

describe('sentences of programs', () => {
  const all = programSentences.map(read)

  /** Compares the share of rows that hold with a limit, and lists the others if it is not reached. */
  function expectShare(holds: (read: Read) => boolean, limit: number) {
    const failed = all.filter((row) => !holds(row))
    const share = 1 - failed.length / all.length
    expect(share, failed.map(describeRead).join('\n')).toBeGreaterThan(limit)
  }

  it('are more than 3,400, of more than 280 programs', () => {
    expect(all.length).toBeGreaterThan(3400)
    expect(new Set(all.map(({ row }) => row.program)).size).toBeGreaterThan(280)
  })

  it('are read to their source in more than 99.9 %, and to their stage in more than 97.5 %', () => {
    expectShare(({ isRight }) => isRight, 0.999)
    expectShare(({ isAtStage }) => isAtStage, 0.975)
  })
})

// Without a list of those that fail, since rules must not be written from them.
it('reads the source of more than 8 in 10 sentences of programs that were left out', () => {
  const right = leftOutSentences.map(read).filter(({ isRight }) => isRight)
  expect(leftOutSentences).toHaveLength(60)
  expect(right.length / leftOutSentences.length).toBeGreaterThan(0.8)
})
