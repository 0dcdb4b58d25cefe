/**
 * `npm run demo`: reads the command line, starts the demo, says what runs where, and ends it on
 * Ctrl-C, SIGTERM or a closed terminal.
 */
import { parseArgs } from 'node:util'
import { leaveKey, takeKeyBack } from './demo/key-file.ts'
import { type Demo, startDemo } from './demo/launch.ts'
import { PARTS, type Part } from './demo/ports.ts'
import { introduction, nextSteps } from './demo/text.ts'

const usage = `Usage: npm run demo -- [--keep] [--without PART]... [--free-ports] [--verbose]

  --keep            keeps database and keys in .wrangler/demo for the next run
  --without PART    leaves a part out: ${PARTS.join(', ')}
  --free-ports      takes free ports, for a second demo beside the first
  --verbose         shows what the Worker and the checker write

ROOT_API_KEY (32 characters or more) is taken from the environment, or made and printed.`

const isPart = (text: string): text is Part => (PARTS as readonly string[]).includes(text)

function readArguments() {
  const { values } = parseArgs({
    options: {
      keep: { type: 'boolean', default: false },
      without: { type: 'string', multiple: true, default: [] },
      'free-ports': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const named = values.without.flatMap((text) => text.split(','))
  const unknown = named.find((text) => !isPart(text))
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}".`)
  return { ...values, without: named.filter(isPart) }
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

const end = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // npm passes a Ctrl-C on to a process that has had it from the terminal: the second one is no news.
  process.on(name, () => end.abort())
}

let demo: Demo
try {
  console.log('Starting the demo…')
  demo = await startDemo({
    keep: options.keep,
    ...(options['free-ports'] ? { ports: 'free' as const } : {}),
    without: options.without,
    rootApiKey: process.env.ROOT_API_KEY,
    signal: end.signal,
    onLine: (part, line) => {
      if (options.verbose) console.log(`${part.padEnd(7)} | ${line}`)
    },
  })
} catch (error) {
  if (end.signal.aborted) process.exit(0)
  fail(`The demo did not start.\n${messageOf(error)}`)
}

// For the smoke test and the README's lines, on this machine and for this user only.
await leaveKey(demo.rootApiKey)
const checkerRuns = !options.without.includes('checker')
console.log(introduction(demo, checkerRuns))
console.log(checkerRuns ? 'ready' : 'ready (without checker)')
console.log(nextSteps(demo))

const stopped = new Promise<null>((resolve) => {
  if (end.signal.aborted) resolve(null)
  end.signal.addEventListener('abort', () => resolve(null), { once: true })
})
const failure = await Promise.race([stopped, demo.failed])
if (failure !== null) console.error(failure)
await Promise.all([demo.stop(), takeKeyBack()])
process.exit(failure === null ? 0 : 1)
