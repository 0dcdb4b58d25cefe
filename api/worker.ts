/** The entry of the Worker: parses the environment once per isolate and hands over. */
import { createApp } from './app.ts'
import { runMaintenance } from './domain/maintenance/maintenance.ts'
import { deliverWebhooks } from './domain/webhooks/deliver.ts'
import { BadEnvironment, readEnv } from './env.ts'
import { consoleLog } from './log.ts'
import { PROBLEM_JSON } from './problem.ts'
import { createServices, type Services } from './services.ts'

/** As in wrangler.toml: the others are for maintenance. */
const EVERY_MINUTE = '* * * * *'

type Deployment = { services: Services; app: ReturnType<typeof createApp> }

let deployment: Deployment | undefined

/** Null while settings are missing or wrong: that is said in the log, and to nobody who calls. */
function deploy(bindings: unknown): Deployment | null {
  try {
    deployment ??= build(bindings)
    return deployment
  } catch (error) {
    if (!(error instanceof BadEnvironment)) throw error
    consoleLog('error', 'settings_wrong', { error: error.message.replaceAll('\n', '; ') })
    return null
  }
}

function build(bindings: unknown): Deployment {
  const { db, assets, rates, settings } = readEnv(bindings)
  const services = createServices(db, settings, {
    assets: (request) => assets.fetch(request),
    // A counter that fails must not take the service down with it.
    withinRate: async (name, key) =>
      (await rates[name]?.limit({ key }).catch(() => null))?.success ?? true,
  })
  return { services, app: createApp(services) }
}

/** Without settings there is no address of the API reference to refer to. */
const notSetUp = () =>
  Response.json(
    { type: 'about:blank', title: 'Internal Server Error', status: 500 },
    { status: 500, headers: { 'content-type': PROBLEM_JSON, 'cache-control': 'no-store' } },
  )

export default {
  fetch: (request, bindings, context) =>
    deploy(bindings)?.app.fetch(request, bindings, context) ?? notSetUp(),
  scheduled: (controller, bindings, context) => {
    const services = deploy(bindings)?.services
    if (!services) return
    const defer = (work: Promise<unknown>) => context.waitUntil(work)
    const actor = { type: 'system', id: null } as const
    // Each has an invocation, and so its limits, for itself.
    const everyMinute = controller.cron === EVERY_MINUTE
    defer(everyMinute ? deliverWebhooks(services) : runMaintenance(services, { actor, defer }))
  },
} satisfies ExportedHandler
