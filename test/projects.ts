/** The projects of Vitest, and the rule by which a test runs on one runtime or on both. */
import { execFileSync } from 'node:child_process'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import type { TestProjectInlineConfiguration } from 'vitest/config'

export const root = new URL('..', import.meta.url).pathname

/**
 * True if all tests run, because of FULL=true or because the command line lists files. False if only those of every
 * commit run.
 */
export const full =
  process.env.FULL === 'true' ||
  process.argv.some((part) => part.startsWith('test/') && !part.endsWith('.config.ts'))

/** Start of the random trials: different for each commit, or SEED to repeat a failure. */
export const seed = Number(process.env.SEED ?? seedOfCommit())

function seedOfCommit(): number {
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, stdio: 'pipe' })
    return Number.parseInt(commit.toString().slice(0, 7), 16)
  } catch {
    // This is a copy of the files without their history.
    return 1
  }
}

/** Values that tests read with `inject()`, on either runtime. */
export const provide = { full, seed }

declare module 'vitest' {
  interface ProvidedContext {
    full: boolean
    seed: number
  }
}

export const API_TESTS = 'test/api/**/*.test.{ts,tsx}'

/** Tests of the product in Node: its files, sockets and processes, and SQLite itself. */
const OWN_SERVER = 'test/api/node/**'

/** Tests of the Worker's entry: its bindings, rate limiters and scheduled events. */
const EDGE_ONLY = 'test/api/worker.test.ts'

/** Tests of code that uses the runtime's cryptography, but no database or binding. */
const CRYPTOGRAPHY =
  'test/api/{entra/{certificate,client-auth,id-token.signature,pkce,signing-keys},store/seal}.test.ts'

/** The test that opens the databases of released versions. It has no case before the first release. */
const UPGRADE_TEST =
  globSync('test/releases/*.sql', { cwd: root }).length > 0 ? ['test/releases/upgrade.test.ts'] : []

const routes = readdirSync(join(root, 'api/routes')).map((name) => name.replace(/\.tsx?$/, ''))

/**
 * The API's tests that run in workerd for every commit. `FULL=true` adds the others that reach the
 * database or a binding. In Node, all of them run for every commit.
 */
export const ON_WORKERD: Readonly<Record<string, string>> = {
  [EDGE_ONLY]: "the Worker's entry",
  'test/api/{app,openapi}.test.ts': 'the app as a whole, and its document',
  'test/api/{d1,round-trips}.test.ts': 'what the product expects of D1, and how often it asks',
  'test/api/store/*': 'the statements, whose plans each test file checks',
  'test/api/{access-epoch,bound-rows}.test.ts': 'what ends all access, and rows that others wrote',
  'test/api/domain/tokens/*': 'leases and fences, which D1 must keep',
  [`test/api/routes/{${routes.join(',')}}.test.ts`]: 'the test of each file of api/routes',
  'test/api/{diagnosis/routes,domain/{admin-consent,key-ring,readiness}}.test.ts':
    'routes whose tests stand elsewhere',
  [CRYPTOGRAPHY]: "workerd's cryptography, which is not Node's",
}

/** Tests in Node that take minutes of CPU time, for code that seldom changes. They need `FULL=true`. */
export const SLOW_TESTS = [
  'test/api/node/first-start.process.test.ts',
  'test/d1-backup.process.test.ts',
]

const reached = new Map<string, boolean>()

/** Tells whether a file of the tests reaches the database or a binding, by what it imports. */
export function reachesBindings(file: string): boolean {
  const known = reached.get(file)
  if (known !== undefined) return known
  reached.set(file, false)
  const source = readFileSync(join(root, file), 'utf8')
  const names = [...source.matchAll(/(?:from|import) ?\(?'(.+?)'/g)].map(([, name = '']) => name)
  const inTests = names
    .filter((name) => name.startsWith('.'))
    .map((name) => join(file, '..', name))
    .filter((path) => path.startsWith('test/') && /(?<!\.d)\.tsx?$/.test(path))
  const reaches =
    names.some((name) => name.startsWith('cloudflare:')) || inTests.some(reachesBindings)
  reached.set(file, reaches)
  return reaches
}

/** Returns where one of the API's tests runs. Ignores those of `OWN_SERVER`. */
export function runtimesOf(file: string): 'both' | 'edge' | 'node' | 'both with FULL=true' {
  if (file === EDGE_ONLY) return 'edge'
  if (!reachesBindings(file) && !matchesGlob(file, CRYPTOGRAPHY)) return 'node'
  const always = Object.keys(ON_WORKERD).some((files) => matchesGlob(file, files))
  return always ? 'both' : 'both with FULL=true'
}

/** Returns the API's tests apart from those of `OWN_SERVER`. */
export const apiTests = (): string[] =>
  globSync(API_TESTS, { cwd: root, exclude: [OWN_SERVER] }).sort()

/** Returns the tests that run in workerd. */
export const workerdTests = (): string[] =>
  apiTests().filter((file) => {
    const runtimes = runtimesOf(file)
    return runtimes === 'both' || runtimes === 'edge' || (full && runtimes !== 'node')
  })

/**
 * Limits that only a hang exceeds, in milliseconds: Vitest's own 5 s (1 s
 * for what is polled) are too little for a machine that does other things beside the tests.
 */
export const patience = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 20_000 } },
}

const substitute = (name: string) => `${root}test/api/node/cloudflare-${name}.ts`

/** The API's tests in Node, on D1's interface over node:sqlite. */
export const sqlite: TestProjectInlineConfiguration = {
  root,
  resolve: {
    alias: {
      'cloudflare:workers': substitute('workers'),
      'cloudflare:test': substitute('test'),
    },
  },
  test: {
    ...patience,
    name: 'sqlite',
    provide,
    isolate: false,
    setupFiles: ['test/api/node/setup.ts', 'test/api/setup.ts'],
    include: [API_TESTS, ...UPGRADE_TEST],
    // Those of `OWN_SERVER` run in the project `node`, without substitutes.
    exclude: [EDGE_ONLY, OWN_SERVER],
  },
}
