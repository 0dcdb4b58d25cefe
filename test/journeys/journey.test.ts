import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { encodingsOf } from '../api/encodings.ts'
import { full } from '../sample.ts'
import { type DemoOptions, startDemo } from '../sandbox/demo/launch.ts'
import { secrets } from '../sandbox/personas.ts'
import { createApi } from './api.ts'
import { deploymentJourney } from './deployment-journey.ts'
import { mainJourney } from './main-journey.ts'
import { createSandboxClient } from './sandbox-client.ts'
import { runSteps } from './steps.ts'
import { SLACK_TOKEN } from './webhook-journey.ts'

/** Server, checker and the simulated world really start, which is slow on a busy machine. */
const TIMEOUT_MS = 240_000

async function readFilesBelow(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))))
}

type RecordedResponse = { source: string; text: string }

/** Responses that are meant to contain a secret, since they show it once, to the caller only. */
const showsSecret = ({ source }: RecordedResponse) =>
  ['POST /v1/api-keys', 'POST /v1/webhooks', 'POST /oauth/token'].includes(source) ||
  source.endsWith('/access-token')

/** Extracts API keys and webhook secrets, complete and without their public prefix. */
function secretsShownOnce(responses: readonly RecordedResponse[]): string[] {
  const shown = (path: string, member: string) =>
    responses
      .filter(({ source }) => source === path)
      .map(({ text }) => (JSON.parse(text) as Record<string, string | undefined>)[member])
      .filter((secret) => secret !== undefined)
  const keys = shown('POST /v1/api-keys', 'key')
  const webhookSecrets = shown('POST /v1/webhooks', 'secret')
  expect([keys.length, webhookSecrets.length]).toEqual([3, 1])
  return [
    ...keys.flatMap((key) => [key, key.slice(key.indexOf('_', 'mg_key_'.length) + 1)]),
    ...webhookSecrets.flatMap((secret) => [secret, secret.slice('whsec_'.length)]),
    // Never shown, not even once.
    SLACK_TOKEN,
  ]
}

const variants: readonly Pick<DemoOptions, 'runtime' | 'checker'>[] = [
  { runtime: 'node', checker: 'inside' },
  ...(full
    ? ([
        { runtime: 'node', checker: 'child' },
        { runtime: 'edge', checker: 'child' },
      ] as const)
    : []),
]

// At the same time, since each takes a minute and mostly waits.
it.concurrent.for(variants)(
  'completes the whole main job and leaks no secret: $runtime, checker $checker',
  { timeout: TIMEOUT_MS },
  async (variant, { onTestFinished }) => {
    const log: string[] = []
    const responses: RecordedResponse[] = []
    const demo = await startDemo({
      ...variant,
      ports: 'free',
      onLine: (part, line) => log.push(`${part} ${line}`),
    })
    onTestFinished(demo.stop)
    const api = createApi(demo.urls.api, demo.rootApiKey, (source, text) =>
      responses.push({ source, text }),
    )
    const printed: string[] = []
    const steps = [
      ...deploymentJourney(api),
      ...mainJourney(api, createSandboxClient(demo.urls.entra)),
    ]
    const passed = await runSteps(steps, (line) => printed.push(line))
    expect(passed, printed.join('\n')).toBe(true)
    await api.expect(200, 'GET', '/v1/events?limit=200')

    const files = await readFilesBelow(demo.databaseFolder)
    expect(files.length).toBeGreaterThan(0)
    const database = Buffer.concat(files).toString('latin1')
    const canaries = [
      ...demo.world.entra.issuedSecrets(),
      ...[secrets.current, demo.rootApiKey, 'BEGIN PRIVATE KEY'],
      ...secretsShownOnce(responses),
    ]
    expect(canaries.length).toBeGreaterThan(20)
    const searched = responses.filter((response) => !showsSecret(response))
    expect(searched.length).toBeGreaterThan(50)
    expect(log.length).toBeGreaterThan(50)
    const texts = {
      log: log.join('\n'),
      database,
      ...Object.fromEntries(
        searched.map(({ source, text }, index) => [`${index} ${source}`, text]),
      ),
    }
    const leaks = Object.entries(texts).flatMap(([source, text]) =>
      canaries
        .filter((secret) => encodingsOf(secret).some((encoded) => text.includes(encoded)))
        .map((secret) => `${source}: ${secret.slice(0, 12)}...`),
    )
    expect(leaks).toEqual([])
  },
)

it(
  'reports an inconclusive validation with its reason when the checker is missing',
  async () => {
    const demo = await startDemo({ ports: 'free', without: ['checker'] })
    onTestFinished(demo.stop)
    const api = createApi(demo.urls.api, demo.rootApiKey)
    const printed: string[] = []
    const passed = await runSteps(mainJourney(api, createSandboxClient(demo.urls.entra)), (line) =>
      printed.push(line),
    )
    expect(passed).toBe(false)
    expect(printed.at(-1)).toMatch(/^FAIL .*Validate IMAP.*inconclusive.*checker/)
  },
  TIMEOUT_MS,
)
