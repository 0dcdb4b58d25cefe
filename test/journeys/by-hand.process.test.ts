/** Runs "The main job by hand" of test/examples/README.md as it is printed, with the ids and ports of this run. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { startDemo } from '../sandbox/demo/launch.ts'
import { createTemporaryFolder } from '../temporary-folder.ts'
import { ALICE } from './admin.ts'
import { createApi } from './api.ts'
import { signIn } from './sandbox-client.ts'

it('the main job works with curl, as the examples show it', { timeout: 120_000 }, async () => {
  const demo = await startDemo({ ports: 'free', checker: 'inside', without: ['third-party'] })
  onTestFinished(demo.stop)
  const folder = createTemporaryFolder()
  mkdirSync(join(folder, '.wrangler'))
  writeFileSync(join(folder, '.wrangler/demo.key'), demo.rootApiKey)

  const readme = readFileSync(new URL('../examples/README.md', import.meta.url), 'utf8')
  const [, code = ''] = /^```sh\n(.*?)^```$/ms.exec(readme) ?? []
  const [setUp = '', app = '', consent = '', validate = '', , token = ''] =
    code.split(/^# \d\. .*$/m)
  const [create = '', outcome = ''] = consent.split('\n').filter((line) => line.startsWith('api '))

  const ids = new Map<string, string>()
  const run = async (part: string): Promise<string> => {
    const script = `${setUp}\n${part}`
      .replaceAll('http://localhost:8787', demo.urls.api)
      .replaceAll('9993', String(demo.ports.imapTls))
      .replaceAll(/\b(az|gr|ma)_\.\.\./g, (_id, kind) => ids.get(kind) ?? '')
    return (await promisify(execFile)('bash', ['-euc', script], { cwd: folder })).stdout
  }
  const answerOf = async (part: string) => JSON.parse(await run(part))
  await run(app)
  const { id, url } = await answerOf(create)
  ids.set('az', id)
  await signIn(url, ALICE, createApi(demo.urls.api, demo.rootApiKey))
  const { grant } = await answerOf(outcome)
  ids.set('gr', grant.id)
  expect(await answerOf(validate)).toMatchObject({ outcome: 'passed' })
  ids.set('ma', (await answerOf(validate.replace('/validations', '/mail-accounts'))).id)
  expect(await answerOf(token)).toMatchObject({ username: ALICE, token_type: 'Bearer' })
})
