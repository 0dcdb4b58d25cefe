/** Entry of the Worker: parses the environment once per isolate. */
import { createApp } from './app.ts'
import { runMaintenance } from './domain/maintenance/maintenance.ts'
import { deliverWebhooks } from './domain/webhooks/deliver.ts'
import { BadEnvironment, readEnv } from './env.ts'
import { consoleLog } from './log.ts'
import { PROBLEM_JSON } from './problem.ts'
import { createServices, type Services } from './services.ts'

/** Cron expression of webhook deliveries in wrangler.toml; the other one runs maintenance. */
const EVERY_MINUTE = '* * * * *'

type Deployment = { services: Services; app: ReturnType<typeof createApp> }

let deployment: Deployment | undefined

/** Returns null while settings are missing or invalid, which is logged but not shown to callers. */
function deploy(bindings: unknown): Deployment | null {
  try {
    deployment ??= build(bindings)
    return deployment
  } catch (error) {
    if (!(error instanceof BadEnvironment)) throw error
    consoleLog('error', 'settings_invalid', { error: error.message.replaceAll('\n', '; ') })
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

/** Answers without a problem type: its URL would require the missing settings. */
const notConfigured = () =>
  Response.json(
    { type: 'about:blank', title: 'Internal Server Error', status: 500 },
    { status: 500, headers: { 'content-type': PROBLEM_JSON, 'cache-control': 'no-store' } },
  )

export default {
  fetch: (request, bindings, context) =>
    deploy(bindings)?.app.fetch(request, bindings, context) ?? notConfigured(),
  scheduled: (controller, bindings, context) => {
    const services = deploy(bindings)?.services
    if (!services) return
    const defer = (work: Promise<unknown>) => context.waitUntil(work)
    const actor = { type: 'system', id: null } as const
    // Each runs in an invocation of its own, and so under limits of its own.
    const everyMinute = controller.cron === EVERY_MINUTE
    defer(everyMinute ? deliverWebhooks(services) : runMaintenance(services, { actor, defer }))
  },
} satisfies ExportedHandler
