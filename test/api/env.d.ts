import type { D1Migration } from '@cloudflare/vitest-plugin'
import type { Release } from '../releases/releases.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      ASSETS: Fetcher
      DB: D1Database
      RATE_FAILED_AUTHENTICATION: RateLimit
      MIGRATIONS: D1Migration[]
      /** An empty database besides DB, and databases of released versions to fill it with. */
      UPGRADED: D1Database
      RELEASES: Release[]
    }
  }
}
