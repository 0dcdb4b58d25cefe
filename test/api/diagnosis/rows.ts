/// <reference types="vite/client" />
/** Test data: public reports, Microsoft's table of error numbers, and error texts of programs. */

import type { Evidence, ReportProtocol, Stage } from '../../../schema/diagnosis.ts'
import codes from '../../diagnosis/microsoft-codes.jsonl?raw'
import reports from '../../diagnosis/reports.jsonl?raw'
import wordings from '../../diagnosis/wordings.jsonl?raw'

export type Row = {
  protocol: ReportProtocol
  stage?: Stage
  error: string
  evidence?: Evidence
  /** Slug of the confirmed cause; `undetermined` when it was never found. */
  cause: string
}
export type Report = Row & { id: string; confidence: 'confirmed' | 'likely' | 'guess' }

const rowsOf = <Kind extends Row>(text: string): Kind[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

export const publicReports = rowsOf<Report>(reports)
export const microsoftCodes = rowsOf<Report>(codes)
export const programWordings = rowsOf<Row>(wordings)
