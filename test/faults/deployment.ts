/** The interface of a running product for the parts of the suite that test both runtimes. */
import type { EntraOptions } from '../sandbox/entra/entra.ts'
import type { EntraServer, StartFront } from './entra-server.ts'
import type { ProductClient } from './product-client.ts'

export type DeploymentOptions = { entra?: EntraOptions; front?: StartFront }

export type Deployment = ProductClient &
  Pick<EntraServer, 'entra' | 'network'> & {
    /** Returns what was logged since the last call. */
    takeLog: () => string
    db: () => Promise<D1Database>
    /** Runs the hourly maintenance; null where only the schedule of the product does. */
    maintain: ((at: number) => Promise<void>) | null
    stop: () => Promise<void>
  }

export type StartDeployment = (options: DeploymentOptions) => Promise<Deployment>

/** Lets the stored access tokens of all grants expire. */
export async function expireTokens({ db }: Pick<Deployment, 'db'>): Promise<void> {
  const past = Date.now() - 7_200_000
  await (await db())
    .prepare('UPDATE grant_tokens SET access_token_expires_at = ?, issued_at = ?')
    .bind(past, past - 3_600_000)
    .run()
}
