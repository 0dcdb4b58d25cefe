/** Prometheus' own tool reads the metrics and the rules for alerts. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startProduct } from '../api/node/product-process.ts'
import { createApi } from '../journeys/api.ts'

const KEY = `mg_root_${'k'.repeat(32)}`

/** Returns the exit code and the output of promtool. */
function promtool(args: readonly string[], input = '') {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  if (error) {
    throw new Error('These tests need promtool: apt-get install --no-install-recommends promtool')
  }
  return { status, output: stdout + stderr }
}

it('has nothing to say against the metrics', async () => {
  await using product = await startProduct({ env: { ROOT_API_KEY: KEY } })
  const { status, body } = await createApi(product.url, KEY).call('GET', '/metrics')
  expect(status).toBe(200)
  expect(body.text).toContain('# TYPE process_cpu_seconds_total counter')
  expect(promtool(['check', 'metrics'], String(body.text))).toEqual({ status: 0, output: '' })
})

it('fires each alert for its own reason, and none while all is well', () => {
  const rules = join(import.meta.dirname, '../../api/prometheus-alerts.yaml')
  expect(promtool(['check', 'rules', rules])).toMatchObject({ status: 0 })
  const { status, output } = promtool(['test', 'rules', join(import.meta.dirname, 'alerts.yaml')])
  expect(status, output).toBe(0)
})
