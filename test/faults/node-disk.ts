/**
 * Mailgrant in Node on a small disk (a tmpfs, which only root can mount) that fills up, is full at the start, or is
 * read-only: what is returned and logged, and what is kept.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Product, spawnProduct, startProduct } from '../api/node/product-process.ts'
import { createApi } from '../journeys/api.ts'
import { createTally, type Kind, type Size } from './kinds.ts'

const ROUNDS = { small: 1, full: 5 } as const
const DISK = '8m'
const ROOT_KEY = 'mg_root_disk-disk-disk-disk-disk-disk-disk'
const env = { ROOT_API_KEY: ROOT_KEY }

export async function nodeDisk(size: Size): Promise<Kind[]> {
  const tally = createTally()
  for (let round = 0; round < ROUNDS[size]; round += 1) {
    const disk = mountDisk()
    if (disk === null) {
      if (size === 'full') throw new Error('a tmpfs cannot be mounted: run this as root')
      await tally.trial('not tried: only root can mount a tmpfs', async () => [])
      return tally.kinds()
    }
    try {
      const keys: string[] = []
      await tally.trial('a disk that fills up', () => fillWhileRunning(disk, keys))
      await tally.trial('a start on a full disk', () => startOnFullDisk(disk, keys))
      await tally.trial('a start on a read-only disk', () => startReadOnly(disk, keys))
    } finally {
      disk.unmount()
    }
  }
  return tally.kinds()
}

type Disk = NonNullable<ReturnType<typeof mountDisk>>

/** Returns null without the right to mount. */
function mountDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'mailgrant-disk-'))
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, [...args, folder], { stdio: 'ignore' })
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs')
  } catch {
    rmSync(folder, { recursive: true })
    return null
  }
  const filling = join(folder, 'filling')
  return {
    dataDir: join(folder, 'data'),
    fill() {
      mkdirSync(filling)
      let file = 0
      for (const bytes of [65_536, 4096]) {
        try {
          for (;;) {
            file += 1
            writeFileSync(join(filling, String(file)), Buffer.alloc(bytes))
          }
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        }
      }
    },
    empty: () => rmSync(filling, { recursive: true }),
    makeReadOnly: () => run('mount', '-o', 'remount,ro'),
    unmount() {
      run('umount')
      rmSync(folder, { recursive: true })
    },
  }
}

const apiOf = ({ url }: Product) => createApi(url, ROOT_KEY)

/** Stores an API key. Adds its name to `keys` if it was acknowledged. */
async function createKey(product: Product, keys: string[]) {
  const name = `key ${keys.length}`
  const response = await apiOf(product).call('POST', '/v1/api-keys', { name, scopes: ['read'] })
  if (response.status === 201) keys.push(name)
  return response
}

/** Returns a failure unless exactly the acknowledged keys are stored. */
async function differences(product: Product, keys: readonly string[], when: string) {
  const { body } = await apiOf(product).call('GET', '/v1/api-keys?limit=200')
  const stored = (body.data as { name: string }[]).map(({ name }) => name)
  return stored.toSorted().join() === keys.toSorted().join()
    ? []
    : [`${when}: ${stored.length} keys of ${keys.length}`]
}

async function fillWhileRunning(disk: Disk, keys: string[]): Promise<string[]> {
  await using product = await startProduct({ env, dataDir: disk.dataDir })
  const failures: string[] = []
  for (let at = 0; at < 20; at += 1) await createKey(product, keys)
  disk.fill()
  let refused = await createKey(product, keys)
  // SQLite overwrites frames that the WAL already has, so the first writes can still succeed.
  for (let at = 0; at < 100 && refused.status === 201; at += 1) {
    refused = await createKey(product, keys)
  }
  if (refused.status !== 503 || refused.body.code !== 'storage_unavailable')
    failures.push(`a full disk gets ${refused.status} ${refused.body.code}`)
  failures.push(...(await differences(product, keys, 'on the full disk')))
  const ready = await apiOf(product).call('GET', '/readyz')
  if (!JSON.stringify(ready.body).includes('The disk of the database has'))
    failures.push('the readiness does not name the disk')
  disk.empty()
  const later = await createKey(product, keys)
  if (later.status !== 201) failures.push(`with space again a write gets ${later.status}`)
  failures.push(...(await differences(product, keys, 'with space again')))
  disk.fill()
  return failures
}

/** The process before was killed, so that there is a WAL to recover. */
async function startOnFullDisk(disk: Disk, keys: string[]): Promise<string[]> {
  const failures: string[] = []
  {
    await using product = await spawnProduct({ env, dataDir: disk.dataDir })
    const started = product.waitForOutput(/Mailgrant is running at/).then(
      () => true,
      () => false,
    )
    if (await started) failures.push(...(await differences(product, keys, 'on the full disk')))
    else {
      const { code, output } = await product.ended
      if (code !== 1 || !/disk (of [^ ]+ )?is full/.test(output))
        failures.push(`the start ends with ${code}: ${output}`)
    }
  }
  disk.empty()
  await using product = await startProduct({ env, dataDir: disk.dataDir })
  failures.push(...(await differences(product, keys, 'after the start with space')))
  await product.stop()
  return failures
}

async function startReadOnly(disk: Disk, keys: string[]): Promise<string[]> {
  disk.makeReadOnly()
  await using product = await spawnProduct({ env, dataDir: disk.dataDir })
  const { code, output } = await product.ended
  return code === 78 && /read-only|cannot be written/.test(output) && keys.length > 0
    ? []
    : [`the start ends with ${code}: ${output}`]
}
