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
import { parse } from 'yaml'
import { z } from 'zod'
import { BadEnvironment, readBindings, Variables } from '../../../api/env.ts'
import { exitCodeOf } from '../../../api/node/notices.ts'
import { readSettings } from '../../../api/node/settings.ts'
import { SHUTDOWN_MS } from '../../../api/node/shutdown.ts'
import { PassingFailure, StartFailure } from '../../../api/node/start-failure.ts'
import { ANY_HOST_PATHS } from '../../../api/routes/own-host.ts'
import { readCompose } from '../../compose-file.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../api/node', name), 'utf8')

/** Lets callers wait for a restart, at the longest shutdown too. */
const RETRIES = `    lb_try_duration ${SHUTDOWN_MS / 1000 + 5}s\n    lb_try_interval 100ms\n`

const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal(8787) }) })
const Pod = z.object({
  securityContext: z.object({ runAsNonRoot: z.boolean() }),
  terminationGracePeriodSeconds: z.number(),
  containers: z.tuple([
    z.object({
      securityContext: z.unknown(),
      livenessProbe: Probe,
      readinessProbe: Probe,
      volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
    }),
  ]),
  volumes: z.array(z.object({ name: z.string() })),
})

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

describe('the pod in install.md', () => {
  const [, text = ''] = /```yaml\n(securityContext:[\s\S]+?)```/.exec(read('install.md')) ?? []
  const pod = Pod.parse(parse(text))
  const [container] = pod.containers

  it('may do as little as the containers of compose.yaml, and writes to its volume only', () => {
    expect(pod.securityContext.runAsNonRoot).toBe(true)
    expect(container.securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(
      pod.volumes.map(({ name }) => name),
    )
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(['/data'])
  })

  it('asks paths for its health that answer at any address, and leaves time for running requests', () => {
    expect(ANY_HOST_PATHS).toContain(container.livenessProbe.httpGet.path)
    expect(ANY_HOST_PATHS).toContain(container.readinessProbe.httpGet.path)
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
    // The message comes from a child of the process.
    expect(directive('NotifyAccess')).toBe('all')
    expect(directive('TimeoutStartSec')).toBe('infinity')
  })

  it('has a socket at the default address, which starts and stops with it and outlives a restart', () => {
    const { host, port } = readSettings({}).node
    expect(socket('ListenStream')).toBe(`${host}:${port}`)
    expect(directive('Requires')).toBe('mailgrant.socket')
    expect(socket('StopWhenUnneeded')).toBe('yes')
    // Enabled on its own, it would always be needed.
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
