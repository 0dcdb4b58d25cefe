import type { D1Migration } from '@cloudflare/vitest-plugin'

declare global {
  namespace Cloudflare {
    interface Env {
      ASSETS: Fetcher
      DB: D1Database
      RATE_FAILED_AUTHENTICATION: RateLimit
      MIGRATIONS: D1Migration[]
    }
  }
}
