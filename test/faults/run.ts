/**
 * `npm run test:faults [-- [--small] [PART ...]]`: injects faults and attacks, and prints trials and failures
 * per kind. Exits with 1 if there is any failure. SEED in the environment repeats a run.
 */
import { parseArgs } from 'node:util'
import { type Reporter, startVitest, type TestCase } from 'vitest/node'
import { SEED } from './kinds.ts'
import type {} from './part.test.ts'
import { parts } from './parts.ts'
import { formatKinds } from './table.ts'

const root = new URL('../..', import.meta.url).pathname

const { values, positionals } = parseArgs({
  options: { small: { type: 'boolean' } },
  allowPositionals: true,
})
const unknown = positionals.find((name) => !(name in parts))
if (unknown !== undefined) {
  console.error(`There is no part ${unknown}. Parts: ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}
const size = values.small ? 'small' : 'full'
const names = positionals.length > 0 ? positionals : Object.keys(parts)
const total = { trials: 0, failures: 0 }

/** Prints each part when it ends. */
const reporter: Reporter = {
  onTestCaseResult(test: TestCase) {
    const { kinds = [] } = test.meta()
    const seconds = Math.round((test.diagnostic()?.duration ?? 0) / 1000)
    console.log(`\n${test.project.name} (${seconds} s)\n${formatKinds(kinds)}`)
    for (const { message, stack } of test.result().errors ?? []) reportError(stack ?? message)
    for (const { trials, failures } of kinds) {
      total.trials += trials
      total.failures += failures.length
    }
  },
  onTestModuleEnd(module) {
    for (const { message, stack } of module.errors()) reportError(stack ?? message)
  },
  onTestRunEnd(_modules, errors) {
    for (const { message, stack } of errors) reportError(stack ?? message)
  },
}

function reportError(text: string): void {
  total.failures += 1
  console.log(text)
}

console.log(`faults suite, ${size} size, seed ${SEED}`)
const substitute = (name: string) => `${root}test/api/node/cloudflare-${name}.ts`
await startVitest('test', [], {
  root,
  config: false,
  run: true,
  watch: false,
  reporters: [reporter],
  maxWorkers: 2,
  projects: names.map((part) => ({
    root,
    // The Worker's code in Node, on D1's interface over node:sqlite.
    resolve: {
      alias: {
        'cloudflare:workers': substitute('workers'),
        'cloudflare:test': substitute('test'),
      },
    },
    test: {
      name: part,
      include: ['test/faults/part.test.ts'],
      testTimeout: 20 * 60_000,
      provide: { part, size },
    },
  })),
})
const single = names.filter((name) => parts[name]?.only)
if (single.length > 0) console.log('\nparts that run on one runtime only')
for (const name of single) console.log(`  ${name.padEnd(20)}  ${parts[name]?.only}`)
console.log(`\n${total.trials} trials, ${total.failures} failures`)
process.exit(total.failures > 0 ? 1 : 0)
