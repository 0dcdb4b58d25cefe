/**
 * `npm run smoke`: the main job against a running demo, a readable line per step, exit 1 at the
 * first that is not so. `API` and `KEY` name another place than the demo's; `--deployment` runs only
 * what needs no mailbox.
 */

import { demoKey } from '../sandbox/demo/key-file.ts'
import { createApi } from './api.ts'
import { deploymentJourney } from './deployment-journey.ts'
import { mainJourney } from './main-journey.ts'
import { createSandboxClient } from './sandbox-client.ts'
import { runSteps } from './steps.ts'

const origin = process.env.API ?? 'http://localhost:8787'
const key = process.env.KEY ?? demoKey()
const sandbox = process.env.SANDBOX ?? 'http://127.0.0.1:8789'
const deployment = process.argv.includes('--deployment')

if (key === null) {
  console.error('Which key? Set KEY, or start the demo first: npm run demo')
  process.exit(1)
}
const api = createApi(origin, key)
const steps = deployment
  ? deploymentJourney(api)
  : [...deploymentJourney(api), ...mainJourney(api, createSandboxClient(sandbox))]
const passed = await runSteps(steps, console.log)
console.log(passed ? `${steps.length} steps, all so.` : 'The journey ends here.')
// Not `exitCode`: a step that failed may have left a receiver of webhooks listening.
process.exit(passed ? 0 : 1)
