import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { root } from './projects.ts'

/** Restrictions of every container. */
const Hardened = z.strictObject({
  restart: z.literal('unless-stopped'),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  // Docker's own default keeps every line without a limit.
  logging: z.strictObject({
    driver: z.literal('json-file'),
    options: z.strictObject({ 'max-size': z.string().regex(/^\d+m$/), 'max-file': z.string() }),
  }),
})
const serviceIn = (folder: string) =>
  Hardened.extend({
    image: z.string(),
    build: z.strictObject({
      context: z.literal(relative(folder, '.')),
      dockerfile: z.literal(join(folder, 'Dockerfile')),
    }),
    env_file: z.literal('.env'),
    environment: z.record(z.string(), z.coerce.string()),
    volumes: z.array(z.string()).default([]),
    stop_grace_period: z.string().regex(/^\d+s$/),
  })
const caddyBefore = (name: string) =>
  Hardened.extend({
    image: z.string(),
    depends_on: z.strictObject({
      [name]: z.strictObject({ condition: z.literal('service_healthy') }),
    }),
    ports: z.array(z.string()),
    configs: z.tuple([
      z.strictObject({ source: z.literal('caddyfile'), target: z.literal('/etc/caddy/Caddyfile') }),
    ]),
    volumes: z.array(z.string()),
    cap_add: z.tuple([z.literal('NET_BIND_SERVICE')]),
  })
const Subnet = z.strictObject({ subnet: z.string() })
const Compose = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), z.unknown()),
  configs: z.strictObject({ caddyfile: z.strictObject({ content: z.string() }) }),
  volumes: z.record(z.string(), z.null()),
  networks: z
    .strictObject({
      default: z.strictObject({ ipam: z.strictObject({ config: z.array(Subnet) }) }),
    })
    .optional(),
})

/**
 * Reads a compose file of two services: one built from the Dockerfile beside it, and Caddy in front of it. `variables`
 * take the place of their names. Throws if there is more than that, or a container has more rights.
 */
export function readCompose(path: string, name: string, variables: Record<string, string>) {
  const text = readFileSync(root + path, 'utf8').replaceAll(
    /\$\{(\w+)(?::\?[^}]*)?\}/g,
    (reference, variable) => variables[variable] ?? reference,
  )
  const { services, configs, volumes, networks } = Compose.parse(parse(text))
  const { [name]: service, caddy, ...others } = services
  z.strictObject({}).parse(others)
  return {
    text,
    service: serviceIn(dirname(path)).parse(service),
    caddy: caddyBefore(name).parse(caddy),
    caddyfile: configs.caddyfile.content,
    volumes: Object.keys(volumes),
    subnets: networks?.default.ipam.config.map(({ subnet }) => subnet) ?? [],
  }
}
