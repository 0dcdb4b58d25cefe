import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { secrets } from '../sandbox/cast.ts'
import { startChild } from '../sandbox/demo/child.ts'
import { startDemo } from '../sandbox/demo/launch.ts'
import { checkerSettings, demoKeys } from '../sandbox/demo/settings.ts'
import { root } from '../sandbox/demo/wrangler.ts'
import { createApi } from './api.ts'
import { deploymentJourney } from './deployment-journey.ts'
import { mainJourney } from './main-journey.ts'
import { createSandboxClient } from './sandbox-client.ts'
import { runSteps } from './steps.ts'

/** Worker, checker and the simulated world start for real; a busy machine takes its time. */
const LONG = 240_000

async function everyFileBelow(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))))
}

/** The forms in which a secret could lie around. */
const formsOf = (secret: string) => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
]

type Heard = { where: string; text: string }

/** The answers that hold a secret once: to nobody but who asked, and then nowhere. */
const showsSecret = ({ where }: Heard) =>
  ['POST /v1/api-keys', 'POST /v1/webhooks'].includes(where) || where.endsWith('/access-token')

/** API keys and webhook secrets, whole and without what anybody may see of them. */
function shownOnce(heard: readonly Heard[]): string[] {
  const shown = (path: string, member: string) =>
    heard
      .filter(({ where }) => where === path)
      .map(({ text }) => String((JSON.parse(text) as Record<string, unknown>)[member]))
  const keys = shown('POST /v1/api-keys', 'key')
  const whsecs = shown('POST /v1/webhooks', 'secret')
  expect([keys.length, whsecs.length]).toEqual([1, 1])
  return [
    ...keys.flatMap((key) => [key, key.slice(key.indexOf('_', 'mg_key_'.length) + 1)]),
    ...whsecs.flatMap((secret) => [secret, secret.slice('whsec_'.length)]),
  ]
}

it(
  'does the whole main job, and leaves no secret where it does not belong',
  async () => {
    const log: string[] = []
    const heard: Heard[] = []
    const demo = await startDemo({
      ports: 'free',
      onLine: (part, line) => log.push(`${part} ${line}`),
    })
    onTestFinished(demo.stop)
    const api = createApi(demo.urls.api, demo.rootApiKey, (where, text) =>
      heard.push({ where, text }),
    )
    const told: string[] = []
    const steps = [
      ...deploymentJourney(api),
      ...mainJourney(api, createSandboxClient(demo.urls.entra)),
    ]
    const passed = await runSteps(steps, (line) => told.push(line))
    expect(passed, told.join('\n')).toBe(true)
    await api.expect(200, 'GET', '/v1/events?limit=200')

    const database = Buffer.concat(await everyFileBelow(join(demo.state, 'v3', 'd1'))).toString(
      'latin1',
    )
    const canaries = [
      ...demo.world.entra.issuedSecrets(),
      ...[secrets.current, demo.rootApiKey, 'BEGIN PRIVATE KEY'],
      ...shownOnce(heard),
    ]
    expect(canaries.length).toBeGreaterThan(20)
    const answers = heard.filter((each) => !showsSecret(each))
    expect(answers.length).toBeGreaterThan(50)
    expect(log.length).toBeGreaterThan(50)
    const places = {
      log: log.join('\n'),
      database,
      ...Object.fromEntries(answers.map(({ where, text }, index) => [`${index} ${where}`, text])),
    }
    const found = Object.entries(places).flatMap(([place, text]) =>
      canaries
        .filter((secret) => formsOf(secret).some((form) => text.includes(form)))
        .map((secret) => `${place}: ${secret.slice(0, 12)}...`),
    )
    expect(found).toEqual([])
  },
  LONG,
)

it(
  'says "inconclusive" and why when the checker is not there',
  async () => {
    const demo = await startDemo({ ports: 'free', without: ['checker'] })
    onTestFinished(demo.stop)
    const api = createApi(demo.urls.api, demo.rootApiKey)
    const told: string[] = []
    const passed = await runSteps(mainJourney(api, createSandboxClient(demo.urls.entra)), (line) =>
      told.push(line),
    )
    expect(passed).toBe(false)
    expect(told.at(-1)).toMatch(/^FAIL .*Validate IMAP.*inconclusive.*checker/)
  },
  LONG,
)

it(
  'tells of a deployment whose checker is missing, and of one whose checker has another key',
  async () => {
    const demo = await startDemo({ ports: 'free', without: ['checker'] })
    onTestFinished(demo.stop)
    const api = createApi(demo.urls.api, demo.rootApiKey)
    const lastLine = async () => {
      const told: string[] = []
      expect(await runSteps(deploymentJourney(api), (line) => told.push(line))).toBe(false)
      return told.at(-1)
    }
    expect(await lastLine()).toMatch(/^FAIL .*ready.*checker: .*CHECKER_URL/)

    const otherKeys = await demoKeys('', false, undefined)
    const listening = Promise.withResolvers<void>()
    const stranger = startChild({
      name: 'checker',
      args: ['checker/main.ts'],
      cwd: root,
      env: { PATH: process.env.PATH, ...checkerSettings(demo.ports, otherKeys, demo.world.caFile) },
      onLine: () => listening.resolve(),
    })
    onTestFinished(() => stranger.stop())
    await listening.promise
    expect(await lastLine()).toMatch(/^FAIL .*The checker opens.*CHECKER_KEY/)
  },
  LONG,
)
