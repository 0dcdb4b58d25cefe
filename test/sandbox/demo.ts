/**
 * Runs the demo (`npm run demo`): parses the command line, starts everything, prints what runs
 * where, and stops it on Ctrl-C, SIGTERM or when the terminal closes.
 */
import { parseArgs } from 'node:util'
import { removeKeyFile, writeKeyFile } from './demo/key-file.ts'
import { type Demo, startDemo } from './demo/launch.ts'
import { PARTS, type Part } from './demo/ports.ts'
import { introduction, nextSteps } from './demo/text.ts'

const usage = `Usage: npm run demo -- [--edge] [--keep] [--without PART]... [--free-ports] [--verbose]

  --edge            run the product in workerd with a local D1 instead of Node with SQLite
  --keep            keep the database and keys in .data/demo for the next run
  --without PART    do not start a part: ${PARTS.join(', ')}
  --free-ports      use free ports, to run a second demo beside the first
  --verbose         show the output of the server and the checker

ROOT_API_KEY (at least 32 characters) is read from the environment, or generated and printed.
ALLOWED_ORIGINS of the environment is allowed besides the third-party page.`

const isPart = (text: string): text is Part => (PARTS as readonly string[]).includes(text)

function readArguments() {
  const { values } = parseArgs({
    options: {
      edge: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      without: { type: 'string', multiple: true, default: [] },
      'free-ports': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const names = values.without.flatMap((text) => text.split(','))
  const unknown = names.find((text) => !isPart(text))
  if (unknown !== undefined) throw new Error(`Unknown part "${unknown}".`)
  return { ...values, without: names.filter(isPart) }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

let options: ReturnType<typeof readArguments>
try {
  options = readArguments()
} catch (error) {
  fail(`${messageOf(error)}\n\n${usage}`)
}
if (options.help) {
  console.log(usage)
  process.exit(0)
}

const shutdown = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Ctrl-C arrives twice, from the terminal and from npm; the second signal must change nothing.
  process.on(name, () => shutdown.abort())
}

let demo: Demo
try {
  console.log('Starting the demo…')
  demo = await startDemo({
    runtime: options.edge ? 'edge' : 'node',
    keep: options.keep,
    ...(options['free-ports'] ? { ports: 'free' as const } : {}),
    without: options.without,
    // Empty counts as not set.
    rootApiKey: process.env.ROOT_API_KEY || undefined,
    allowedOrigins: process.env.ALLOWED_ORIGINS || undefined,
    signal: shutdown.signal,
    onLine: (part, line) => {
      if (options.verbose) console.log(`${part.padEnd(7)} | ${line}`)
    },
  })
} catch (error) {
  if (shutdown.signal.aborted) process.exit(0)
  fail(`The demo could not be started.\n${messageOf(error)}`)
}

// Lets the smoke test and the commands of the README find the key, for this user only.
await writeKeyFile(demo.rootApiKey)
const checkerRuns = !options.without.includes('checker')
console.log(introduction(demo, checkerRuns))
console.log(checkerRuns ? 'ready' : 'ready (without checker)')
console.log(nextSteps(demo))

const stopped = new Promise<null>((resolve) => {
  if (shutdown.signal.aborted) resolve(null)
  shutdown.signal.addEventListener('abort', () => resolve(null), { once: true })
})
const failure = await Promise.race([stopped, demo.failed])
if (failure !== null) console.error(failure)
await Promise.all([demo.stop(), removeKeyFile()])
process.exit(failure === null ? 0 : 1)
