/**
 * Prints after a run how many tests each project ran, and which of the API's tests ran on one of the two
 * runtimes only. Fails a run in which one did that `ONE_RUNTIME_ONLY` does not explain.
 */
import { matchesGlob, relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { ONE_RUNTIME_ONLY, root } from './projects.ts'

/** File and title of each test that ran. */
function testsOf(modules: readonly TestModule[]): { file: string; title: string }[] {
  return modules.flatMap((module) =>
    [...module.children.allTests()]
      .filter((test) => test.result().state !== 'skipped')
      .map((test) => ({ file: relative(root, module.moduleId), title: test.fullName })),
  )
}

export class RuntimeCounts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const projects = Map.groupBy(modules, ({ project }) => project.name)
    console.log('\nTests by project')
    for (const [name, own] of projects) {
      console.log(
        `  ${name.padEnd(8)} ${String(testsOf(own).length).padStart(5)} in ${own.length} files`,
      )
    }
    const [workerd, sqlite] = ['workerd', 'sqlite'].map((name) => projects.get(name))
    if (!workerd || !sqlite) return
    const onWorkerd = testsOf(workerd)
    const inNode = ['node', 'slow'].flatMap((name) => projects.get(name) ?? [])
    const onNode = testsOf([...sqlite, ...inNode]).filter(({ file }) =>
      file.startsWith('test/api/'),
    )
    console.log("The API's tests that run on one runtime only")
    for (const [runtime, own, other] of [
      ['workerd', onWorkerd, onNode],
      ['node', onNode, onWorkerd],
    ] as const) {
      const elsewhere = new Set(other.map(({ file, title }) => `${file} ${title}`))
      const only = own.filter(({ file, title }) => !elsewhere.has(`${file} ${title}`))
      for (const [file, tests] of Map.groupBy(only, ({ file }) => patternOf(file))) {
        const known = ONE_RUNTIME_ONLY[file]
        const reason =
          known?.runtime === runtime ? known.reason : `no reason given: ${tests[0]?.title}`
        console.log(
          `  ${runtime.padEnd(8)} ${String(tests.length).padStart(5)}  ${file}: ${reason}`,
        )
        if (known?.runtime !== runtime) process.exitCode = 1
      }
    }
  }
}

/** Returns the entry of the table that covers the file, or the file. */
const patternOf = (file: string): string =>
  Object.keys(ONE_RUNTIME_ONLY).find((pattern) => matchesGlob(file, pattern)) ?? file
