import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { readSettings } from '../../checker/env.ts'
import { PROBE_DEADLINE_MS } from '../../schema/probe.ts'
import { readCompose } from '../compose-file.ts'
import { root } from '../projects.ts'

const { text, service, caddy, caddyfile, volumes } = readCompose(
  'checker/compose.yaml',
  'checker',
  {
    CHECKER_URL: 'https://checker.example.com',
  },
)

it('has settings that the checker accepts, with the key of .env', () => {
  const key = `k1:${Buffer.alloc(32).toString('base64')}`
  for (const from of [{ CHECKER_KEY: key }, { CHECKER_API_KEY: 'x'.repeat(32) }]) {
    expect(readSettings({ ...from, ...service.environment })).toMatchObject({
      ok: true,
      settings: { HOST: '0.0.0.0', PORT: 8788 },
    })
  }
  expect(text).not.toContain('${')
})

it('publishes only the proxy, which passes on three paths to the port of the service', () => {
  expect(caddy.ports).toEqual(['80:80', '443:443', '443:443/udp'])
  expect(caddyfile).toBe(
    `https://checker.example.com {
  @inside not path /probe /healthz /readyz
  respond @inside 404
  reverse_proxy checker:8788
}
`,
  )
  expect(caddy.volumes.map((volume) => volume.split(':')[0])).toEqual(volumes)
})

it('waits for the health check of the image, and leaves time for running logins at the end', () => {
  expect(readFileSync(`${root}checker/Dockerfile`, 'utf8')).toMatch(/^HEALTHCHECK /m)
  const { DRAIN_SECONDS } = z
    .object({ settings: z.object({ DRAIN_SECONDS: z.number() }) })
    .parse(readSettings({ CHECKER_API_KEY: 'x'.repeat(32) })).settings
  const seconds = Number.parseInt(service.stop_grace_period, 10)
  expect(seconds).toBeGreaterThan(DRAIN_SECONDS + PROBE_DEADLINE_MS / 1000)
})
