/** The entry of the Worker: parses the environment once per isolate and hands over. */
import { createApp } from './app.ts'
import { upkeep } from './domain/upkeep/upkeep.ts'
import { deliverWebhooks } from './domain/webhooks/deliver.ts'
import { readEnv } from './env.ts'
import { createServices, type Services } from './services.ts'

/** As in wrangler.toml: the others are for upkeep. */
const EVERY_MINUTE = '* * * * *'

type Deployment = { services: Services; app: ReturnType<typeof createApp> }

let deployment: Deployment | undefined

function deploy(bindings: unknown): Deployment {
  if (!deployment) {
    const { db, assets, rates, settings } = readEnv(bindings)
    const services = createServices(db, settings, {
      assets: (request) => assets.fetch(request),
      // A counter that fails must not take the service down with it.
      withinRate: async (name, key) =>
        (await rates[name]?.limit({ key }).catch(() => null))?.success ?? true,
    })
    deployment = { services, app: createApp(services) }
  }
  return deployment
}

export default {
  fetch: (request, bindings, context) => deploy(bindings).app.fetch(request, bindings, context),
  scheduled: (controller, bindings, context) => {
    const { services } = deploy(bindings)
    const defer = (work: Promise<unknown>) => context.waitUntil(work)
    const actor = { type: 'system', id: null } as const
    // Each has an invocation, and so its limits, for itself.
    const everyMinute = controller.cron === EVERY_MINUTE
    defer(everyMinute ? deliverWebhooks(services) : upkeep(services, { actor, defer }))
  },
} satisfies ExportedHandler
