/** Entry of the Worker: parses the environment once per isolate. */
import { createApp } from './app.ts'
import { createUnconfiguredApp } from './app-errors.ts'
import { runMaintenance } from './domain/operations/maintenance/maintenance.ts'
import { deliverWebhooks } from './domain/webhooks/deliver.ts'
import { BadEnvironment, readBindings } from './env.ts'
import { consoleLog } from './log.ts'
import { UNLIMITED } from './model/access.ts'
import { createServices, type Services } from './services.ts'

/** Cron expression of webhook deliveries in wrangler.toml; the others run maintenance. */
const WEBHOOKS = '* * * * *'

type Deployment = { services: Services; app: ReturnType<typeof createApp> }

let deployment: Deployment | undefined

/** Returns the error while settings are missing or invalid. */
function deploy(bindings: unknown): Deployment | BadEnvironment {
  try {
    deployment ??= build(bindings)
    return deployment
  } catch (error) {
    if (error instanceof BadEnvironment) return error
    throw error
  }
}

/** Logs which settings are missing or invalid. Callers do not see them. */
const logBadEnvironment = ({ message }: BadEnvironment, requestId?: string) =>
  consoleLog('error', 'settings_invalid', {
    ...(requestId !== undefined && { request_id: requestId }),
    error: message.replaceAll('\n', '; '),
  })

function build(bindings: unknown): Deployment {
  const { db, assets, rates, settings } = readBindings(bindings)
  const services = createServices(db, settings, {
    assets: (request) => assets.fetch(request),
    // A counter that fails must not take the service down with it.
    withinRate: async (name, key) =>
      (await rates[name]?.limit({ key }).catch(() => null))?.success ?? true,
  })
  return { services, app: createApp(services) }
}

export default {
  fetch: (request, bindings, context) => {
    const deployed = deploy(bindings)
    if (!(deployed instanceof BadEnvironment)) {
      const clientAddress = request.headers.get('cf-connecting-ip') ?? 'unknown'
      // Cloudflare replaces Accept-Encoding by its own value. Without the client's, Cloudflare itself compresses for
      // the client.
      const acceptEncoding = String(request.cf?.clientAcceptEncoding ?? '')
      return deployed.app.fetch(request, { clientAddress, acceptEncoding }, context)
    }
    return createUnconfiguredApp((id) => logBadEnvironment(deployed, id)).fetch(request)
  },
  scheduled: (controller, bindings, context) => {
    const deployed = deploy(bindings)
    if (deployed instanceof BadEnvironment) return logBadEnvironment(deployed)
    const { services } = deployed
    const defer = (work: Promise<unknown>) => context.waitUntil(work)
    const actor = { type: 'system', id: null } as const
    // Each runs in its own invocation, with its own limits.
    defer(
      controller.cron === WEBHOOKS
        ? deliverWebhooks(services)
        : runMaintenance(services, { actor, accessScope: UNLIMITED, defer }),
    )
  },
} satisfies ExportedHandler
