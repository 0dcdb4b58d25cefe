/**
 * (d) Memory after 1,000 validations, beside that of the bare script after 1,000 logins, and the growth of
 * the live heap between the 500th and the 1,000th, which would show a leak per validation.
 */

import type { BenchSetup } from './bench-setup.ts'
import { compare } from './blocks.ts'
import { type Logins, startBareLogins, startChecker } from './logins.ts'
import { type Figure, ratioRow, sizeRow } from './table.ts'

const MIB = 1024 * 1024
const PARALLEL = 8

export async function memory({ servers }: BenchSetup, logins: number): Promise<Figure> {
  const ours = await measure(await startChecker(servers, '1.3'), logins)
  const baseline = await measure(await startBareLogins(servers, '1.3'), logins)
  return {
    rows: [
      ratioRow(`(d) memory after ${logins} logins, MiB`, compare([ours.rss], [baseline.rss]), {
        atMost: 1.4,
      }),
      sizeRow('(d) growth of the heap in the second half, MiB', [ours.growth, baseline.growth], {
        atMost: 5,
      }),
    ],
    notes: [
      `(d) new processes, half of the logins IMAP, half SMTP, ${2 * PARALLEL} at once; resident set size; heap`,
      '    after a forced garbage collection, reported by a hook that is loaded into the checker.',
    ],
  }
}

async function measure(target: Logins, logins: number) {
  try {
    // A pair is two logins.
    await target.run('both', logins / 4, PARALLEL)
    const middle = await target.memory()
    await target.run('both', logins / 4, PARALLEL)
    const end = await target.memory()
    return { rss: end.rss / MIB, growth: (end.heap - middle.heap) / MIB }
  } finally {
    await target.stop()
  }
}
