/**
 * Prints how well the diagnosis does on a file of reports, in all and per protocol, with 95 % intervals:
 *
 *   npm run score -- [FILE] [--misses] [--blind]
 *
 * `--misses` lists the rows that it gets wrong. `--blind` withholds protocol and stage, as a person does who
 * pastes an error text and nothing else.
 *
 *   npm run score -- [FILE] --second-reader export DIR
 *   npm run score -- [FILE] --second-reader replay REPLIES
 *
 * The first writes the requests to the second reader, a file for each row that the rules leave open, and calls no
 * model. The second scores replies, a line of JSON for each: `{"id": "...", "reply": "..."}` with the model's own words.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chatBody } from '../../api/chat-client.ts'
import {
  type DiagnosedRow,
  diagnoseRows,
  isOpen,
  isUndecided,
  missesOf,
  type ReportRow,
  ratioOf,
  readAgain,
  readingRequestOf,
  type Share,
  scoreOf,
  wilsonInterval,
} from './scoring.ts'

const { values, positionals } = parseArgs({
  options: {
    misses: { type: 'boolean' },
    blind: { type: 'boolean' },
    'second-reader': { type: 'string' },
  },
  allowPositionals: true,
})
const command = values['second-reader']
const target = command === undefined ? undefined : positionals.pop()
const isComplete = target !== undefined && ['export', 'replay'].includes(command ?? '')
if (command !== undefined && !isComplete) {
  console.error('Usage: npm run score -- [FILE] --second-reader (export DIR | replay REPLIES)')
  process.exit(1)
}
const linesOf = <Row>(path: string | URL): Row[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const rows: ReportRow[] = linesOf(positionals[0] ?? new URL('reports.jsonl', import.meta.url))
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

function printMiss(one: DiagnosedRow): void {
  const { row, verdict, causes } = one
  const wanted = isOpen(one) ? 'too sure' : `wanted ${row.cause}`
  const text = row.error.replace(/\s+/g, ' ').slice(0, 120)
  console.log(`${row.id} ${wanted}, got ${verdict}: ${causes.slice(0, 3).join(', ')} | ${text}`)
}

/** Writes the bodies as they would be sent, apart from the name of the model. */
function exportRequests(folder: string, open: readonly DiagnosedRow[]): void {
  mkdirSync(folder, { recursive: true })
  for (const one of open) {
    const body = chatBody('MODEL', readingRequestOf(one))
    writeFileSync(join(folder, `${one.row.id}.json`), `${JSON.stringify(body, null, 2)}\n`)
  }
  console.log(`${open.length} of ${rows.length} rows are left open by the rules: see ${folder}`)
}

/** Scores the rules and the second reader on the rows with a reply. */
function scoreReplies(path: string, open: readonly DiagnosedRow[]): void {
  const replies = new Map(
    linesOf<{ id: string; reply: string }>(path).map(({ id, reply }) => [id, reply]),
  )
  const read = open.filter(({ row }) => replies.has(row.id))
  const again = read.map((one) => readAgain(one, replies.get(one.row.id) ?? ''))
  console.log(`${read.length} of ${open.length} open rows have a reply`)
  printHead()
  printScore('rules', read)
  printScore('reader', again)
  if (values.misses) missesOf(again).forEach(printMiss)
}

function printHead(): void {
  const names = ['hit@1', 'hit@3', 'hedge', 'certain-and-right'].map((name) => name.padEnd(26))
  console.log([''.padEnd(9), ...names].join('  ').trimEnd())
}

function printScores(): void {
  printHead()
  printScore('all', all)
  for (const protocol of new Set(rows.map((row) => row.protocol))) {
    printScore(
      protocol,
      all.filter(({ row }) => row.protocol === protocol),
    )
  }
  if (values.misses) missesOf(all).forEach(printMiss)
}

const open = all.filter(isUndecided)
if (target === undefined) printScores()
else if (command === 'export') exportRequests(target, open)
else scoreReplies(target, open)
