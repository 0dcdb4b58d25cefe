/**
 * Builds the files that browsers load into `.assets/`, where each is served at its own path, and the server for Node
 * into `dist/`. With `--worker`, as wrangler runs it, it builds the bundle of the Worker in place of that server. The
 * build is reproducible, and an unchanged file is not touched, so a server or watcher of the folder never sees a
 * partial file, or a change without one in the source.
 */
import { existsSync, readFileSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { type BuildOptions, build as bundle } from 'esbuild'
import { readMigrations } from './node/migrations.ts'

const root = join(import.meta.dirname, '..')
const out = join(root, '.assets')

/** Entry points by the path of the bundle. */
const bundled = {
  'console/console.css': 'api/console/console.css',
  'connect.js': 'api/connect/connect.ts',
  'docs/docs.js': 'api/docs/browser/docs.ts',
  'docs/docs.css': 'api/docs/docs.css',
  'oauth/page.css': 'api/pages/page.css',
}

/** The console. Pages that few visits open become separate files, named by their content. */
const consoleBundle = { 'console/console.js': 'api/console/main.tsx' }

/** Classic scripts by path: this one reads `document.currentScript`, which modules lack. */
const scripts = { 'oauth/page.js': 'api/pages/page.js' }

/** Files served unchanged, by path. */
const copied = {
  'console/index.html': 'api/console/index.html',
  'connect.d.ts': 'api/connect/published.d.ts',
  'docs/app-only.ps1': 'api/setup/app-only.ps1',
  'docs/app-only.sh': 'api/setup/app-only.sh',
  'docs/grafana.json': 'api/grafana.json',
  'docs/prometheus-alerts.yaml': 'api/prometheus-alerts.yaml',
  'docs/setup.ps1': 'api/setup/setup.ps1',
  'docs/setup.sh': 'api/setup/setup.sh',
  'icon.svg': 'api/icon.svg',
  'mailgrant-token': 'test/examples/mailgrant-token',
  'openapi.json': 'schema/openapi.json',
}

/** The documentation: a module that makes its pages, and the folders of its Markdown files. */
const SITE = 'api/docs/site.tsx'
const GUIDES = 'api/docs/guides'
const MAIL_PROGRAMS = 'test/examples/mail-programs'

/** Targets browsers of the last three years. No source maps: the sources are public anyway. */
const options: BuildOptions = {
  absWorkingDir: root,
  outdir: out,
  write: false,
  bundle: true,
  minify: true,
  target: ['es2022', 'chrome120', 'firefox121', 'safari17'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'error',
}

/** Returns esbuild's entry points: its output names have no extension. */
const entryPoints = (files: Record<string, string>) =>
  Object.entries(files).map(([path, source]) => ({
    in: source,
    out: path.replace(/\.[^.]+$/, ''),
  }))

type Files = Map<string, Uint8Array>
type SiteModule = typeof import('./docs/site.tsx')
type MarkdownFile = import('./docs/markdown.ts').MarkdownFile

async function build(): Promise<Files> {
  const results = await Promise.all([
    bundle({ ...options, write: false, format: 'esm', entryPoints: entryPoints(bundled) }),
    bundle({
      ...options,
      write: false,
      format: 'esm',
      splitting: true,
      chunkNames: 'console/[name]-[hash]',
      entryPoints: entryPoints(consoleBundle),
    }),
    bundle({ ...options, write: false, format: 'iife', entryPoints: entryPoints(scripts) }),
  ])
  const files: Files = new Map()
  for (const { path, contents } of results.flatMap(({ outputFiles }) => outputFiles)) {
    files.set(relative(out, path), contents)
  }
  for (const [path, source] of Object.entries(copied)) {
    files.set(path, await readFile(join(root, source)))
  }
  for (const [path, text] of await buildPages()) files.set(path, Buffer.from(text))
  return files
}

/** Returns the pages of the documentation by path. Bundles the module that makes them, since Node does not run JSX. */
async function buildPages(): Promise<[path: string, text: string][]> {
  const { outputFiles } = await bundle({
    absWorkingDir: root,
    entryPoints: [SITE],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    alias: { zod: './api/zod/zod.ts' },
  })
  const code = Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')
  const { buildSite }: SiteModule = await import(`data:text/javascript;base64,${code}`)
  const site = buildSite({
    openapi: JSON.parse(await readFile(join(root, copied['openapi.json']), 'utf8')),
    guides: await readMarkdown(GUIDES),
    mailPrograms: await readMarkdown(MAIL_PROGRAMS),
    readText: (path) => readFileSync(join(root, path), 'utf8'),
  })
  return [...site].map(([path, text]) => [path.slice(1), text])
}

async function readMarkdown(folder: string): Promise<MarkdownFile[]> {
  const names = (await readdir(join(root, folder))).filter((name) => name.endsWith('.md')).sort()
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(root, folder, name), 'utf8') })),
  )
}

/** Writes each changed file atomically: several processes often build at once. */
async function write(files: Files, to: string): Promise<void> {
  const scratch = join(root, '.wrangler')
  await mkdir(scratch, { recursive: true })
  const folder = await mkdtemp(join(scratch, 'assets-'))
  try {
    for (const [path, contents] of files) {
      const target = join(to, path)
      const present = await readFile(target).catch(() => null)
      if (present?.equals(contents)) continue
      const fresh = join(folder, path.replaceAll('/', '+'))
      await writeFile(fresh, contents)
      await mkdir(dirname(target), { recursive: true })
      await rename(fresh, target)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function removeOthers(files: Files, to: string): Promise<void> {
  const present = await readdir(to, { recursive: true, withFileTypes: true })
  for (const entry of present) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !files.has(relative(to, path))) await rm(path, { force: true })
  }
}

/** Folders and files from which the server is made. */
const SOURCES = ['api', 'checker', 'schema', 'test/examples', 'node_modules/.package-lock.json']
const SERVER = join(root, 'dist/mailgrant.js')

/** Returns true if no source is newer than the server. A folder is newer when a file was deleted from it. */
async function isCurrent(): Promise<boolean> {
  const built = await stat(SERVER).catch(() => null)
  if (built === null || !existsSync(out)) return false
  const paths = await Promise.all(
    SOURCES.map(async (source) => {
      const inside = source.endsWith('.json')
        ? []
        : await readdir(join(root, source), { recursive: true })
      return [source, ...inside.map((path) => join(source, path))]
    }),
  )
  const times = await Promise.all(
    paths.flat().map(async (path) => (await stat(join(root, path))).mtimeMs),
  )
  return Math.max(...times) < built.mtimeMs
}

/** Bundles the server into `dist/mailgrant.js`. */
export const buildServer = () => bundleForNode('api/node/main.ts', SERVER)

/** Bundles the checker into `dist/checker.js`, which takes 40 MB less than the sources. */
export const buildChecker = () => bundleForNode('checker/main.ts', join(root, 'dist/checker.js'))

/** Bundles the command that checks one mailbox into `dist/check-mailbox.js`. */
export const buildCheckMailbox = () =>
  bundleForNode('checker/check-mailbox.ts', join(root, 'dist/check-mailbox.js'))

/**
 * Bundles a program for Node, which does not run JSX. The bundle needs nothing from node_modules. Neither minified nor
 * with a source map: names and lines stay readable in a stack, and the map would take 40 MB of the process. Replaces
 * the old one atomically, since several processes may build and run it. Its time is that of the beginning of the
 * build, so that a source that was changed meanwhile is newer.
 */
async function bundleForNode(entryPoint: string, outfile: string): Promise<void> {
  const migrations = readMigrations(join(root, 'schema/d1/migrations'))
  const began = new Date()
  const { outputFiles } = await bundle({
    absWorkingDir: root,
    entryPoints: [entryPoint],
    outfile,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'error',
    alias: {
      zod: './api/zod/zod.ts',
      '@asteasolutions/zod-to-openapi': './api/zod/no-openapi.ts',
    },
    // A string in the source, since esbuild would load an object in each module.
    define: { BUNDLED_MIGRATIONS: JSON.stringify(JSON.stringify(migrations)) },
    // CommonJS packages in the bundle load Node's modules with require().
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
  await mkdir(dirname(outfile), { recursive: true })
  const fresh = `${outfile}.${process.pid}`
  await writeFile(fresh, outputFiles[0]?.contents ?? '')
  await utimes(fresh, began, began)
  await rename(fresh, outfile)
}

/** Builds all files. Rejects when a source is missing or does not compile, and leaves the old files. */
export async function buildAssets(to = out): Promise<void> {
  const files = await build()
  await write(files, to)
  await removeOthers(files, to)
}

/** Builds everything that `npm start` runs, unless it is newer than its sources. */
export async function buildIfStale(): Promise<void> {
  if (await isCurrent()) return
  await buildAssets()
  await buildServer()
}

if (import.meta.main) {
  if (process.argv.includes('--if-stale')) await buildIfStale()
  else if (process.argv.includes('--worker')) {
    // Imported here, since it needs development packages.
    const { buildWorker } = await import('./build-worker.ts')
    await Promise.all([buildAssets(), buildWorker()])
  } else if (process.argv.includes('--checker')) await buildChecker()
  else await Promise.all([buildAssets(), buildServer()])
}
