/// <reference types="vite/client" />
/** Test data: public reports, Microsoft's table of error numbers, and error texts of programs. */
import type { Judgement } from '../../../api/diagnosis/judge.ts'
import type { Evidence, ReportProtocol, Source, Stage } from '../../../schema/diagnosis.ts'
import type { Responsible } from '../../../schema/responsible.ts'
import leftOut from '../../diagnosis/left-out.jsonl?raw'
import codes from '../../diagnosis/microsoft-codes.jsonl?raw'
import foreign from '../../diagnosis/negatives.jsonl?raw'
import effects from '../../diagnosis/number-effects.jsonl?raw'
import proseLines from '../../diagnosis/prose.txt?raw'
import reports from '../../diagnosis/reports.jsonl?raw'
import type { ReportRow } from '../../diagnosis/scoring.ts'
import sentences from '../../diagnosis/sentences.jsonl?raw'
import wordings from '../../diagnosis/wordings.jsonl?raw'

export type WordingRow = {
  /** Missing in a text that is pasted without a protocol. */
  protocol?: ReportProtocol
  stage?: Stage
  error: string
  evidence?: Evidence
  cause: string
  /** The party that must act, and words of one of its fixes, where the row states them. */
  responsible?: Responsible
  fix?: string
}

/** A sentence of a program, with its source and the stages at which it is written. */
export type SentenceRow = {
  program: string
  sentence: string
  example: string
  protocol: ReportProtocol[]
  source: Source
  /**
   * Stages at which the program writes it; none if it has not connected yet. Null: a text without a stage is right,
   * too.
   */
  stage: (Stage | null)[]
  meaning: string
  /** File or page that has the sentence. */
  found_in: string
}

/** A text that is no report of a failure of mail at Microsoft; `foreign` ones have nothing to do with it. */
export type ForeignRow = Omit<WordingRow, 'cause' | 'responsible' | 'fix'> & {
  system: string
  foreign: boolean
}

const rowsOf = <Row>(text: string): Row[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Effect of the token endpoint's numbers on a stored grant, and who must act. */
export type EffectRow = Pick<Judgement, 'effect' | 'responsible'> & { numbers: number[] }

export const numberEffects = rowsOf<EffectRow>(effects)
export const publicReports = rowsOf<ReportRow>(reports)
export const microsoftCodes = rowsOf<ReportRow>(codes)
export const programWordings = rowsOf<WordingRow>(wordings)
export const programSentences = rowsOf<SentenceRow>(sentences)
/** Sentences of programs that must not be read while writing rules (test/diagnosis/README.md). */
export const leftOutSentences = rowsOf<SentenceRow>(leftOut)
export const foreignTexts = rowsOf<ForeignRow>(foreign)
/** Sentences in which people write about errors, each on a line. */
export const prose = proseLines.trim().split('\n')
