/**
 * (e) The time of one diagnosis: over the public reports, and the worst of generated ones. A busy
 * machine can stop any of them for a while, so one that was slow is run again alone, and counts as
 * slow when it was so three times.
 */
import { readFileSync } from 'node:fs'
import { diagnose, type Report } from '../../api/diagnosis/diagnose.ts'
import { generatedReports } from '../diagnosis/generated-reports.ts'
import { spread } from './blocks.ts'
import { type Figure, sizeRow } from './table.ts'

const SLOW = 50
const TRIES = 3

const readReports = (): Report[] =>
  readFileSync(new URL('../diagnosis/reports.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Milliseconds. */
function timed(report: Report): number {
  const started = performance.now()
  diagnose(report)
  return performance.now() - started
}

const isSlow = (report: Report) =>
  Array.from({ length: TRIES }, () => timed(report)).every((time) => time > SLOW)

export function diagnosis(inputs: number): Figure {
  const reports = readReports()
  for (const report of reports) diagnose(report)
  const times = reports.map(timed)
  const { median, most } = spread(times)

  const next = generatedReports(reports.map(({ error }) => error))
  let slow = 0
  for (let count = 0; count < inputs; count++) {
    const report = next()
    if (timed(report) > SLOW && isSlow(report)) slow += 1
  }
  return {
    rows: [
      sizeRow('(e) a diagnosis, ms, median', [median, null], { atMost: SLOW }),
      sizeRow('(e) a diagnosis, ms, worst report', [most, null], { atMost: SLOW }),
      sizeRow(`(e) slow ones of ${inputs} generated`, [slow, null], { atMost: 0 }),
    ],
    notes: [
      `(e) over ${reports.length} public reports; slow is more than ${SLOW} ms, three times.`,
    ],
  }
}
