/**
 * Runs the two common OpenAPI linters on the committed document with all recommended rules; a warning
 * counts as an error. Opening a network socket throws, so that nothing leaves this machine.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { installTools, run, toolPath } from './install.ts'

const root = join(import.meta.dirname, '../..')
const document = join(root, 'schema/openapi.json')
const OFFLINE = `data:text/javascript,${encodeURIComponent(
  "import net from 'node:net'; net.Socket.prototype.connect = () => { throw new Error('the network is off') }",
)}`

installTools()
process.env.NODE_OPTIONS = `--import=${OFFLINE}`
process.env.REDOCLY_TELEMETRY = 'off'
process.env.REDOCLY_SUPPRESS_UPDATE_NOTICE = 'true'
const rules = join(import.meta.dirname, 'openapi.spectral.yaml')
run(
  toolPath('@stoplight/spectral-cli/dist/index.js'),
  'lint',
  '--ruleset',
  rules,
  '--fail-severity',
  'hint',
  document,
)

// Redocly ends with 0 despite warnings.
const redocly = spawnSync(
  process.execPath,
  [toolPath('@redocly/cli/bin/cli.js'), 'lint', '--extends=recommended', '--format=json', document],
  { encoding: 'utf8' },
)
const { problems } = JSON.parse(redocly.stdout)
for (const problem of problems) console.error(JSON.stringify(problem))
console.log(`Redocly: ${problems.length} problems`)
process.exitCode = problems.length === 0 && redocly.status === 0 ? 0 : 1
