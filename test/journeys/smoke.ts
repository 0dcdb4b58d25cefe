/**
 * Runs the smoke test (`npm run smoke`): the main job against a running demo, one printed line per step.
 * Exits with 1 at the first failure. `API` and `KEY` select another deployment; `--deployment` runs only
 * the steps that require no mailbox.
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
  console.error('No API key. Set KEY, or start the demo first: npm run demo')
  process.exit(1)
}
const api = createApi(origin, key)
const steps = deployment
  ? deploymentJourney(api)
  : [...deploymentJourney(api), ...mainJourney(api, createSandboxClient(sandbox))]
const passed = await runSteps(steps, console.log)
console.log(passed ? `All ${steps.length} steps passed.` : 'Stopped at the first failed step.')
// Not `exitCode`: a failed step may have left a webhook receiver listening.
process.exit(passed ? 0 : 1)
