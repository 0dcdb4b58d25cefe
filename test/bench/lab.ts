/** Everything that is measured, running side by side. */
import { freePorts } from '../interop/ports.ts'
import { type Logins, startBareLogins, startChecker } from './logins.ts'
import { type Product, startProduct } from './product.ts'
import { type Servers, startServers } from './servers.ts'
import type { Bundle } from './workerd.ts'

export type Lab = {
  servers: Servers
  /** Both with TLS 1.2, see validation.ts. */
  checker: Logins
  bareLogins: Logins
  product: Product
  /** Ends all of it. */
  stop: () => Promise<void>
}

/** `sandbox`: on it also where Dovecot and Postfix are. */
export async function startLab(worker: Bundle, options: { sandbox?: true } = {}): Promise<Lab> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  /** Remembers what was started, also when a later part fails to start. */
  const started = <Part extends { stop: () => Promise<void> }>(part: Part): Part => {
    stops.push(part.stop)
    return part
  }
  try {
    const [port = 0] = await freePorts(1)
    // Another site than the 127.0.0.1 of the sign-in pages, as Microsoft's is another one than ours.
    const publicUrl = `http://localhost:${port}`
    const { servers } = started(await startServers(publicUrl, options))
    const checker = started(await startChecker(servers, '1.2'))
    const bareLogins = started(await startBareLogins(servers, '1.2'))
    const product = started(await startProduct(worker, port, publicUrl, servers, checker))
    return { servers, checker, bareLogins, product, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
