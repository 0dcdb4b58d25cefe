import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { spawnProduct, startProduct } from './product-process.ts'

/** The test starts the product dozens of times. */
const SLOW = { timeout: 900_000 }

/** Kills the process with SIGKILL before its KILL_AT-th step: a change of a file or of the database. */
const KILLER = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  import { DatabaseSync } from 'node:sqlite'
  let step = 0
  function before(object, name, counts = () => true) {
    const original = object[name]
    object[name] = function (...args) {
      if (counts(...args) && ++step === Number(process.env.KILL_AT)) process.kill(process.pid, 'SIGKILL')
      return original.apply(this, args)
    }
  }
  for (const name of ['mkdirSync', 'openSync', 'writeFileSync', 'renameSync']) before(fs, name)
  before(DatabaseSync.prototype, 'exec', (sql) => /BEGIN|COMMIT/.test(sql))
  syncBuiltinESMExports()
`)}`

it('recovers from a crash at any step of the first start', SLOW, async () => {
  const seen = { withoutKeys: 0, withoutDatabase: 0, withoutRootKey: 0 }
  for (let step = 1; ; step++) {
    const dataDir = join(createTemporaryFolder(), 'data')
    const has = (name: string) => existsSync(join(dataDir, name))

    await using first = await spawnProduct({
      dataDir,
      nodeOptions: ['--import', KILLER],
      env: { KILL_AT: String(step) },
    })
    const running = first.waitForOutput(/Mailgrant is running at/).then(
      () => true,
      () => false,
    )
    if (await running) break
    expect((await first.ended).signal).toBe('SIGKILL')
    if (!has('encryption-keys')) seen.withoutKeys++
    else if (!has('mailgrant.sqlite')) seen.withoutDatabase++
    else if (!has('root-key-hash')) seen.withoutRootKey++
    // Nothing is encrypted with a key that may be lost.
    expect(has('mailgrant.sqlite') && !has('encryption-keys'), `step ${step}`).toBe(false)

    await using second = await startProduct({ dataDir })
    const key = readFileSync(join(dataDir, 'root-key'), 'utf8').trim()
    const headers = { authorization: `Bearer ${key}` }
    const response = await fetch(`${second.url}/v1/key-ring`, { headers })
    expect(response.status, `step ${step}`).toBe(200)
  }
  // The crashes came at every stage.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(0)
})
