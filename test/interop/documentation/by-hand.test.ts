/** Runs the calls of test/examples/README.md, from the app registration to an access token, on a fresh demo. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApi } from '../../journeys/api.ts'
import { signIn } from '../../journeys/sandbox-client.ts'
import { type Demo, startDemo } from '../../sandbox/demo/launch.ts'
import { testedRuntime } from '../../sandbox/demo/runtime.ts'
import { createWorkshop, type Workshop } from './programs.ts'

const README = new URL('../../examples/README.md', import.meta.url)

let demo: Demo
let workshop: Workshop
beforeAll(async () => {
  demo = await startDemo({ runtime: testedRuntime(), ports: 'free', without: ['third-party'] })
  workshop = await createWorkshop()
})
afterAll(async () => {
  await workshop?.remove()
  await demo?.stop()
})

/** Returns the definitions at the start of the first block of code, and each call that follows. */
async function readCalls() {
  const code = /^```sh\n([\s\S]*?)^```$/m.exec(await readFile(README, 'utf8'))?.[1] ?? ''
  const [definitions = '', ...calls] = code
    .replace('http://localhost:8787', demo.urls.api)
    .replace('9993', `${demo.ports.imapTls}`)
    .split(/^(?=api )/m)
  return { definitions, calls }
}

it('the main job by hand works as written', async () => {
  const { definitions, calls } = await readCalls()
  const keyFile = 'mkdir -p .wrangler && printf %s "$MAILGRANT_KEY" >.wrangler/demo.key'
  async function run(call = '') {
    const code = `${keyFile}\n${definitions}\n${call}`
    const { exitCode, output } = await workshop.run('sh', code, { key: demo.rootApiKey })
    expect(exitCode, output).toBe(0)
    return JSON.parse(output)
  }
  const [activate, register, start, read, validate, fetchToken] = calls
  await run(activate)
  await run(register)
  const { id, url } = await run(start)
  await signIn(url, 'alice@contoso.test', createApi(demo.urls.api, ''))
  const { status, grant } = await run(read?.replace('az_...', id))
  expect(status).toBe('completed')
  const form = validate?.replace('gr_...', grant.id)
  expect((await run(form)).outcome).toBe('passed')
  const saved = await run(form?.replace('/validations', '/mail-accounts'))
  expect(saved.health).toBe('ok')
  const token = await run(fetchToken?.replace('ma_...', saved.id))
  expect(token.username).toBe('alice@contoso.test')
})
