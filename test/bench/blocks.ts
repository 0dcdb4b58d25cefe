/**
 * Measures two things in alternating blocks, so that other load on the machine affects both. Only medians
 * are compared; minimum and maximum show the spread.
 */

export type Spread = { median: number; min: number; max: number }

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  }
}

export type Comparison = {
  ours: Spread
  baseline: Spread
  /** Mailgrant's figure divided by the baseline, for each pair of neighbouring blocks. */
  ratio: Spread
  /** Mailgrant's figure minus the baseline, for each pair of neighbouring blocks. */
  difference: Spread
}

export function compare(ours: readonly number[], baseline: readonly number[]): Comparison {
  const pairs = (of: (a: number, b: number) => number) =>
    spread(ours.map((value, index) => of(value, baseline[index] ?? Number.NaN)))
  return {
    ours: spread(ours),
    baseline: spread(baseline),
    ratio: pairs((a, b) => a / b),
    difference: pairs((a, b) => a - b),
  }
}

/** Runs one block of each as warm-up, then `count` blocks of each in turn. */
export async function alternate<Block>(
  count: number,
  ours: () => Promise<Block>,
  baseline: () => Promise<Block>,
): Promise<{ ours: Block[]; baseline: Block[] }> {
  await ours()
  await baseline()
  const blocks: { ours: Block[]; baseline: Block[] } = { ours: [], baseline: [] }
  for (let block = 0; block < count; block++) {
    blocks.ours.push(await ours())
    blocks.baseline.push(await baseline())
  }
  return blocks
}

export type Run = {
  /** Duration of each task in milliseconds, in order of completion. */
  durations: number[]
  /** Tasks per second. */
  rate: number
}

/** Runs `task` `count` times, at most `parallel` at once. Rejects with the first error. */
export async function runTasks(
  count: number,
  parallel: number,
  task: () => Promise<unknown>,
): Promise<Run> {
  const durations: number[] = []
  let remaining = count
  const started = performance.now()
  async function lane() {
    while (remaining-- > 0) {
      const taskStarted = performance.now()
      await task()
      durations.push(performance.now() - taskStarted)
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return { durations, rate: (count * 1000) / (performance.now() - started) }
}
