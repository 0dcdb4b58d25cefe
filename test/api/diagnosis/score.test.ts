import { describe, expect, it } from 'vitest'
import {
  type DiagnosedRow,
  diagnoseRows,
  isOpen,
  isSettled,
  missesOf,
  ratioOf,
  readAgain,
  scoreOf,
} from '../../diagnosis/scoring.ts'
import { microsoftCodes, publicReports } from './rows.ts'

describe('real reports', () => {
  const all = diagnoseRows(publicReports)
  const { hit1, hit3, hedge, certainAndRight } = scoreOf(all)

  it('are 182 with a known cause and 42 without', () => {
    expect([all.filter(isSettled).length, all.filter(isOpen).length]).toEqual([182, 42])
  })

  it('have their true cause first in more than 94 %, and among the first three in more than 95 %', () => {
    expect(ratioOf(hit1)).toBeGreaterThan(0.94)
    expect(ratioOf(hit3)).toBeGreaterThan(0.95)
  })

  it('stay undecided without a known cause in more than 95 %; 44 % are certain, and then always correct', () => {
    expect(ratioOf(hedge)).toBeGreaterThan(0.95)
    expect(certainAndRight.whole / all.length).toBeGreaterThan(0.44)
    expect(ratioOf(certainAndRight)).toBe(1)
  })

  it('have their true cause first in more than 92 % even without protocol and stage, and no wrong certainty', () => {
    const blind = scoreOf(diagnoseRows(publicReports, true))
    expect(ratioOf(blind.hit1)).toBeGreaterThan(0.92)
    expect(ratioOf(blind.certainAndRight)).toBe(1)
  })
})

describe("Microsoft's table of numbers", () => {
  it('is diagnosed correctly in more than 95 % of its 70 rows', () => {
    const { hit1 } = scoreOf(diagnoseRows(microsoftCodes))
    expect(hit1.whole).toBe(70)
    expect(ratioOf(hit1)).toBeGreaterThan(0.95)
  })
})

describe('the score', () => {
  const diagnosed = (
    cause: string,
    verdict: DiagnosedRow['verdict'],
    causes: string[],
    confidence: 'likely' | 'guess' = 'likely',
  ): DiagnosedRow => ({
    row: { id: 'X', protocol: 'imap', error: 'A grey page.', cause, confidence },
    verdict,
    causes,
    interpretation: { protocol: null, stage: null, source: null },
  })
  const rows = [
    diagnosed('a', 'certain', ['a']),
    diagnosed('a', 'likely', ['b', 'c', 'a', 'd']),
    diagnosed('a', 'ambiguous', ['b', 'c', 'd', 'a']),
    diagnosed('undetermined', 'ambiguous', ['a']),
    diagnosed('undetermined', 'certain', ['a']),
    diagnosed('a', 'certain', ['b'], 'guess'),
  ]

  it('takes the causes of a second reader from its reply, and none as a hedge', () => {
    const [, , ambiguous, undetermined] = rows as [
      DiagnosedRow,
      DiagnosedRow,
      DiagnosedRow,
      DiagnosedRow,
    ]
    const reply = '{"causes":[{"slug":"basic-auth-blocked","line":1}]}'
    expect(readAgain(ambiguous, reply).causes).toEqual(['basic-auth-blocked'])
    expect(scoreOf([readAgain(undetermined, '{"causes":[]}')]).hedge).toEqual({ part: 1, whole: 1 })
    expect(scoreOf([readAgain(undetermined, reply)]).hedge).toEqual({ part: 0, whole: 1 })
  })

  it('counts certainty about an unknown cause as wrong, and leaves guessed causes out', () => {
    expect(scoreOf(rows)).toEqual({
      hit1: { part: 1, whole: 3 },
      hit3: { part: 2, whole: 3 },
      hedge: { part: 1, whole: 2 },
      certainAndRight: { part: 1, whole: 2 },
    })
    expect(missesOf(rows)).toEqual([rows[1], rows[2], rows[4]])
  })
})
