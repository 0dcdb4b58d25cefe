/**
 * The product as `npm start` runs it: the bundle as a child process with its own environment, folder and
 * port, and without `.env`. The bundle is built when a source is newer than it.
 *
 *     await using product = await startProduct({ env: { ENTRA_AUTHORITY: entra.url } })
 *     await fetch(`${product.url}/readyz`)
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { buildIfStale } from '../../../api/build.ts'
import { freePorts } from '../../sandbox/free-ports.ts'

const BUNDLE = join(import.meta.dirname, '../../../dist/mailgrant.js')

export type ProductOptions = {
  env?: Record<string, string>
  args?: string[]
  /** Folder that outlives the process; default: a new one that goes with it. */
  dataDir?: string
  /** Working directory, in which `.env` is read; default: a new empty folder. */
  cwd?: string
  port?: number
  /** Copy of the bundle to run; default: the one in `dist/`. */
  bundle?: string
  /** Listening socket, passed as systemd would. The test process closes its own copy. */
  socket?: Server
  /** Runs it as this user, which only root can do. */
  uid?: number
  nodeOptions?: string[]
  /** Runs it at a pseudo terminal, in which `stop` presses Ctrl-C. */
  terminal?: boolean
}

export type Ended = { code: number | null; signal: NodeJS.Signals | null; output: string }

export type Product = AsyncDisposable & {
  url: string
  port: number
  pid: number
  dataDir: string
  /** Returns everything printed so far to both streams. */
  output: () => string
  /** Closes this end of both streams, as a reader that ends does. */
  closeOutput: () => void
  /** Resolves with the match when the output has it. Rejects if the process ends first. */
  waitForOutput: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Sends the signal and resolves when the process has ended. */
  stop: (signal?: NodeJS.Signals) => Promise<Ended>
  ended: Promise<Ended>
}

/** Returns whether the machine has the `script` of util-linux. */
const makesTerminals = () =>
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux')

/** Lets the process take its pipes for a terminal. */
const TAKES_PIPES = [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    'for (const stream of [process.stdout, process.stderr]) stream.isTTY = true',
  )}`,
]

let built: Promise<void> | undefined

/** Starts the product, after building it if necessary. Does not wait until the product listens. */
export async function spawnProduct(options: ProductOptions = {}): Promise<Product> {
  built ??= buildIfStale()
  await built
  const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port]
  const folder = mkdtempSync(join(tmpdir(), 'mailgrant-product-'))
  const { dataDir = join(folder, 'data'), cwd = folder } = options
  let [node, bundle] = [process.execPath, options.bundle ?? BUNDLE]
  if (options.uid !== undefined) {
    // Another user cannot reach a clone in a folder of root's own.
    chmodSync(folder, 0o755)
    copyFileSync(node, join(folder, 'node'))
    copyFileSync(bundle, join(folder, 'mailgrant.mjs'))
    ;[node, bundle] = [join(folder, 'node'), join(folder, 'mailgrant.mjs')]
  }
  const atPseudoTerminal = options.terminal === true && makesTerminals()
  const takesPipes = options.terminal && !atPseudoTerminal ? TAKES_PIPES : []
  const program = [node, ...takesPipes, ...(options.nodeOptions ?? []), bundle]
  // `exec` keeps the process id of the shell, which LISTEN_PID must state.
  const activated = ['sh', '-c', 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', 'sh']
  const words = [...(options.socket ? activated : []), ...program, ...(options.args ?? [])]
  const [command = '', ...args] = atPseudoTerminal
    ? ['script', '-qec', `exec ${words.map((word) => `'${word}'`).join(' ')}`, '/dev/null']
    : words
  const { fd } = (options.socket as { _handle?: { fd: number } } | undefined)?._handle ?? {}
  const child = spawn(command, args, {
    cwd,
    env: { PORT: String(port), DATA_DIR: dataDir, ...options.env },
    stdio: [atPseudoTerminal ? 'pipe' : 'ignore', 'pipe', 'pipe', fd ?? 'ignore'],
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>
  options.socket?.close()
  let output = ''
  let observers: (() => void)[] = []
  const observe = () => {
    for (const observer of observers) observer()
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text.replaceAll('\r', '')
      observe()
    })
  }
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, output }))
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    if (atPseudoTerminal && signal === 'SIGTERM') child.stdin?.write('\x03')
    else child.kill(signal)
    return ended
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    dataDir,
    output: () => output,
    closeOutput() {
      child.stdout.destroy()
      child.stderr.destroy()
    },
    waitForOutput: (pattern) =>
      new Promise((resolve, reject) => {
        const observer = () => {
          const match = pattern.exec(output)
          if (match === null) return
          observers = observers.filter((other) => other !== observer)
          resolve(match)
        }
        observers.push(observer)
        observer()
        ended.then(({ code, signal }) =>
          reject(new Error(`Mailgrant ended (${code ?? signal}) without ${pattern}:\n${output}`)),
        )
      }),
    stop,
    ended,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts it and resolves when it listens. Rejects with its output if it ends before. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const product = await spawnProduct(options)
  await product.waitForOutput(/Mailgrant is running at/).catch(async (error) => {
    await product[Symbol.asyncDispose]()
    throw error
  })
  return product
}

/** Runs it until it ends, for starts that are refused. */
export async function runProduct(options: ProductOptions = {}): Promise<Ended> {
  await using product = await spawnProduct(options)
  return await product.ended
}
