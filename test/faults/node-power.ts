/**
 * Loss of power under Mailgrant in Node, which SIGKILL cannot simulate. Every acknowledged write must have been
 * flushed to the disk. Only a part of the WAL or of a checkpoint might have got there. The file must then open with
 * each transaction that is complete, and nothing of the next one.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startOnFile } from '../api/node/file-world.ts'
import { startProduct } from '../api/node/product-process.ts'
import { createApi } from '../journeys/api.ts'
import { seeded } from '../seeded.ts'
import { createTally, type Kind, SEED, type Size } from './kinds.ts'

const SIZES = { small: { cuts: 5, writes: 10 }, full: { cuts: 50, writes: 200 } } as const
/** Transactions before the WAL begins, and in it. */
const TRANSACTIONS = { checkpointed: 10, logged: 40 }
const ROOT_KEY = 'mg_root_power-power-power-power-power-power'

export async function nodePower(size: Size): Promise<Kind[]> {
  const { cuts, writes } = SIZES[size]
  const folder = await mkdtemp(join(tmpdir(), 'mailgrant-power-'))
  const tally = createTally()
  try {
    const recorded = await record(join(folder, 'recorded'))
    await cutFiles(tally, recorded, join(folder, 'cut'), cuts)
    if (spawnSync('strace', ['-V']).error === undefined) await countFlushes(tally, folder, writes)
    else if (size === 'full') throw new Error('strace is not installed')
    else console.log('flushes are not counted: strace is not installed')
  } finally {
    await rm(folder, { recursive: true })
  }
  return tally.kinds()
}

type Recorded = {
  /** The file before and after the checkpoint of the WAL. */
  before: Buffer
  after: Buffer
  wal: Buffer
  /** Size of the WAL after each of its transactions. */
  ends: number[]
}

/** Stores API keys, each with its event, and records the files that a power failure would find. */
async function record(folder: string): Promise<Recorded> {
  await mkdir(folder)
  const path = join(folder, 'mailgrant.sqlite')
  const { d1, createKey, close } = startOnFile(path)
  const wal = () => readFile(`${path}-wal`)
  const ends: number[] = []
  const total = TRANSACTIONS.checkpointed + TRANSACTIONS.logged
  for (let at = 0; at < total; at += 1) {
    if (at === TRANSACTIONS.checkpointed) await d1.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    const { status } = await createKey(`key ${at}`)
    if (status !== 201) throw new Error(`a key gets ${status}`)
    if (at >= TRANSACTIONS.checkpointed) ends.push((await wal()).length)
  }
  const [before, logged] = await Promise.all([readFile(path), wal()])
  await d1.exec('PRAGMA wal_checkpoint(PASSIVE)')
  const after = await readFile(path)
  close()
  return { before, after, wal: logged, ends }
}

async function cutFiles(
  tally: ReturnType<typeof createTally>,
  { before, after, wal, ends }: Recorded,
  folder: string,
  cuts: number,
): Promise<void> {
  const random = seeded(SEED)
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => random(256)))
  for (let trial = 0; trial < cuts; trial += 1) {
    const cut = random(wal.length + 1)
    const whole = ends.filter((end) => end <= cut).length
    const begin = wal.subarray(0, cut)
    await tally.trial('a WAL that is cut', () =>
      expectKeys(folder, before, begin, whole, `cut at byte ${cut}`),
    )
    const torn = Buffer.concat([begin, noise(wal.length - cut)])
    await tally.trial('a WAL that ends in noise', () =>
      expectKeys(folder, before, torn, whole, `noise from byte ${cut}`),
    )
    const written = random(after.length + 1)
    const mixed = Buffer.concat([after.subarray(0, written), before.subarray(written)])
    await tally.trial('a checkpoint that is cut', () =>
      expectKeys(folder, mixed, wal, ends.length, `checkpoint of ${written} bytes`),
    )
  }
}

/** Opens a file with its WAL. Returns what it lacks, or has too much. */
async function expectKeys(
  folder: string,
  file: Buffer,
  wal: Buffer,
  whole: number,
  title: string,
): Promise<string[]> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  const path = join(folder, 'mailgrant.sqlite')
  await Promise.all([writeFile(path, file), writeFile(`${path}-wal`, wal)])
  const { d1, createKey, close } = startOnFile(path)
  const failures: string[] = []
  const expected = TRANSACTIONS.checkpointed + whole
  const names = Array.from({ length: expected }, (_, at) => `key ${at}`)
  const { results } = await d1
    .prepare('SELECT name FROM api_keys ORDER BY CAST(substr(name, 5) AS INTEGER)')
    .all<{ name: string }>()
  if (results.map(({ name }) => name).join() !== names.join())
    failures.push(`${title}: ${results.length} keys of ${expected}`)
  const events = await d1
    .prepare("SELECT count(*) AS rows FROM events WHERE type = 'api_key.created'")
    .first('rows')
  if (events !== expected) failures.push(`${title}: ${events} events of ${expected}`)
  const check = await d1.prepare('PRAGMA integrity_check').first('integrity_check')
  if (check !== 'ok') failures.push(`${title}: ${check}`)
  const { status } = await createKey('the next one')
  if (status !== 201) failures.push(`${title}: the next write gets ${status}`)
  close()
  return failures
}

/** Traces the flushes of the server while it stores API keys one after the other. */
async function countFlushes(
  tally: ReturnType<typeof createTally>,
  folder: string,
  writes: number,
): Promise<void> {
  await using product = await startProduct({ env: { ROOT_API_KEY: ROOT_KEY } })
  const api = createApi(product.url, ROOT_KEY)
  const trace = join(folder, 'trace')
  const strace = spawn(
    'strace',
    ['-f', '-y', '-ttt', '-e', 'trace=fsync,fdatasync', '-o', trace, '-p', String(product.pid)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  // strace prints a line when it is attached.
  await once(strace.stderr, 'data')
  const spans: { begin: number; end: number; status: number }[] = []
  for (let at = 0; at < writes; at += 1) {
    const begin = epochSeconds()
    const { status } = await api.call('POST', '/v1/api-keys', {
      name: `key ${at}`,
      scopes: ['read'],
    })
    spans.push({ begin, end: epochSeconds(), status })
  }
  strace.kill('SIGINT')
  await once(strace, 'close')
  const lines = (await readFile(trace, 'utf8')).split('\n')
  const flushes = lines
    .filter((line) => /sync\(\d+<.*mailgrant\.sqlite-wal>/.test(line))
    .map((line) => Number(/\d+\.\d+/.exec(line)?.[0]))
  for (const [at, { begin, end, status }] of spans.entries()) {
    await tally.trial('a flush of the WAL before each acknowledged write', async () => {
      if (status !== 201) return [`write ${at} gets ${status}`]
      const flushed = flushes.some((time) => time >= begin && time <= end)
      return flushed ? [] : [`write ${at} of ${writes} was acknowledged without a flush`]
    })
  }
}

const epochSeconds = () => (performance.timeOrigin + performance.now()) / 1000
