/**
 * (d) Memory after 1,000 validations beside the bare script's after the same 1,000 logins, and the
 * live heap between the 500th and the 1,000th: what is kept of a validation shows there.
 */

import { compare } from './blocks.ts'
import type { Lab } from './lab.ts'
import { type Logins, startBareLogins, startChecker } from './logins.ts'
import { type Figure, ratioRow, sizeRow } from './table.ts'

const MIB = 1024 * 1024
const AT_ONCE = 8

export async function memory({ servers }: Lab, logins: number): Promise<Figure> {
  const ours = await measure(await startChecker(servers, '1.3'), logins)
  const floor = await measure(await startBareLogins(servers, '1.3'), logins)
  return {
    rows: [
      ratioRow(`(d) memory after ${logins} logins, MiB`, compare([ours.rss], [floor.rss]), {
        atMost: 1.4,
      }),
      sizeRow('(d) growth of the heap in the second half, MiB', [ours.growth, floor.growth], {
        atMost: 5,
      }),
    ],
    notes: [
      `(d) fresh processes, half of the logins IMAP, half SMTP, ${2 * AT_ONCE} at once; resident set as the system`,
      '    counts it; heap after a forced collection, by a hook that is loaded beside the checker for this.',
    ],
  }
}

async function measure(who: Logins, logins: number) {
  try {
    // A pair is two logins.
    await who.run('both', logins / 4, AT_ONCE)
    const middle = await who.memory()
    await who.run('both', logins / 4, AT_ONCE)
    const end = await who.memory()
    return { rss: end.rss / MIB, growth: (end.heap - middle.heap) / MIB }
  } finally {
    await who.stop()
  }
}
