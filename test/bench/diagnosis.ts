/**
 * (e) The time of one diagnosis, over all texts of the test data, logs, and generated reports. A pattern is
 * compiled at its first use, so each text counts with the shortest of three runs, and a generated report counts as slow
 * only if it is slow three times in a row.
 */
import { readFileSync } from 'node:fs'
import { diagnose, type Report } from '../../api/diagnosis/diagnose.ts'
import { generatedReports } from '../diagnosis/generated-reports.ts'
import { spread } from './blocks.ts'
import { type Figure, informationRow, sizeRow } from './table.ts'

/** Bound for a text that a person pastes, and for a log. */
const ORDINARY_MS = 5
const SLOW_MS = 50
const TRIES = 3
const LOG_LENGTH = 12_000

type Row = Omit<Report, 'error'> & { error?: string; example?: string }

const readRows = (name: string): Report[] =>
  readFileSync(new URL(`../diagnosis/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
    .map(({ protocol, stage, error, example, evidence }) =>
      // The protocols of a sentence are a list, so it is diagnosed by its text alone.
      example === undefined
        ? { protocol, stage, error: error ?? '', evidence }
        : { error: example },
    )

/** Measures the processor time of one diagnosis in milliseconds, which does not depend on what else the machine does. */
function measure(report: Report): number {
  const started = process.cpuUsage()
  diagnose(report)
  return process.cpuUsage(started).user / 1000
}

const shortest = (report: Report) =>
  Math.min(...Array.from({ length: TRIES }, () => measure(report)))

/** Builds a log in which every tenth line is one of these errors. */
function logOf(errors: readonly string[], every: number): Report {
  let log = ''
  for (let line = 0; log.length < LOG_LENGTH; line++) {
    const text =
      line % every === 0 ? errors[(line / every) % errors.length] : `debug: fetched message ${line}`
    log += `2026-05-01T10:00:${String(line % 60).padStart(2, '0')}Z worker[7]: ${text}\n`
  }
  return { error: log.slice(0, LOG_LENGTH) }
}

export function diagnosis(inputs: number): Figure {
  const reports = ['reports', 'wordings', 'sentences', 'negatives'].flatMap(readRows)
  const texts = reports.map(({ error }) => error)
  for (const report of reports) diagnose(report)
  const times = reports.map(shortest)
  const all = spread(times)
  const slowest = reports[times.indexOf(all.max)]
  const log = logOf(texts.slice(0, 5), 10)
  const denseLog = logOf(
    texts.filter((_, index) => index % 37 === 0),
    1,
  )

  const next = generatedReports(texts, 1)
  let slow = 0
  for (let count = 0; count < inputs; count++) {
    const report = next()
    if (measure(report) > SLOW_MS && shortest(report) > SLOW_MS) slow += 1
  }
  return {
    rows: [
      sizeRow('(e) a diagnosis, ms, median', [all.median, null], { atMost: 1 }),
      sizeRow('(e) a diagnosis, ms, slowest text', [all.max, null], { atMost: ORDINARY_MS }),
      sizeRow('(e) a diagnosis, ms, log of 12 KB', [shortest(log), null], { atMost: ORDINARY_MS }),
      informationRow('(e) the same, each line another error', spread([shortest(denseLog)])),
      sizeRow(`(e) slow diagnoses of ${inputs} generated reports`, [slow, null], { atMost: 0 }),
    ],
    notes: [
      `(e) over ${reports.length} texts; a slow one takes more than ${SLOW_MS} ms three times in a row.`,
      `(e) slowest: ${slowest?.error.replace(/\s+/g, ' ').slice(0, 100)}`,
    ],
  }
}
