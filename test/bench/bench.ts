/**
 * Runs the benchmark (`npm run bench`): each figure of the product beside a minimal baseline measured in
 * the same minutes. Exits with 1 if a target is missed or a figure fails. `--quick` measures fewer blocks, `--only a,c`
 * only these figures.
 */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type BenchSetup, startLab } from './bench-setup.ts'
import { bundleSize } from './bundle-size.ts'
import { diagnosis } from './diagnosis.ts'
import { eventLoop } from './event-loop.ts'
import { farDatabase } from './far-database.ts'
import { growth } from './growth.ts'
import { lists } from './lists.ts'
import { maintenance } from './maintenance.ts'
import { memory } from './memory.ts'
import { ownMemory } from './own-memory.ts'
import { ownStart } from './own-start.ts'
import { ownTokenIssue } from './own-token-issue.ts'
import { type Figure, formatTable } from './table.ts'
import { tokenIssue } from './token-issue.ts'
import { validation } from './validation.ts'
import { waiting } from './waiting.ts'
import { type Bundle, bundle } from './workerd.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'a,b,c,d,e,f,g,h,i,j,k,l,m,n' },
    quick: { type: 'boolean' },
  },
})
const only = values.only.split(',')
const blocks = values.quick ? 3 : 7

process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))

let bundled: Promise<Bundle> | undefined
let started: Promise<BenchSetup> | undefined
const worker = () => (bundled ??= bundle('api/worker.ts'))
const setup = async () => (started ??= startLab(await worker()))

const figures: Record<string, () => Promise<Figure>> = {
  a: async () => tokenIssue(await setup(), blocks),
  b: async () => validation(await setup(), blocks),
  c: async () => bundleSize(await worker(), blocks),
  d: async () => memory(await setup(), values.quick ? 400 : 1000),
  e: async () => diagnosis(values.quick ? 10_000 : 100_000),
  f: async () => growth(await setup(), blocks),
  g: async () => maintenance(await worker()),
  h: async () => ownTokenIssue(await setup(), blocks),
  i: async () => ownStart(await setup()),
  j: async () => ownMemory(await setup(), values.quick ? 400 : 1000),
  k: async () => eventLoop(await setup(), values.quick ? 5 : 1),
  l: async () => waiting(await worker(), blocks),
  m: async () => farDatabase(blocks),
  n: async () => lists(await setup(), values.quick ? 3 : 9),
}
const unknown = only.find((name) => !(name in figures))
if (unknown !== undefined) {
  console.error(`Unknown figure "${unknown}". Known figures: ${Object.keys(figures)}.`)
  process.exit(1)
}

const measured: Figure[] = []
const load = loadavg()[0] ?? 0
try {
  for (const name of only) {
    console.error(`measuring ${name} ...`)
    try {
      const figure = await figures[name]?.()
      if (figure) measured.push(figure)
    } catch (error) {
      // Goes on, since the other figures took minutes.
      console.error(`${name} failed:`, error)
      process.exitCode = 1
    }
  }
} finally {
  await (await started)?.stop()
}

const rows = measured.flatMap((figure) => figure.rows)
console.log(`\n${formatTable(rows)}\n`)
console.log(
  'Medians (min - max). Ratios compare neighbouring blocks: ours, baseline, ours, baseline ...',
)
console.log(`${availableParallelism()} cores, load ${load.toFixed(1)} before the first block.`)
for (const note of measured.flatMap((figure) => figure.notes)) console.log(note)
if (rows.some((row) => row.met === false)) process.exitCode = 1
