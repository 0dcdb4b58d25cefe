/**
 * Prints how well the diagnosis does on a file of reports, in all and per protocol, with 95 % intervals:
 *
 *   npm run score -- [FILE] [--misses] [--blind]
 *
 * `--misses` lists the rows that it gets wrong. `--blind` withholds protocol and stage, as a person does who
 * pastes an error text and nothing else.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  type DiagnosedRow,
  diagnoseRows,
  isOpen,
  missesOf,
  type ReportRow,
  ratioOf,
  type Share,
  scoreOf,
  wilsonInterval,
} from './scoring.ts'

const { values, positionals } = parseArgs({
  options: { misses: { type: 'boolean' }, blind: { type: 'boolean' } },
  allowPositionals: true,
})
const file = positionals[0] ?? new URL('reports.jsonl', import.meta.url)
const rows: ReportRow[] = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
const all = diagnoseRows(rows, values.blind)

const formatShare = (share: Share): string => {
  if (share.whole === 0) return '-'
  const [low, high] = wilsonInterval(share).map((bound) => bound.toFixed(2))
  return `${ratioOf(share).toFixed(3)} ${share.part}/${share.whole} (${low}-${high})`
}

function printScore(name: string, diagnosed: readonly DiagnosedRow[]): void {
  const { hit1, hit3, hedge, certainAndRight } = scoreOf(diagnosed)
  const cells = [hit1, hit3, hedge, certainAndRight].map(formatShare)
  console.log([name.padEnd(9), ...cells.map((cell) => cell.padEnd(26))].join('  ').trimEnd())
}

function printMiss({ row, verdict, causes }: DiagnosedRow): void {
  const wanted = isOpen({ row, verdict, causes }) ? 'too sure' : `wanted ${row.cause}`
  const text = row.error.replace(/\s+/g, ' ').slice(0, 120)
  console.log(`${row.id} ${wanted}, got ${verdict}: ${causes.slice(0, 3).join(', ')} | ${text}`)
}

const HEAD = ['hit@1', 'hit@3', 'hedge', 'certain-and-right'].map((name) => name.padEnd(26))
console.log([''.padEnd(9), ...HEAD].join('  ').trimEnd())
printScore('all', all)
for (const protocol of new Set(rows.map((row) => row.protocol))) {
  printScore(
    protocol,
    all.filter(({ row }) => row.protocol === protocol),
  )
}
if (values.misses) missesOf(all).forEach(printMiss)
