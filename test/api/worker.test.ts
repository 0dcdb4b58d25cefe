import {
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import worker from '../../api/worker.ts'
import { createWorld } from './harness.ts'

const key = btoa(String.fromCharCode(...new Uint8Array(32).fill(1)))
const bindings = {
  ...env,
  PUBLIC_URL: 'http://localhost:8787',
  ENCRYPTION_KEYS: `k1:${key}`,
  ROOT_API_KEY: 'a-root-key-of-thirty-two-characters',
  CHECKER_URL: 'http://checker.test',
  CHECKER_KEY: `c1:${key}`,
}

beforeEach(() => {
  const quiet = vi.spyOn(console, 'info').mockImplementation(() => {})
  return () => quiet.mockRestore()
})

it('serves the API and deletes expired data on a schedule', async () => {
  const world = await createWorld()
  // The Worker uses the real clock here, so the unsaved grant expired long ago.
  world.clock.now = new Date('2020-01-01T00:00:00Z')
  await world.grant('alice@contoso.test', { saved: false })

  const fetching = createExecutionContext()
  const response = await worker.fetch(
    new Request('http://localhost:8787/healthz'),
    bindings,
    fetching,
  )
  await waitOnExecutionContext(fetching)
  expect(response.status).toBe(200)

  const scheduled = createExecutionContext()
  await worker.scheduled(createScheduledController(), bindings, scheduled)
  await waitOnExecutionContext(scheduled)
  expect((await env.DB.prepare('SELECT id FROM grants').all()).results).toEqual([])
})

it('compresses files for clients that accept it, whatever Cloudflare puts into the header', async () => {
  const encodingFor = async (clientAcceptEncoding: string) => {
    const headers = { 'accept-encoding': 'br, gzip' }
    const url = 'http://localhost:8787/openapi.json'
    const request = new Request<unknown, IncomingRequestCfProperties>(url, { headers })
    Object.defineProperty(request, 'cf', { value: { clientAcceptEncoding } })
    const response = await worker.fetch(request, bindings, createExecutionContext())
    return response.headers.get('content-encoding')
  }
  expect(await encodingFor('')).toBeNull()
  expect(await encodingFor('deflate, gzip')).toBe('gzip')
})

it('limits failed authentication by the bound rate limiter, and validations without one not at all', async () => {
  const context = createExecutionContext()
  const address = crypto.randomUUID()
  const ask = async (key: string) => {
    const headers = { authorization: `Bearer ${key}`, 'cf-connecting-ip': address }
    const url = 'http://localhost:8787/v1/validations'
    const init = { method: 'POST', headers, body: '{}' }
    return (await worker.fetch(new Request(url, init), bindings, context)).status
  }
  // Two are allowed per minute, and a new minute can begin between any two calls.
  const failed: number[] = []
  while (failed.length < 6) failed.push(await ask('wrong'))
  expect(failed[0]).toBe(401)
  expect(failed).toContain(429)
  expect(await ask(bindings.ROOT_API_KEY)).toBe(415)
  await waitOnExecutionContext(context)
})

it('returns 500 when settings are missing, and names them in the log only', async () => {
  // A second instance of the module, since the first has already read its settings.
  const specifier = '../../api/worker.ts?without-settings'
  const { default: fresh } = (await import(specifier)) as typeof import('../../api/worker.ts')
  const lines: string[] = []
  const errors = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line))
  onTestFinished(() => errors.mockRestore())
  const wrong = { ...bindings, ROOT_API_KEY: 'hunter2', CHECKER_URL: undefined }

  const context = createExecutionContext()
  const response = await fresh.fetch(new Request('http://localhost:8787/readyz'), wrong, context)
  expect(response.status).toBe(500)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const id = response.headers.get('x-request-id')
  const text = await response.text()
  expect(JSON.parse(text)).toMatchObject({ code: 'internal_error', request_id: id })
  expect(text).not.toMatch(/ROOT_API_KEY|CHECKER_URL/)
  await fresh.scheduled(createScheduledController(), wrong, context)
  await waitOnExecutionContext(context)

  const line = {
    level: 'error',
    event: 'settings_invalid',
    error: expect.stringMatching(/ROOT_API_KEY: must have at least 32.*CHECKER_URL: /),
  }
  const logged: unknown[] = lines.map((text) => JSON.parse(text))
  expect(logged).toEqual([{ ...line, request_id: id }, line])
  expect(lines.join()).not.toContain('hunter2')
})
