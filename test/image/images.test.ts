/** Both images: built from their Dockerfiles, and doing the main job with as few rights as the guides give them. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApi } from '../journeys/api.ts'
import { deploymentJourney } from '../journeys/deployment-journey.ts'
import { mainJourney } from '../journeys/main-journey.ts'
import { createSandboxClient } from '../journeys/sandbox-client.ts'
import { runSteps } from '../journeys/steps.ts'
import { freeDemoPorts } from '../sandbox/demo/ports.ts'
import {
  checkerSettings,
  demoKeys,
  mailClientSettings,
  remoteChecker,
  serverSettings,
} from '../sandbox/demo/settings.ts'
import { ControlRequest } from '../sandbox/entra/control-schema.ts'
import { startWorld } from '../sandbox/world.ts'
import { baseImage, build, podman, start, stop } from './podman.ts'

const run = randomBytes(4).toString('hex')
const SERVER = `localhost/mailgrant-test/server:${run}`
const CHECKER = `localhost/mailgrant-test/checker:${run}`
const VERSION = '1.2.3'

beforeAll(() => {
  const args = { NODE_IMAGE: baseImage(), VERSION, REVISION: 'abc', SOURCE: 'https://git.test/x' }
  build('api/node/Dockerfile', SERVER, args)
  build('checker/Dockerfile', CHECKER, args)
})
afterAll(() => void podman('rmi', '--force', SERVER, CHECKER))

/** Delays the next token response of the sandbox. */
const SLOW_ONCE = ControlRequest.parse({ faults: [{ kind: 'slow', delay_ms: 2000 }] })

/** Resolves with the milliseconds until the first response. */
async function untilHealthy(url: string, name: string): Promise<number> {
  const began = performance.now()
  while (true) {
    const response = await fetch(`${url}/healthz`).catch(() => null)
    if (response?.ok) return Math.round(performance.now() - began)
    const state = podman('inspect', '--format', '{{.State.Status}}', name)
    if (state === 'exited') throw new Error(podman('logs', name))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const filesIn = (image: string): string[] =>
  JSON.parse(
    podman(
      ...['run', '--rm', '--network', 'host', '--ulimit', 'host', image, 'node', '-p'],
      'JSON.stringify(fs.readdirSync("/app", { recursive: true }))',
    ),
  )

describe.for([
  { image: SERVER, title: 'Mailgrant', bundle: 'dist/mailgrant.js' },
  { image: CHECKER, title: 'Mailgrant checker', bundle: 'dist/checker.js' },
])('the image of $title', ({ image, title, bundle }) => {
  it('has one bundle and no packages, a user by number, labels and a health check', () => {
    const [found] = JSON.parse(podman('inspect', image))
    console.log(`${title}: ${Math.round(found.Size / 1e6)} MB`)
    expect(found.Config.User).toBe('1000:1000')
    expect(found.Config.Labels).toMatchObject({
      'org.opencontainers.image.title': title,
      'org.opencontainers.image.version': VERSION,
      'org.opencontainers.image.revision': 'abc',
      'org.opencontainers.image.source': 'https://git.test/x',
    })
    expect(podman('inspect', '--format', '{{.HealthCheck}}', image)).toContain('/healthz')
    const files = filesIn(image)
    expect(files.filter((file) => file.startsWith('dist'))).toEqual(['dist', bundle])
    expect(files.filter((file) => /node_modules|package/.test(file))).toEqual([])
  })
})

/** Returns what the kernel says of the first process in a container. */
function rightsIn(name: string): Record<string, string> {
  const status = podman('exec', name, 'node', '-p', 'fs.readFileSync("/proc/1/status", "utf8")')
  return Object.fromEntries(status.split('\n').map((line) => line.split(':\t') as [string, string]))
}

describe.for(['separate', 'inside'])('the checker %s', (checker) => {
  it('does the main job with a read-only root and no rights, and stops when all is answered', async ({
    onTestFinished,
  }) => {
    const ports = await freeDemoPorts()
    const keys = await demoKeys('', false, undefined)
    const url = `http://localhost:${ports.api}`
    const world = await startWorld({ ports, publicUrl: url })
    onTestFinished(world.stop)
    const names = { server: `mailgrant-server-${run}`, checker: `mailgrant-checker-${run}` }
    const volume = `mailgrant-data-${run}`
    onTestFinished(() => {
      podman('rm', '--force', '--ignore', '--time', '0', ...Object.values(names))
      podman('volume', 'rm', '--force', volume)
    })
    const ca = '/etc/sandbox-ca.pem'
    const withCa = ['--volume', `${world.caFile}:${ca}:ro`]
    const running = checker === 'separate' ? Object.values(names) : [names.server]

    if (checker === 'separate') {
      start(CHECKER, names.checker, checkerSettings(ports, keys, ca), withCa)
      const ms = await untilHealthy(`http://127.0.0.1:${ports.checker}`, names.checker)
      console.log(`the checker answers after ${ms} ms`)
    }
    const settings = {
      ...serverSettings(ports, keys),
      ...(checker === 'separate' ? remoteChecker(ports, keys) : mailClientSettings(ca)),
      HOST: '127.0.0.1',
      PORT: String(ports.api),
    }
    const mounts = ['--volume', `${volume}:/data`, ...withCa]
    start(SERVER, names.server, settings, mounts)
    console.log(`the server answers after ${await untilHealthy(url, names.server)} ms`)

    for (const name of running) {
      expect(podman('healthcheck', 'run', name)).toBe('')
      expect(rightsIn(name)).toMatchObject({
        Uid: '1000\t1000\t1000\t1000',
        CapEff: '0000000000000000',
        CapBnd: '0000000000000000',
        NoNewPrivs: '1',
      })
      const write = ['exec', name, 'node', '-e', 'fs.writeFileSync("/app/x", "")']
      expect(() => podman(...write)).toThrow(/EROFS/)
    }
    const data =
      'const { mode, uid } = fs.statSync("/data"); [(mode & 0o777).toString(8), uid].join()'
    expect(podman('exec', names.server, 'node', '-p', data)).toBe('700,1000')

    const api = createApi(url, keys.rootApiKey)
    const printed: string[] = []
    const sandbox = createSandboxClient(world.entraUrl)
    const steps = [...deploymentJourney(api), ...mainJourney(api, sandbox)]
    const passed = await runSteps(steps, (line) => printed.push(line))
    expect(passed, printed.join('\n')).toBe(true)

    // The call is in flight while the container stops.
    await sandbox.control(SLOW_ONCE)
    const verified = api.expect(200, 'POST', '/v1/integrations/microsoft/settings/verify', {})
    await vi.waitFor(async () => expect((await sandbox.control({})).faults).toEqual([]))
    for (const name of running) {
      console.log(`${name} stops after ${await stop(name)} ms`)
      // 137 would be a kill.
      expect(podman('inspect', '--format', '{{.State.ExitCode}}', name)).toBe('0')
    }
    expect(await verified).toMatchObject({ outcome: 'passed' })
  })
})
