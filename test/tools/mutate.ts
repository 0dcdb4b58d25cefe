/**
 * Runs Stryker, on the given files or on all of its configuration. Installs it when it is missing. Options
 * go to Stryker: `--testFiles=test/checker/secure.test.ts` runs those tests only, which is much faster, but
 * never activates a mutant of code that runs at import: check the ones marked "Ran all tests" without it.
 */
import { join } from 'node:path'
import { installTools, run, toolPath } from './install.ts'

installTools()
const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const files = args.filter((arg) => !arg.startsWith('-'))
run(
  toolPath('@stryker-mutator/core/bin/stryker.js'),
  'run',
  join(import.meta.dirname, 'stryker.config.ts'),
  ...(files.length > 0 ? ['--mutate', files.join(',')] : []),
  ...options,
)
