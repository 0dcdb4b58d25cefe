/** The figures as one aligned table with their targets. */
import type { Comparison, Spread } from './blocks.ts'

export type Row = {
  figure: string
  ours: string
  baseline: string
  ratio: string
  /** Empty if the row has no target. */
  target: string
  met: boolean | null
}

export type Figure = {
  rows: Row[]
  /** Explanations printed below the table, one line each. */
  notes: string[]
}

/** Limit for a ratio of the product to the baseline, or for a size. */
export type Target = { atMost: number } | { atLeast: number }

const meets = (value: number, target: Target) =>
  'atMost' in target ? value <= target.atMost : value >= target.atLeast

const formatTarget = (target: Target) =>
  'atMost' in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`

/** Formats a number with at least three significant digits. */
function formatNumber(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

const formatSpread = ({ median, min, max }: Spread) =>
  min === max
    ? formatNumber(median)
    : `${formatNumber(median)} (${formatNumber(min)} - ${formatNumber(max)})`

/** Builds a row whose target is the ratio to the baseline. */
export function ratioRow(figure: string, comparison: Comparison, target?: Target): Row {
  return {
    figure,
    ours: formatSpread(comparison.ours),
    baseline: formatSpread(comparison.baseline),
    ratio: formatSpread(comparison.ratio),
    target: target ? formatTarget(target) : '',
    met: target ? meets(comparison.ratio.median, target) : null,
  }
}

/** Builds a row whose target is an absolute size; the baseline, if any, is for comparison. */
export function sizeRow(
  figure: string,
  [ours, baseline]: readonly [ours: number, baseline: number | null],
  target: Target,
): Row {
  return {
    figure,
    ours: formatNumber(ours),
    baseline: baseline === null ? '' : formatNumber(baseline),
    ratio: '',
    target: formatTarget(target),
    met: meets(ours, target),
  }
}

/** Builds a row without a target. */
export const informationRow = (figure: string, ours: Spread): Row => ({
  figure,
  ours: formatSpread(ours),
  baseline: '',
  ratio: '',
  target: '',
  met: null,
})

const HEAD = ['figure', 'ours', 'baseline', 'ratio', 'target', ''] as const

export function formatTable(rows: readonly Row[]): string {
  const verdict = ({ met }: Row) => (met === null ? '' : met ? 'ok' : 'MISSED')
  const cells = [
    HEAD,
    ...rows.map((row) => [row.figure, row.ours, row.baseline, row.ratio, row.target, verdict(row)]),
  ]
  const widths = HEAD.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
