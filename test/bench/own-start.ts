/**
 * (i) Start of the product in Node, from the start of the process to 200 at `/readyz`, with an existing database;
 * beside a bare Node process with a server of node:http.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePorts, until } from '../interop/ports.ts'
import type { BenchSetup } from './bench-setup.ts'
import { alternate, compare } from './blocks.ts'
import { startOwnServer } from './own-server.ts'
import { type Figure, ratioRow, sizeRow } from './table.ts'

const STARTS = 5

export async function ownStart({ product, servers }: BenchSetup): Promise<Figure> {
  const own = await startOwnServer(product, servers)
  try {
    const starts = await alternate(STARTS, own.restart, startBareProcess)
    const started = compare(starts.ours, starts.baseline)
    const medians = [started.ours.median, started.baseline.median] as const
    return {
      rows: [
        sizeRow('(i) Node: start to ready, ms', medians, { atMost: 2000 }),
        ratioRow('    beside a bare Node process, ms', started),
      ],
      notes: [
        `(i) from the start of the process to 200 at /readyz with an existing database; ${STARTS} starts, median; baseline: to`,
        '    the first response of `node --eval` with a server of node:http.',
      ],
    }
  } finally {
    await own.stop()
  }
}

const BARE = `require('node:http')
  .createServer((request, response) => response.end())
  .listen(Number(process.env.PORT), '127.0.0.1')`

async function startBareProcess(): Promise<number> {
  const [port = 0] = await freePorts(1)
  const started = performance.now()
  const child = spawn(process.execPath, ['--eval', BARE], {
    env: { PORT: String(port) },
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  try {
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}`).catch(() => null))?.status === 200,
      () => 'The bare Node process does not respond.',
    )
    return performance.now() - started
  } finally {
    child.kill()
    await exited
  }
}
