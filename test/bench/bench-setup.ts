/** Everything to be measured, running side by side. */
import { freePorts } from '../interop/ports.ts'
import { type Logins, startBareLogins, startChecker } from './logins.ts'
import { type Product, startProduct } from './product.ts'
import { type Servers, startServers } from './servers.ts'
import type { Bundle } from './workerd.ts'

export type BenchSetup = {
  servers: Servers
  /** Logins through the checker. Both use TLS 1.2, for the reason that validation.ts explains. */
  checker: Logins
  bareLogins: Logins
  product: Product
  stop: () => Promise<void>
}

/** Starts everything. `sandbox` forces the sandbox even if Dovecot and Postfix are installed. */
export async function startLab(
  worker: Bundle,
  options: { sandbox?: true } = {},
): Promise<BenchSetup> {
  await using parts = new AsyncDisposableStack()
  const started = <Part extends { stop: () => Promise<void> }>(part: Part): Part =>
    parts.adopt(part, () => part.stop())
  const [port = 0] = await freePorts(1)
  // `localhost`, since the sign-in pages on 127.0.0.1 must be another site, as Microsoft's are.
  const publicUrl = `http://localhost:${port}`
  const { servers } = started(await startServers(publicUrl, options))
  const checker = started(await startChecker(servers, '1.2'))
  const bareLogins = started(await startBareLogins(servers, '1.2'))
  const product = started(await startProduct(worker, port, publicUrl, servers, checker))
  const all = parts.move()
  return { servers, checker, bareLogins, product, stop: () => all.disposeAsync() }
}
