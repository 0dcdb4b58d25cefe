/**
 * A demo of its own on free ports and a Chromium in front of it. Every page that comes from here, and
 * every popup that it opens, is watched: `watchOf(page)` tells what went wrong in it so far.
 */
import { createApi } from '../journeys/api.ts'
import { createSandboxClient } from '../journeys/sandbox-client.ts'
import { type DemoOptions, startDemo } from '../sandbox/demo/launch.ts'
import { startBrowser } from './browser.ts'

export type BrowserWorld = Awaited<ReturnType<typeof startBrowserWorld>>

/** For `beforeAll`; `stop` for `afterAll` ends every process and removes every file of it. */
export async function startBrowserWorld(options: Omit<DemoOptions, 'ports' | 'keep'> = {}) {
  const chromium = await startBrowser()
  const demo = await startDemo({ ...options, ports: 'free' }).catch(async (error: unknown) => {
    await chromium.stop()
    throw error
  })
  // Without it, a Worker that has ended looks like a page that does not come.
  void demo.failed.then((why) => console.error(why))
  return {
    demo,
    urls: demo.urls,
    rootKey: demo.rootApiKey,
    /** The public API with the root key: what the page under test is compared with. */
    api: createApi(demo.urls.api, demo.rootApiKey),
    sandbox: createSandboxClient(demo.urls.entra),
    browser: chromium.browser,
    newPage: chromium.newPage,
    stop: async () => {
      await Promise.all([chromium.stop(), demo.stop()])
    },
  }
}
