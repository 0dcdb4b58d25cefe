/**
 * Starts the product as it is deployed, with third-party servers: on Node or in workerd with its D1, the
 * checker beside it, and the strict server in place of Microsoft's login host.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Api, createApi } from '../journeys/api.ts'
import { startServer, testedRuntime } from '../sandbox/demo/runtime.ts'
import { type Checker, startChecker } from './checker-process.ts'
import { createTemporaryFolder, registerProcess } from './cleanup.ts'
import { type MailWorld, startMailWorld } from './mail-world.ts'
import { freePorts, until } from './ports.ts'
import { end } from './programs.ts'

export type Product = {
  world: MailWorld
  checker: Checker
  /** PUBLIC_URL. */
  url: string
  rootApiKey: string
  /** Calls the API as an administrator. */
  call: Api['call']
  /** Folder of the database. */
  state: string
  /** Returns all output of the server. */
  output: () => string
  stop: () => Promise<void>
}

export async function startProduct(): Promise<Product> {
  const [port = 0] = await freePorts(1)
  // Not 127.0.0.1, so that the strict server is another site, as Microsoft's is.
  const url = `http://localhost:${port}`
  const rootApiKey = `mg_root_${randomBytes(24).toString('base64url')}`
  await using parts = new AsyncDisposableStack()
  let output = ''
  const { path: folder, remove } = await createTemporaryFolder()
  parts.defer(remove)
  const world = await startMailWorld([`${url}/oauth/microsoft/callback`])
  parts.defer(world.stop)
  const mail = { EXTRA_OAUTH_MAIL_HOSTS: world.extraMailHosts, ALLOW_PRIVATE_HOSTS: 'true' }
  const checker = await startChecker({ ...mail, NODE_EXTRA_CA_CERTS: world.caFile })
  parts.defer(checker.stop)

  const state = join(folder, 'state')
  const { pid, ended } = await startServer(testedRuntime(), {
    folder,
    state,
    port,
    settings: {
      ...mail,
      PUBLIC_URL: url,
      ENCRYPTION_KEYS: `interop:${randomBytes(32).toString('base64')}`,
      ROOT_API_KEY: rootApiKey,
      CHECKER_URL: checker.url,
      CHECKER_KEY: checker.key,
      ENTRA_AUTHORITY: world.oidc.origin,
    },
    onLine: (line: string) => {
      output += `${line}\n`
    },
  })
  // The whole process group: wrangler starts workerd, which would outlive it.
  registerProcess(-pid)
  parts.defer(() => end(-pid))
  const ready = async () => {
    if (ended()) throw new Error(`The server exited during startup: ${output}`)
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    await response?.body?.cancel()
    return response?.status === 200
  }
  await until(ready, () => `The server did not become ready: ${output}`, 50_000)

  const started = parts.move()
  return {
    world,
    checker,
    url,
    rootApiKey,
    state,
    output: () => output,
    stop: () => started.disposeAsync(),
    call: createApi(`http://127.0.0.1:${port}`, rootApiKey).call,
  }
}
