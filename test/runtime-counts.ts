/**
 * Prints after a run the seed and how many tests each project ran. Fails a run in which a test of a file
 * that ran on both runtimes ran on one of them only.
 */
import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { root, seed } from './projects.ts'

/** Returns the tests that ran, as file and title. */
const testsOf = (modules: readonly TestModule[]): string[] =>
  modules.flatMap((module) =>
    [...module.children.allTests()]
      .filter((test) => test.result().state !== 'skipped')
      .map((test) => `${relative(root, module.moduleId)} ${test.fullName}`),
  )

export class RuntimeCounts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const projects = Map.groupBy(modules, ({ project }) => project.name)
    console.log(`\nRandom trials began at SEED=${seed}\nTests by project`)
    for (const [name, own] of projects) {
      const count = String(testsOf(own).length).padStart(5)
      console.log(`  ${name.padEnd(8)} ${count} in ${own.length} files`)
    }
    const [workerd = [], sqlite = []] = ['workerd', 'sqlite'].map((name) => {
      const own = projects.get(name) ?? []
      const elsewhere = name === 'workerd' ? 'sqlite' : 'workerd'
      const files = new Set(projects.get(elsewhere)?.map(({ moduleId }) => moduleId))
      return testsOf(own.filter(({ moduleId }) => files.has(moduleId)))
    })
    const oneOnly = [
      ...workerd.filter((test) => !sqlite.includes(test)).map((test) => `workerd: ${test}`),
      ...sqlite.filter((test) => !workerd.includes(test)).map((test) => `sqlite: ${test}`),
    ]
    for (const test of oneOnly) console.log(`  ran on one runtime only: ${test}`)
    if (oneOnly.length > 0) process.exitCode = 1
  }
}
