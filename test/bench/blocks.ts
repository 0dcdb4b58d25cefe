/**
 * Two things measured side by side: blocks of one and of the other in turn, so that whatever else
 * the machine does falls on both. Only medians are compared; least and most show the spread.
 */

export type Spread = { median: number; least: number; most: number }

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    least: at(0),
    most: at(sorted.length - 1),
  }
}

export type Compared = {
  ours: Spread
  floor: Spread
  /** Ours divided by the floor, block by neighbouring block. */
  ratio: Spread
  /** Ours less the floor, likewise. */
  extra: Spread
}

export function compare(ours: readonly number[], floor: readonly number[]): Compared {
  const pairs = (of: (a: number, b: number) => number) =>
    spread(ours.map((value, index) => of(value, floor[index] ?? Number.NaN)))
  return {
    ours: spread(ours),
    floor: spread(floor),
    ratio: pairs((a, b) => a / b),
    extra: pairs((a, b) => a - b),
  }
}

/** One block of each to warm up, then `count` of each in turn. */
export async function alternate<Block>(
  count: number,
  ours: () => Promise<Block>,
  floor: () => Promise<Block>,
): Promise<{ ours: Block[]; floor: Block[] }> {
  await ours()
  await floor()
  const blocks: { ours: Block[]; floor: Block[] } = { ours: [], floor: [] }
  for (let block = 0; block < count; block++) {
    blocks.ours.push(await ours())
    blocks.floor.push(await floor())
  }
  return blocks
}

export type Run = {
  /** Milliseconds of each task, in the order in which they ended. */
  durations: number[]
  /** Tasks a second. */
  rate: number
}

/** Runs `task` so often, with never more than `parallel` at once, and ends with the first error. */
export async function pace(
  count: number,
  parallel: number,
  task: () => Promise<unknown>,
): Promise<Run> {
  const durations: number[] = []
  let left = count
  const started = performance.now()
  async function lane() {
    while (left-- > 0) {
      const since = performance.now()
      await task()
      durations.push(performance.now() - since)
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return { durations, rate: (count * 1000) / (performance.now() - started) }
}
