import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readSettings } from '../../checker/env.ts'
import { PROBE_DEADLINE_MS } from '../../schema/probe.ts'

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

/** What a container may not do. */
const Hardened = z.object({
  restart: z.literal('unless-stopped'),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
})
const Compose = z.strictObject({
  name: z.string(),
  services: z.strictObject({
    checker: z.strictObject({
      ...Hardened.shape,
      image: z.literal('mailgrant-checker'),
      build: z.strictObject({
        context: z.literal('..'),
        dockerfile: z.literal('checker/Dockerfile'),
      }),
      env_file: z.literal('.env'),
      environment: z.record(z.string(), z.union([z.string(), z.number()])),
      stop_grace_period: z.string().regex(/^\d+s$/),
    }),
    caddy: z.strictObject({
      ...Hardened.shape,
      image: z.string(),
      depends_on: z.object({ checker: z.object({ condition: z.literal('service_healthy') }) }),
      ports: z.array(z.string()),
      configs: z.array(z.strictObject({ source: z.string(), target: z.string() })),
      volumes: z.array(z.string()),
      cap_add: z.tuple([z.literal('NET_BIND_SERVICE')]),
    }),
  }),
  configs: z.record(z.string(), z.strictObject({ content: z.string() })),
  volumes: z.record(z.string(), z.null()),
})

const text = read('checker/compose.yaml').replaceAll(
  /\$\{CHECKER_URL(?::\?[^}]*)?\}/g,
  'https://checker.example.com',
)
const { services, configs, volumes } = Compose.parse(parse(text))

it('has settings that the checker accepts, with the key of .env', () => {
  const environment = Object.fromEntries(
    Object.entries(services.checker.environment).map(([name, value]) => [name, String(value)]),
  )
  const key = `k1:${Buffer.alloc(32).toString('base64')}`
  for (const from of [{ CHECKER_KEY: key }, { CHECKER_API_KEY: 'x'.repeat(32) }]) {
    expect(readSettings({ ...from, ...environment })).toMatchObject({
      ok: true,
      settings: { HOST: '0.0.0.0', PORT: 8788 },
    })
  }
  expect(text).not.toContain('${')
})

it('publishes only the proxy, which passes on three paths to the port of the service', () => {
  expect(services.caddy.ports).toEqual(['80:80', '443:443', '443:443/udp'])
  const [config] = services.caddy.configs
  expect(config?.target).toBe('/etc/caddy/Caddyfile')
  expect(configs[config?.source ?? '']?.content).toBe(
    `https://checker.example.com {
  @inside not path /probe /healthz /readyz
  respond @inside 404
  reverse_proxy checker:8788
}
`,
  )
  const used = services.caddy.volumes.map((volume) => volume.split(':')[0])
  expect(used.sort()).toEqual(Object.keys(volumes).sort())
})

it('waits for the health check of the image, and leaves time for running logins at the end', () => {
  expect(read('checker/Dockerfile')).toMatch(/^HEALTHCHECK /m)
  const { DRAIN_SECONDS } = z
    .object({ settings: z.object({ DRAIN_SECONDS: z.number() }) })
    .parse(readSettings({ CHECKER_API_KEY: 'x'.repeat(32) })).settings
  const seconds = Number.parseInt(services.checker.stop_grace_period, 10)
  expect(seconds).toBeGreaterThan(DRAIN_SECONDS + PROBE_DEADLINE_MS / 1000)
})
