/** Counts how well the diagnosis does on reports whose true cause is known. Pure. */
import { diagnose } from '../../api/diagnosis/diagnose.ts'
import {
  composeReadingRequest,
  type ReadingRequest,
  readReply,
} from '../../api/diagnosis/second-reader.ts'
import type {
  Diagnosis,
  Evidence,
  Interpretation,
  ReportProtocol,
  Stage,
} from '../../schema/diagnosis.ts'

export type ReportRow = {
  id: string
  protocol: ReportProtocol
  stage?: Stage
  error: string
  evidence?: Evidence
  /** Slug of the cause that turned out; `undetermined` if it was never found. */
  cause: string
  confidence: 'confirmed' | 'likely' | 'guess'
}

/** A row with the diagnosis of its text: the causes are slugs, likeliest first. */
export type DiagnosedRow = {
  row: ReportRow
  verdict: Diagnosis['verdict']
  causes: readonly string[]
  interpretation: Interpretation
}

export type Share = { part: number; whole: number }

export type Score = {
  /** Rows whose cause is the first candidate. */
  hit1: Share
  /** Rows whose cause is among the first three. */
  hit3: Share
  /** Rows without a known cause whose verdict is `ambiguous` or `unknown`. */
  hedge: Share
  /** Certain verdicts that are right. A certain verdict on a row without a known cause is wrong. */
  certainAndRight: Share
}

/** Diagnoses rows as a caller would send them, or blind: without the protocol and the stage. */
export const diagnoseRows = (rows: readonly ReportRow[], blind = false): DiagnosedRow[] =>
  rows.map((row) => {
    const { protocol, stage, error, evidence } = row
    const { verdict, candidates, interpretation } = diagnose({
      error,
      evidence,
      ...(!blind && { protocol, stage }),
    })
    return { row, verdict, causes: candidates.map(({ cause }) => cause), interpretation }
  })

export const isOpen = ({ row }: DiagnosedRow) => row.cause === 'undetermined'

/** Detects rows that count for hits: the cause is known, and not by a guess. */
export const isSettled = (diagnosed: DiagnosedRow) =>
  !isOpen(diagnosed) && diagnosed.row.confidence !== 'guess'

const isFirst = ({ row, causes }: DiagnosedRow) => causes[0] === row.cause
const isAmongThree = ({ row, causes }: DiagnosedRow) => causes.slice(0, 3).includes(row.cause)
/** Detects rows that the second reader may read. */
export const isUndecided = ({ verdict }: DiagnosedRow) =>
  verdict === 'ambiguous' || verdict === 'unknown'
const isCertain = ({ verdict }: DiagnosedRow) => verdict === 'certain'

export function scoreOf(all: readonly DiagnosedRow[]): Score {
  const settled = all.filter(isSettled)
  const open = all.filter(isOpen)
  const certain = [...settled, ...open].filter(isCertain)
  return {
    hit1: shareOf(settled, isFirst),
    hit3: shareOf(settled, isAmongThree),
    hedge: shareOf(open, isUndecided),
    certainAndRight: shareOf(certain, isFirst),
  }
}

export const readingRequestOf = ({ row, interpretation }: DiagnosedRow): ReadingRequest =>
  composeReadingRequest(row, interpretation)

/** Returns the row with the causes of a reply, none for one that is not valid. It hedges by choosing none. */
export function readAgain(one: DiagnosedRow, reply: string): DiagnosedRow {
  const candidates = readReply(reply, readingRequestOf(one), '') ?? []
  const causes = candidates.map(({ cause }) => cause)
  return { ...one, verdict: causes.length > 0 ? 'likely' : 'unknown', causes }
}

/** Returns the rows that cost a hit, a hedge or certainty. */
export const missesOf = (all: readonly DiagnosedRow[]): DiagnosedRow[] =>
  all.filter((one) => (isOpen(one) ? !isUndecided(one) : isSettled(one) && !isFirst(one)))

const shareOf = <Item>(items: readonly Item[], holds: (item: Item) => boolean): Share => ({
  part: items.filter(holds).length,
  whole: items.length,
})

export const ratioOf = ({ part, whole }: Share): number => part / whole

/** Quantile of the normal distribution for 95 %. */
const Z = 1.96

/** Returns the bounds of Wilson's 95 % interval, which holds for small counts and near 0 and 1. */
export function wilsonInterval({ part, whole }: Share): [low: number, high: number] {
  if (whole === 0) return [0, 1]
  const centre = (part + Z ** 2 / 2) / (whole + Z ** 2)
  const width = (Z / (whole + Z ** 2)) * Math.sqrt((part * (whole - part)) / whole + Z ** 2 / 4)
  return [Math.max(0, centre - width), Math.min(1, centre + width)]
}
