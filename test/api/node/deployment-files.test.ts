import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { clouds } from '../../../api/entra/clouds.ts'
import { BadEnvironment, readBindings, Variables } from '../../../api/env.ts'
import { PassingFailure, StartFailure } from '../../../api/node/failures.ts'
import { exitCodeOf } from '../../../api/node/notices.ts'
import { readSettings } from '../../../api/node/settings.ts'
import { SHUTDOWN_MS } from '../../../api/node/shutdown.ts'
import { ANY_HOST_PATHS } from '../../../api/routes/host-check.ts'
import { type Cloud, microsoftMailServers } from '../../../schema/mail-servers.ts'
import { readCompose } from '../../compose-file.ts'
import { root } from '../../source-files.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../api/node', name), 'utf8')

/** Lets callers wait for a restart, even after the longest shutdown. */
const RETRIES = `    lb_try_duration ${SHUTDOWN_MS / 1000 + 5}s\n    lb_try_interval 100ms\n`

const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal(8787) }) })
const Named = z.object({ metadata: z.strictObject({ name: z.literal('mailgrant') }) })
const Labels = z.strictObject({ app: z.literal('mailgrant') })
const Container = z.object({
  envFrom: z.tuple([z.object({ configMapRef: z.object({ name: z.literal('mailgrant') }) })]),
  ports: z.tuple([z.object({ containerPort: z.literal(8787) })]),
  securityContext: z.unknown(),
  startupProbe: Probe,
  livenessProbe: Probe,
  readinessProbe: Probe,
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
})
const Pod = z.object({
  automountServiceAccountToken: z.literal(false),
  securityContext: z.object({ runAsNonRoot: z.literal(true), fsGroup: z.number() }),
  terminationGracePeriodSeconds: z.number(),
  containers: z.tuple([Container]),
  volumes: z.array(
    z.object({
      name: z.string(),
      persistentVolumeClaim: z.object({ claimName: z.literal('mailgrant') }),
    }),
  ),
})
const Kubernetes = z.tuple([
  Named.extend({ kind: z.literal('ConfigMap'), data: z.record(z.string(), z.string()) }),
  Named.extend({
    kind: z.literal('PersistentVolumeClaim'),
    spec: z.object({ accessModes: z.tuple([z.literal('ReadWriteOnce')]) }),
  }),
  Named.extend({
    kind: z.literal('Deployment'),
    spec: z.object({
      replicas: z.literal(1),
      strategy: z.strictObject({ type: z.literal('Recreate') }),
      selector: z.strictObject({ matchLabels: Labels }),
      template: z.object({ metadata: z.strictObject({ labels: Labels }), spec: Pod }),
    }),
  }),
  Named.extend({
    kind: z.literal('Service'),
    spec: z.object({
      selector: Labels,
      ports: z.tuple([z.object({ port: z.number(), targetPort: z.literal(8787) })]),
    }),
  }),
])

describe('compose.yaml', () => {
  const { text, service, caddy, caddyfile, volumes, subnets } = readCompose(
    'api/node/compose.yaml',
    'mailgrant',
    { PUBLIC_URL: 'https://mail.example.com' },
  )

  it('has settings that the start accepts, with the network of Caddy as the proxy', () => {
    const { node, shared } = readSettings(service.environment)
    expect(node).toMatchObject({ host: '0.0.0.0', port: 8787, dataDir: '/data' })
    expect(node.trustedProxies).toEqual(subnets)
    expect(shared.publicUrl).toBe('https://mail.example.com')
    expect(text).not.toContain('${')
  })

  it('publishes only the proxy, which passes requests to the port of the service', () => {
    expect(caddy.ports).toEqual(['80:80', '443:443', '443:443/udp'])
    expect(caddyfile).toMatch(/^https:\/\/mail\.example\.com \{\n {2}#.*\n {2}@files path /)
    expect(caddyfile).toContain(`\n  reverse_proxy mailgrant:8787 {\n${RETRIES}  }\n}\n`)
    expect(read('install.md')).toContain(
      `\n\treverse_proxy 127.0.0.1:8787 {\n${RETRIES.replaceAll('  ', '\t')}\t}\n}\n`,
    )
  })

  it('keeps the data in volumes, and leaves time for running requests at the end', () => {
    const used = [...service.volumes, ...caddy.volumes]
    expect(used.map((volume) => volume.split(':')[0])).toEqual(volumes)
    expect(service.volumes).toEqual(['data:/data'])
    expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThan(SHUTDOWN_MS / 1000)
  })
})

describe('kubernetes.yaml', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml')).map((each) => each.toJS())
  const [config, , deployment] = Kubernetes.parse(documents)
  const pod = deployment.spec.template.spec
  const [container] = pod.containers
  const image = read('Dockerfile')

  it('has settings that the start accepts', () => {
    const [, ofImage = ''] = /^ENV (.*)$/m.exec(image) ?? []
    const environment = Object.fromEntries(ofImage.split(' ').map((pair) => pair.split('=')))
    const { node, shared } = readSettings({ ...environment, ...config.data })
    expect(node).toMatchObject({ host: '0.0.0.0', port: 8787, dataDir: '/data' })
    expect(node.trustedProxies).toHaveLength(1)
    expect(shared.publicUrl).toBe('https://mail.example.com')
  })

  it('lets the pod do as little as the containers of compose.yaml, and write to its volume only', () => {
    expect(container.securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.volumeMounts).toEqual([{ name: pod.volumes[0]?.name, mountPath: '/data' }])
    expect(image).toContain('\nVOLUME /data\n')
    expect(image).toContain(`\nUSER ${pod.securityContext.fsGroup}:`)
    expect(image).toContain('\nEXPOSE 8787\n')
  })

  it('asks paths for its health that respond at any address, and leaves time for running requests', () => {
    for (const { httpGet } of [
      container.startupProbe,
      container.livenessProbe,
      container.readinessProbe,
    ])
      expect(ANY_HOST_PATHS).toContain(httpGet.path)
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(SHUTDOWN_MS / 1000)
  })
})

it('the upgrade in install.md keeps the current release and the newest other one', () => {
  const [, command = ''] = /```sh\n(sudo find [\s\S]+?)```/.exec(read('install.md')) ?? []
  const folder = createTemporaryFolder()
  for (const [age, name] of ['d', 'c', 'b', 'a'].entries()) {
    mkdirSync(join(folder, name, 'dist'), { recursive: true })
    utimesSync(join(folder, name), 1000 - age, 1000 - age)
  }
  symlinkSync(join(folder, 'b'), join(folder, 'current'))
  const own = command.replaceAll('/opt/mailgrant', folder).replaceAll('sudo ', '')
  for (const _ of [1, 2]) {
    execFileSync('sh', ['-c', own])
    expect(readdirSync(folder)).toEqual(['b', 'current', 'd'])
  }
})

it('standby.md restores the newest scheduled copy, and watches its age, whatever else is in the folder', () => {
  const folder = createTemporaryFolder()
  const minutesAgo = {
    'mailgrant-2026-11-26T1400Z.sqlite': 40,
    'mailgrant-2026-11-26T1415Z.sqlite': 25,
    'mailgrant-2026-11-27T1400Z.sqlite': -24 * 60,
    'mailgrant-before-upgrade.sqlite': 1,
  }
  for (const [name, minutes] of Object.entries(minutesAgo)) {
    writeFileSync(join(folder, name), '')
    const time = Date.now() / 1000 - 60 * minutes
    utimesSync(join(folder, name), time, time)
  }
  const found = [
    ...read('standby.md').matchAll(/find \/var\/lib\/mailgrant\/backup( [^|]+)\|( sort[^)]+)?/g),
  ]
  const names = found.map(([, conditions, sort = '']) =>
    execFileSync('sh', ['-c', `find ${folder}${conditions} ${sort && '|'}${sort}`], {
      encoding: 'utf8',
    }),
  )
  expect(names).toEqual(Array(3).fill(`${join(folder, 'mailgrant-2026-11-26T1415Z.sqlite')}\n`))
})

describe('mailgrant.service', () => {
  const directiveOf = (file: string) => (name: string) =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(read(file))?.[1] ?? ''
  const directive = directiveOf('mailgrant.service')
  const socket = directiveOf('mailgrant.socket')

  it('has settings that the start accepts, with the data where systemd lets it write', () => {
    const pairs = directive('Environment')
      .split(' ')
      .map((pair) => pair.split('='))
    const { node } = readSettings(Object.fromEntries(pairs))
    expect(node).toMatchObject({
      host: '127.0.0.1',
      dataDir: `/var/lib/${directive('StateDirectory')}`,
    })
    expect(directive('ProtectSystem')).toBe('strict')
  })

  it('repeats a start that failed, unless only the operator can fix it', () => {
    expect(directive('Restart')).toBe('on-failure')
    expect(directive('RestartSec')).toBe('100ms')
    // The delays grow instead of ending after five starts.
    expect(directive('RestartSteps')).not.toBe('')
    expect(directive('StartLimitIntervalSec')).toBe('0')
    expect(Number(directive('RestartPreventExitStatus'))).toBe(
      exitCodeOf(new StartFailure('The key is missing.')),
    )
    expect(exitCodeOf(new BadEnvironment('PORT: must be a port number'))).toBe(78)
    expect(exitCodeOf(new PassingFailure('The port is in use.'))).toBe(1)
    expect(exitCodeOf(new Error('a bug'))).toBe(1)
  })

  it('waits until the start has ended, however long a migration takes', () => {
    expect(directive('Type')).toBe('notify')
    // systemd-notify, a child of the process, sends the message.
    expect(directive('NotifyAccess')).toBe('all')
    expect(directive('TimeoutStartSec')).toBe('infinity')
  })

  it('has a socket at the default address, which starts and stops with it and outlives a restart', () => {
    const { host, port } = readSettings({}).node
    expect(socket('ListenStream')).toBe(`${host}:${port}`)
    expect(directive('Requires')).toBe('mailgrant.socket')
    expect(socket('StopWhenUnneeded')).toBe('yes')
    // If it could be enabled separately, systemd would always count it as needed, and never stop it.
    expect(read('mailgrant.socket')).not.toContain('[Install]')
    for (const guide of ['install.md', 'standby.md'])
      expect(read(guide)).toContain(
        '\nsudo install -m 644 api/node/mailgrant.service api/node/mailgrant.socket /etc/systemd/system/\n',
      )
  })

  it('logs under its own name, where an administrator reads it', () => {
    expect(directive('SyslogIdentifier')).toBe('mailgrant')
    expect(read('install.md')).toContain('`sudo journalctl -u mailgrant`')
  })

  it('starts what install.md installs, and leaves time for running requests at the end', () => {
    const guide = read('install.md')
    const paths = directive('ExecStart').split(' ')
    expect(paths).toHaveLength(2)
    for (const path of paths) {
      expect(guide).toContain(`"$release${path.replace('/opt/mailgrant/current', '')}"`)
    }
    expect(guide).toContain('sudo ln -sfn "$release" /opt/mailgrant/current')
    expect(Number(directive('TimeoutStopSec'))).toBeGreaterThan(SHUTDOWN_MS / 1000)
  })
})

describe('settings.md', () => {
  const text = read('../operating/settings.md')

  it('has every setting, with the parts that read it', () => {
    /** Returns the settings of a schema, from its beginning in the file to its end. */
    const namesIn = (path: string, schema: string) => {
      const [, block = ''] = readFileSync(join(root, path), 'utf8').split(`const ${schema} = `)
      const [shape = ''] = block.split(/^ *\}\)/m)
      return [...shape.matchAll(/^ +\[?([A-Z_]+)\]?:/gm)].map(([, name = '']) => name)
    }
    const variables = Object.keys(Variables.shape)
    const readers = {
      server: [...variables, ...namesIn('api/node/settings.ts', 'OwnServer')],
      Worker: [...variables, ...namesIn('api/env.ts', 'Bindings')],
      checker: [...namesIn('checker/env.ts', 'AllSettings'), 'CA_CERTS'],
    }
    const hidden = ['DB', 'ASSETS', 'NODE_TLS_REJECT_UNAUTHORIZED']
    const rows = [...text.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \| ([^|]+) \|/gm)]
    const documented = rows.flatMap(([, names = '', parts = '']) =>
      [...names.matchAll(/\w+/g)].map(([name]) => [name, parts.replaceAll('*', '')]),
    )
    const expected = [...new Set(Object.values(readers).flat())]
      .filter((name) => !hidden.includes(name))
      .map((name) => [
        name.replace('CA_CERTS', 'NODE_EXTRA_CA_CERTS'),
        Object.entries(readers)
          .filter(([, names]) => names.includes(name))
          .map(([reader]) => reader)
          .join(', '),
      ])
    expect(documented.toSorted()).toEqual(expected.toSorted())
  })

  it('has every host of Microsoft that a firewall must let out', () => {
    const hosts = Object.entries(microsoftMailServers).flatMap(([cloud, servers]) => [
      new URL(clouds[cloud as Cloud].login).host,
      ...Object.values(servers)
        .flat()
        .map(({ host }) => host),
    ])
    expect(hosts.filter((host) => !text.includes(`\`${host}`))).toEqual([])
  })
})

describe('.dev.vars.example', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../.dev.vars.example'), 'utf8')
  const settingsOf = (pattern: RegExp): Record<string, string> =>
    Object.fromEntries(
      [...text.matchAll(pattern)].map(([, name = '', value = '']) => [name, value]),
    )
  const required = settingsOf(/^([A-Z_]+)=(.*)$/gm)
  const optional = settingsOf(/^# ([A-Z_]+)=(.*)$/gm)
  const ring = `k1:${Buffer.alloc(32).toString('base64')}`
  const keys = { ENCRYPTION_KEYS: ring, CHECKER_KEY: ring, ROOT_API_KEY: 'r'.repeat(32) }
  const start = (settings: Record<string, string>) =>
    readBindings({ DB: {}, ASSETS: {}, ...settings })

  it('has every setting that the Worker needs, and no unknown one', () => {
    expect(start({ ...required, ...keys, ...optional }).settings.publicUrl).toBe(
      required.PUBLIC_URL,
    )
    for (const name of Object.keys(required)) {
      const others = new Map(Object.entries({ ...required, ...keys }))
      others.delete(name)
      expect(() => start(Object.fromEntries(others)), name).toThrow(name)
    }
    const known = Object.keys(Variables.shape)
    for (const name of Object.keys({ ...required, ...optional })) expect(known).toContain(name)
  })

  it('has no key: each developer makes them', () => {
    for (const name of Object.keys(keys)) expect(required[name]).toBe('')
    expect(() => start(required)).toThrow('ENCRYPTION_KEYS')
  })
})
