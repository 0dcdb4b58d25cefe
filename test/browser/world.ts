/**
 * A demo on free ports and a Chromium in front of it. All its pages and their popups are watched. `watchOf(page)`
 * returns their faults so far.
 */
import { afterAll, beforeAll } from 'vitest'
import { createApi } from '../journeys/api.ts'
import { createSandboxClient } from '../journeys/sandbox-client.ts'
import { type DemoOptions, startDemo } from '../sandbox/demo/launch.ts'
import { testedRuntime } from '../sandbox/demo/runtime.ts'
import { startBrowser } from './browser.ts'

export type BrowserWorld = Awaited<ReturnType<typeof startBrowserWorld>>

type Options = Omit<DemoOptions, 'runtime' | 'ports' | 'keep'>

/** Starts a world before the tests of a file, prepares it, and stops it after them. It is empty until then. */
export function browserWorld(
  options: Options,
  prepare: (world: BrowserWorld) => Promise<unknown> = async () => {},
): BrowserWorld {
  const world = {} as BrowserWorld
  let started: BrowserWorld | undefined
  beforeAll(async () => {
    started = await startBrowserWorld(options)
    await prepare(Object.assign(world, started))
  })
  afterAll(() => started?.stop())
  return world
}

/** Starts demo and browser. `stop` ends every process and removes every file. */
async function startBrowserWorld(options: Options) {
  const chromium = await startBrowser()
  // No mailbox changes unless the test changes it.
  const settings = { VALIDATE_EVERY_HOURS: 'off', ...options.settings }
  const runtime = testedRuntime()
  const demo = await startDemo({ ...options, settings, runtime, ports: 'free' }).catch(
    async (error: unknown) => {
      await chromium.stop()
      throw error
    },
  )
  // Otherwise a server that has ended would only show as a page that never loads.
  void demo.failed.then((message) => console.error(message))
  return {
    demo,
    urls: demo.urls,
    rootKey: demo.rootApiKey,
    /** Public API with the root key, for comparison with what a page shows. */
    api: createApi(demo.urls.api, demo.rootApiKey),
    sandbox: createSandboxClient(demo.urls.entra),
    browser: chromium.browser,
    newPage: chromium.newPage,
    stop: async () => {
      await Promise.all([chromium.stop(), demo.stop()])
    },
  }
}
