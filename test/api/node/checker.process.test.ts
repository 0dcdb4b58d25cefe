import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createApi } from '../../journeys/api.ts'
import { startProduct } from './product-process.ts'

const KEY = `mg_root_${'k'.repeat(32)}`
const PASSWORD = 'hunter2-hunter2'

describe('the checker inside', { timeout: 120_000 }, () => {
  it('logs in, and logs the login with the jti of the validation and without the password', async () => {
    await using product = await startProduct({
      env: { ROOT_API_KEY: KEY, ALLOW_PRIVATE_HOSTS: 'true' },
    })
    const api = createApi(product.url, KEY)
    const validation = await api.expect(201, 'POST', '/v1/validations', {
      owner: { type: 'department', id: 'dep_1' },
      protocol: 'imap',
      // A name, since a look-up starts the threads. Nothing listens at the port.
      host: 'localhost',
      port: 1,
      security: 'tls',
      username: 'alice@contoso.test',
      authentication: { type: 'password', password: PASSWORD },
    })
    expect(validation).toMatchObject({
      outcome: 'inconclusive',
      steps: [
        { name: 'dns', outcome: 'passed' },
        { name: 'connect', outcome: 'inconclusive' },
        ...Array(4).fill({ outcome: 'skipped' }),
      ],
    })
    if (process.platform === 'linux') {
      // The thread pool is larger, so that slow DNS look-ups do not block the rest.
      expect(readdirSync(`/proc/${product.pid}/task`).length).toBeGreaterThan(64)
    }
    const { text: metrics } = (await api.call('GET', '/metrics')).body
    expect(metrics).toMatch(
      /^mailgrant_probes_total\{protocol="imap",outcome="inconclusive",step="connect"\} 1$/m,
    )
    expect(metrics).toMatch(/^mailgrant_http_request_duration_seconds_count\{status="201"\} 1$/m)
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect(metrics).toMatch(/^mailgrant_database_bytes [1-9]\d{4,}$/m)
    // The log is complete when the process has ended.
    await product.stop()
    const lines = product.output().split('\n')
    const line = (event: string) => {
      const found = lines.filter((text) => text.includes(`"event":"${event}"`))
      expect(found).toHaveLength(1)
      return JSON.parse(found[0] ?? '')
    }
    const { jti } = line('validation')
    expect(jti).toMatch(/^[0-9a-f]{32}$/)
    expect(line('probed')).toMatchObject({
      level: 'info',
      jti,
      host: 'localhost',
      credential: 'password',
      kind: 'connect',
      code: 'ECONNREFUSED',
    })
    expect(product.output()).not.toContain(PASSWORD)
  })

  it('is not there beside a remote one', async () => {
    await using product = await startProduct({
      env: { CHECKER_URL: 'http://127.0.0.1:1', CHECKER_KEY: `k1:${'A'.repeat(43)}=` },
    })
    const readiness = await fetch(`${product.url}/readyz`)
    expect(readiness.status).toBe(200)
    expect(await readiness.text()).toContain('The checker does not respond at CHECKER_URL.')
    await product.stop()
  })
})
