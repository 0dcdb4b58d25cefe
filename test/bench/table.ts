/** The figures as one aligned table, and whether each target is met. */
import type { Compared, Spread } from './blocks.ts'

export type Row = {
  figure: string
  ours: string
  floor: string
  ratio: string
  /** Empty when the row is there to be read only. */
  target: string
  met: boolean | null
}

export type Figure = {
  rows: Row[]
  /** What was done, and on what: a line each. */
  notes: string[]
}

/** `target` is about the ratio of ours to the floor. */
export type Target = { atMost: number } | { atLeast: number }

const meets = (value: number, target: Target) =>
  'atMost' in target ? value <= target.atMost : value >= target.atLeast

const say = (target: Target) =>
  'atMost' in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`

/** Three digits at least, and no more decimals than that takes. */
function digits(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

const range = ({ median, least, most }: Spread) =>
  least === most ? digits(median) : `${digits(median)} (${digits(least)} - ${digits(most)})`

/** A figure whose target is its ratio to the floor. */
export function ratioRow(figure: string, compared: Compared, target?: Target): Row {
  return {
    figure,
    ours: range(compared.ours),
    floor: range(compared.floor),
    ratio: range(compared.ratio),
    target: target ? say(target) : '',
    met: target ? meets(compared.ratio.median, target) : null,
  }
}

/** A figure whose target is a size of its own; the floor stands beside it where there is one. */
export function sizeRow(
  figure: string,
  [ours, floor]: readonly [ours: number, floor: number | null],
  target: Target,
): Row {
  return {
    figure,
    ours: digits(ours),
    floor: floor === null ? '' : digits(floor),
    ratio: '',
    target: say(target),
    met: meets(ours, target),
  }
}

/** A figure to be read only. */
export const informationRow = (figure: string, ours: Spread): Row => ({
  figure,
  ours: range(ours),
  floor: '',
  ratio: '',
  target: '',
  met: null,
})

const HEAD = ['figure', 'ours', 'floor', 'ratio', 'target', ''] as const

export function formatTable(rows: readonly Row[]): string {
  const verdict = ({ met }: Row) => (met === null ? '' : met ? 'ok' : 'MISSED')
  const cells = [
    HEAD,
    ...rows.map((row) => [row.figure, row.ours, row.floor, row.ratio, row.target, verdict(row)]),
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
