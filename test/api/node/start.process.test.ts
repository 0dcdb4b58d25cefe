import { describe, expect, it } from 'vitest'
import { startProduct } from './product-process.ts'

/** Starting a process may take seconds on a busy machine, and the first one builds. */
const SLOW = { timeout: 120_000 }

describe('a start', SLOW, () => {
  it('serves API and console, and ends with SIGTERM', async () => {
    await using product = await startProduct()
    expect((await fetch(`${product.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${product.url}/console/`)).status).toBe(200)
    expect(await product.stop()).toMatchObject({ code: 0, signal: null })
  })
})
