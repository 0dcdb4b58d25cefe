/**
 * npm run bench: the figures of the product, each beside a bare floor that was measured in the same
 * minutes. Ends with 1 when a target is missed. `--quick` measures fewer blocks, `--only a,c` less.
 */
import { parseArgs } from 'node:util'
import { bundleSize } from './bundle-size.ts'
import { handOut } from './hand-out.ts'
import { type Lab, startLab } from './lab.ts'
import { memory } from './memory.ts'
import { type Figure, formatTable } from './table.ts'
import { validation } from './validation.ts'
import { type Bundle, bundle } from './workerd.ts'

const { values } = parseArgs({
  options: { only: { type: 'string', default: 'a,b,c,d' }, quick: { type: 'boolean' } },
})
const only = values.only.split(',')
const blocks = values.quick ? 3 : 7

const figures: Record<string, (lab: Lab, worker: Bundle) => Promise<Figure>> = {
  a: (lab) => handOut(lab, blocks),
  b: (lab) => validation(lab, blocks),
  c: (_lab, worker) => bundleSize(worker, blocks),
  d: (lab) => memory(lab, values.quick ? 400 : 1000),
}
const unknown = only.find((name) => !(name in figures))
if (unknown !== undefined) {
  console.error(`There is no figure "${unknown}". The figures are ${Object.keys(figures)}.`)
  process.exit(1)
}

process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))

const worker = await bundle('api/worker.ts')
const lab = await startLab(worker)
const measured: Figure[] = []
try {
  for (const name of only) {
    console.error(`measuring ${name} ...`)
    const figure = await figures[name]?.(lab, worker)
    if (figure) measured.push(figure)
  }
} finally {
  await lab.stop()
}

const rows = measured.flatMap((figure) => figure.rows)
console.log(`\n${formatTable(rows)}\n`)
console.log(
  'Medians (least - most). A ratio is of neighbouring blocks: ours, floor, ours, floor ...',
)
for (const note of measured.flatMap((figure) => figure.notes)) console.log(note)
process.exitCode = rows.some((row) => row.met === false) ? 1 : 0
