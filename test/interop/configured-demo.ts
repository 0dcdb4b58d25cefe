/** A demo with its app registration entered. */
import { type Admin, createAdmin } from '../journeys/admin.ts'
import { type Api, createApi } from '../journeys/api.ts'
import { createSandboxClient } from '../journeys/sandbox-client.ts'
import { type Demo, startDemo } from '../sandbox/demo/launch.ts'
import type { Part } from '../sandbox/demo/ports.ts'
import { testedRuntime } from '../sandbox/demo/runtime.ts'

export type ConfiguredDemo = { demo: Demo; api: Api; admin: Admin }

export async function startConfiguredDemo(...without: Part[]): Promise<ConfiguredDemo> {
  const demo = await startDemo({ runtime: testedRuntime(), ports: 'free', without })
  const api = createApi(demo.urls.api, demo.rootApiKey)
  const admin = createAdmin(api, createSandboxClient(demo.urls.entra))
  await admin.prepareSandbox()
  await api.expect(200, 'POST', '/v1/integrations/microsoft/activate')
  const protocols = ['imap', 'smtp', 'graph_send']
  const settings = { ...admin.settings(admin.facts().client_secret), protocols }
  await api.expect(200, 'PUT', '/v1/integrations/microsoft/settings', settings)
  return { demo, api, admin }
}
