/**
 * (e) The time of one diagnosis, over the public reports and over generated ones. A busy machine can
 * delay any of them, so a slow one is repeated and counts as slow only if it is slow three times in a row.
 */
import { readFileSync } from 'node:fs'
import { diagnose, type Report } from '../../api/diagnosis/diagnose.ts'
import { generatedReports } from '../diagnosis/generated-reports.ts'
import { spread } from './blocks.ts'
import { type Figure, sizeRow } from './table.ts'

const SLOW_MS = 50
const TRIES = 3

const readReports = (): Report[] =>
  readFileSync(new URL('../diagnosis/reports.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Measures one diagnosis in milliseconds. */
function measure(report: Report): number {
  const started = performance.now()
  diagnose(report)
  return performance.now() - started
}

const isSlow = (report: Report) =>
  Array.from({ length: TRIES }, () => measure(report)).every((time) => time > SLOW_MS)

export function diagnosis(inputs: number): Figure {
  const reports = readReports()
  for (const report of reports) diagnose(report)
  const times = reports.map(measure)
  const { median, max } = spread(times)

  const next = generatedReports(reports.map(({ error }) => error))
  let slow = 0
  for (let count = 0; count < inputs; count++) {
    const report = next()
    if (measure(report) > SLOW_MS && isSlow(report)) slow += 1
  }
  return {
    rows: [
      sizeRow('(e) a diagnosis, ms, median', [median, null], { atMost: SLOW_MS }),
      sizeRow('(e) a diagnosis, ms, worst report', [max, null], { atMost: SLOW_MS }),
      sizeRow(`(e) slow diagnoses of ${inputs} generated reports`, [slow, null], { atMost: 0 }),
    ],
    notes: [
      `(e) over ${reports.length} public reports; slow means more than ${SLOW_MS} ms three times in a row.`,
    ],
  }
}
